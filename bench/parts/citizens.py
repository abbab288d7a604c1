"""Citizens who never give up: on the web as the chat page does it, on Telegram through the emulator.

Each writes one to three questions, waits until they are answered, and goes on. What was accepted is noted, and what was
seen in return; `bench/parts/verdict.py` compares the two with the database at the end.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.parts.talk import QUESTIONS
from bench.parts.wire import Answer, Wire
from emulator.chats import Citizen
from emulator.description import Json
from emulator.emulator import Emulator

START = "/api/chat/v1/conversations"
BROKEN = (OSError, EOFError, TimeoutError, ValueError, IndexError)
PATIENCE = 20.0  # seconds for one request
ANSWER = 60.0  # seconds for an answer; then she writes on
LOOK = 0.7  # seconds between two looks of a page that does not listen
PEOPLE = ("waiting_staff", "staff")
BACK = "system.back"


@dataclass
class Notes:
    """What the citizens met, all together."""

    times: list[tuple[float, float]] = field(default_factory=list)  # accepted at, milliseconds until seen
    refusals: list[tuple[float, str]] = field(default_factory=list)  # when, how
    breaches: list[str] = field(default_factory=list)  # answers that break the API's promises

    def between(self, begin: float, end: float) -> tuple[list[float], Counter[str]]:
        """Milliseconds of what was accepted in that time, and the refusals of that time by kind."""
        times = [took for at, took in self.times if begin <= at < end]
        return times, Counter(how for at, how in self.refusals if begin <= at < end)


@dataclass(frozen=True)
class Accepted:
    """A message that got its 202."""

    id: str
    seq: int
    question: str | None  # None: a button
    at: float


@dataclass
class WebCitizen:
    """One conversation over the public API. `listens`: to the event stream; else she asks for what is new."""

    number: int
    ports: Sequence[int]
    notes: Notes
    listens: bool
    length: int | None = None  # messages; None: until told to stop
    conversation: str = ""
    accepted: list[Accepted] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.number)
        self._door = self._dice.randrange(len(self.ports))
        self._token = ""
        self._wire: Wire | None = None
        self._answered = 0  # messages with a line behind them on her page
        self._state = "assistant"
        self._news = asyncio.Event()

    @property
    def is_waiting(self) -> bool:
        """Whether a message of hers has no answer yet."""
        return self._answered < len(self.accepted)

    async def lives(self, stop: asyncio.Event) -> None:
        """Talk until told to stop, or until all is said."""
        await self._begins()
        listening = asyncio.create_task(self._hears()) if self.listens else None
        try:
            while not stop.is_set() and not self._is_done():
                for _ in range(self._dice.choice((1, 1, 2, 3))):
                    if not self._is_done():
                        await self._writes()
                await self._waits(stop)
                await asyncio.sleep(self._dice.uniform(0.1, 1.0))
        finally:
            if listening:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def looks(self) -> None:
        """See what there is to see by now."""
        while await self._reads() and len(self.seen) % 200 == 0:
            pass

    async def leaves(self) -> None:
        """Hang up."""
        if self._wire:
            await self._wire.close()

    def _is_done(self) -> bool:
        return self.length is not None and len(self.accepted) >= self.length

    async def _begins(self) -> None:
        started = (await self._insists("POST", START, {"language": "es"})).json()
        self.conversation, self._token = started["conversation"], started["token"]
        await self.leaves()
        self._wire = None
        for message in started["messages"]:
            self._sees(message)

    async def _writes(self) -> None:
        """The next question, or the button that brings the assistant back."""
        number = len(self.accepted)
        body = {"id": f"m{number:05d}"}
        question = None if self._state in PEOPLE else QUESTIONS[(self.number * 7 + number) % len(QUESTIONS)]
        body |= {"text": question} if question else {"button": BACK}
        answer = await self._insists("POST", f"{START}/{self.conversation}/messages", body)
        self.accepted.append(Accepted(body["id"], answer.json()["seq"], question, time.time()))
        if question is None:
            self._state = "assistant"

    async def _waits(self, stop: asyncio.Event) -> None:
        """Until each message has its answer; not for ever, since people may have the conversation."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER):
                while self._answered < len(self.accepted) and not stop.is_set():
                    if self.listens:
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(self._news.wait(), 5)
                        self._news.clear()
                    else:
                        await asyncio.sleep(LOOK)
                        await self._reads()
                    if self._state in PEOPLE:
                        break
        self._answered = len(self.accepted)

    async def _reads(self) -> int:
        """Ask for what is new; how much that was."""
        last = self.seen[-1]["seq"] if self.seen else 0
        page = (await self._insists("GET", f"{START}/{self.conversation}/messages?after={last}", None)).json()
        for message in page["messages"]:
            self._sees(message)
        self._state = page["state"]
        return len(page["messages"])

    async def _hears(self) -> None:
        """Listen, and listen again from the last message on when the stream breaks."""
        while True:
            wire = Wire(self._next_door(), self._token)
            try:
                last = self.seen[-1]["seq"] if self.seen else 0
                async for name, data in wire.events(f"{START}/{self.conversation}/events", last):
                    if name == "message":
                        self._sees(data)
                    elif name == "state":
                        self._state = data["state"]
                    self._news.set()
            except Exception as error:
                self.notes.refusals.append((time.time(), f"stream: {type(error).__name__}"))
            finally:
                await wire.close()
            await asyncio.sleep(self._dice.uniform(0.5, 1.5))

    def _sees(self, message: dict[str, Any]) -> None:
        self.seen.append({name: message.get(name) for name in ("seq", "from", "topic", "outcome")})
        if message["from"] == "assistant" and message.get("outcome"):
            if self._answered < len(self.accepted):
                asked = self.accepted[self._answered].at
                self.notes.times.append((asked, (time.time() - asked) * 1_000))
            self._answered += 1

    async def _insists(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        """The answer of 2xx: the same request again, with the same id, for as long as it takes."""
        while True:
            kept = self._wire is not None
            wire = self._wire = self._wire or Wire(self._next_door(), self._token)
            wait = self._dice.uniform(0.5, 1.5)
            answer: Answer | None = None
            try:
                async with asyncio.timeout(PATIENCE):
                    answer = await (wire.get(path) if body is None else wire.post(path, body))
            except BROKEN as error:
                if kept and isinstance(error, EOFError | ConnectionError):
                    continue  # a kept connection may be closed at any time; a new one tells
                self.notes.refusals.append((time.time(), type(error).__name__))
            else:
                if answer.status < 300:
                    return answer
                self._is_refused(answer, path)
            finally:
                if answer is None:  # also when she stops waiting: the answer of this request is not that of the next
                    await wire.close()
                    self._wire = None
            await asyncio.sleep(wait)

    def _is_refused(self, answer: Answer, path: str) -> None:
        self.notes.refusals.append((time.time(), str(answer.status)))
        try:
            problem = json.loads(answer.body)
        except ValueError:
            problem = {}
        if answer.status not in (429, 503) or not problem.get("detail"):
            self.notes.breaches.append(f"{path.rsplit('/', 1)[-1]}: {answer.status} {answer.body[:120]!r}")

    def _next_door(self) -> int:
        """The next counter, as a proxy chooses it."""
        self._door += 1
        return self.ports[self._door % len(self.ports)]


@dataclass
class TelegramCitizen:
    """One chat with the bot."""

    number: int
    emulator: Emulator
    notes: Notes
    updates: list[tuple[int, str]] = field(default_factory=list)  # update_id and question, in her order

    def __post_init__(self) -> None:
        self._dice = random.Random(-self.number)
        self.person: Citizen = self.emulator.citizen(f"Ana {self.number}")
        self.is_waiting = False

    async def lives(self, stop: asyncio.Event) -> None:
        """Talk until told to stop."""
        heard = 0
        while not stop.is_set():
            asked = self._dice.choice((1, 1, 2))
            for _ in range(asked):
                self._writes()
            began, self.is_waiting = time.time(), True
            while not stop.is_set() and time.time() - began < ANSWER:
                await asyncio.sleep(LOOK)
                if len(self.person.chat.heard) >= heard + asked:
                    break
            heard, self.is_waiting = len(self.person.chat.heard), False
            await asyncio.sleep(self._dice.uniform(1.0, 3.0))

    def _writes(self) -> None:
        question = QUESTIONS[(self.number * 5 + len(self.updates)) % len(QUESTIONS)]
        self.person.writes(question)
        update: Json = self.emulator.updates.made[-1]
        self.updates.append((update["update_id"], question))
