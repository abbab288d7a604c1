"""Many senders at once, on our web chat or on stock Rasa's REST channel: the same questions, each reply looked at."""

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Protocol

import psutil

from bench.parts.figures import percentile
from bench.parts.machine import MeasurementFailed
from bench.parts.talk import QUESTIONS
from bench.parts.wire import PATIENCE, Wire

START = "/api/chat/v1/conversations"


class Sender(Protocol):
    """Somebody with a conversation of her own."""

    async def begins(self) -> None:
        """Get ready to write."""

    async def asks(self, question: str) -> str | None:
        """Send a question and wait for the reply; what tells one reply from another."""

    async def leaves(self) -> None:
        """Hang up."""


class ChatSender:
    """Writes by POST and hears the reply on her event stream, as the chat page does; `listens` may be another node."""

    def __init__(self, port: int, listens: int | None = None) -> None:
        self._port, self._listens = port, listens or port
        self._wires: list[Wire] = []
        self._last = 0

    async def begins(self) -> None:
        """Start a conversation and open its page."""
        async with Wire(self._port) as door:
            started = (await door.post(START, {"language": "es"})).json()
        self.conversation: str = started["conversation"]
        self._wires = [Wire(self._port, started["token"]), Wire(self._listens, started["token"])]
        self._events: AsyncIterator[tuple[str, dict[str, Any]]] = self._wires[1].events(
            f"{START}/{self.conversation}/events"
        )
        await self._hears(lambda message: message["seq"] == started["messages"][-1]["seq"])

    async def asks(self, question: str) -> str | None:
        """The topic of the reply. Raises MeasurementFailed when a message comes twice or out of order."""
        path = f"{START}/{self.conversation}/messages"
        sent = (await self._wires[0].post(path, {"id": uuid.uuid4().hex, "text": question})).json()["seq"]
        heard = await self._hears(lambda message: message["from"] == "assistant" and message["seq"] > sent)
        topic: str | None = heard.get("topic")
        return topic

    async def leaves(self) -> None:
        """Close both connections."""
        for wire in self._wires:
            await wire.close()

    async def _hears(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            name, data = await asyncio.wait_for(anext(self._events), PATIENCE)
            if name != "message":
                continue
            if data["seq"] != self._last + 1:
                raise MeasurementFailed(f"message {data['seq']} came behind {self._last}")
            self._last = data["seq"]
            if wanted(data):
                return data


class RestSender:
    """Writes to stock Rasa's REST channel, which answers in the response."""

    def __init__(self, port: int) -> None:
        self._wire = Wire(port)
        self._name = uuid.uuid4().hex

    async def begins(self) -> None:
        """Nothing: a new name is a new conversation."""

    async def asks(self, question: str) -> str | None:
        """The first line of what was said."""
        said = (await self._wire.post("/webhooks/rest/webhook", {"sender": self._name, "message": question})).json()
        return str(said[0]["text"]) if said else None

    async def leaves(self) -> None:
        """Hang up."""
        await self._wire.close()


@dataclass
class Side:
    """One product under load: how a sender of it is made, its processes by part, and what it should say."""

    name: str
    sender: Callable[[int], Sender]
    parts: dict[str, list[psutil.Process]]
    judged: bool = True  # whether a missing or another reply is a failure; of stock Rasa it is only counted
    expected: dict[str, set[str | None]] = field(default_factory=dict)

    async def learn(self) -> None:
        """Ask every question alone, and all of them in turn, twice: what it says then it must say later too.

        A reply depends on what was answered before: asked again, an answer that was given is not given whole.
        """
        self.expected = {question: set() for question in QUESTIONS}
        rounds = [*((question,) for question in QUESTIONS), (*QUESTIONS, *QUESTIONS)]
        for number, questions in enumerate(rounds):
            sender = self.sender(number)
            await sender.begins()
            for question in questions:
                self.expected[question].add(await sender.asks(question))
            await sender.leaves()
        missing = [question for question, said in self.expected.items() if not all(said)]
        if missing and self.judged:
            raise MeasurementFailed(f"{self.name} has no answer to: {missing[0]}")


@dataclass
class Phase:
    """What one crowd met: milliseconds of each message, the seconds in all, processor seconds by part."""

    times: list[float]
    seconds: float
    processor: dict[str, float]
    errors: int

    def as_json(self) -> dict[str, Any]:
        """Rounded for people."""
        return {
            "messages": len(self.times),
            "errors": self.errors,
            "per_second": round(len(self.times) / self.seconds, 1),
            "p50_ms": round(percentile(self.times, 0.5), 1),
            "p95_ms": round(percentile(self.times, 0.95), 1),
            "p99_ms": round(percentile(self.times, 0.99), 1),
            "processor_ms_per_message": {
                part: round(seconds * 1_000 / len(self.times), 2) for part, seconds in self.processor.items()
            },
        }


def in_turn(number: int) -> Iterator[str]:
    """The questions of the list, again and again; each sender begins elsewhere."""
    for place in count(number * 7):
        yield QUESTIONS[place % len(QUESTIONS)]


async def meet(side: Side, senders: int, length: int, questions: Callable[[int], Iterator[str]] = in_turn) -> Phase:
    """Let `senders` ask `length` questions each, one after the other, all senders at once.

    `questions` gives each sender, by its number, what it asks. Of what the side has not been asked before it only
    matters that there is a reply. Conversations are started before the clock runs.
    """
    crowd = [side.sender(number) for number in range(senders)]
    for sender in crowd:
        await sender.begins()
    before, began = _spent(side), time.perf_counter()
    made = await asyncio.gather(
        *(_ask_all(side, one, islice(questions(number), length)) for number, one in enumerate(crowd))
    )
    seconds = time.perf_counter() - began
    after = _spent(side)
    for sender in crowd:
        await sender.leaves()
    times = [one for done, _ in made for one in done]
    return Phase(times, seconds, {part: after[part] - before[part] for part in after}, sum(wrong for _, wrong in made))


async def _ask_all(side: Side, sender: Sender, questions: Iterable[str]) -> tuple[list[float], int]:
    times, wrong = [], 0
    for question in questions:
        began = time.perf_counter()
        said = await sender.asks(question)
        times.append((time.perf_counter() - began) * 1_000)
        wrong += said not in side.expected.get(question, {said})
    return times, wrong


def _spent(side: Side) -> dict[str, float]:
    """Processor seconds so far of each part, and of this program."""
    spent = {part: sum(_cpu(one) for one in processes) for part, processes in side.parts.items()}
    ours = os.times()
    return spent | {"senders": ours.user + ours.system}


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def together(phases: Iterable[Phase]) -> Phase:
    """Several rounds as one."""
    rounds = list(phases)
    times = [one for phase in rounds for one in phase.times]
    parts = {part: sum(phase.processor[part] for phase in rounds) for part in rounds[0].processor}
    return Phase(times, sum(phase.seconds for phase in rounds), parts, sum(phase.errors for phase in rounds))
