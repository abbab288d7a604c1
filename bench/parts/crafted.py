"""Crafted texts from one address, within the default limits, while other citizens ask their questions.

What is crafted is made to cost the counter or the engine more than it costs the sender: heaps of marks, joiners,
hundreds of sentences, deep JSON, bodies of 64 kB; to conversations that nobody knows, with a forged token, and in its
own. The others sit at another address. Quiet and crafted times take turns: what else the machine does falls on both.
"""

import asyncio
import itertools
import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.parts.crowd import START, ChatSender
from bench.parts.figures import percentile
from bench.parts.fresh import fresh_questions
from bot.settings import Settings

HERE = "127.0.0.2"  # where the crafted texts come from; the others are at 127.0.0.1
ASKS_EVERY = 2.5  # seconds between the questions of one citizen: 24 of the 30 that a minute allows
A_SECOND = 20
PATIENCE = 60.0
LIMITS = ("limit_messages", "limit_address", "limit_starts")
# What may be said to any of them; 429 once the address has had its share.
REFUSED = frozenset({401, 404, 409, 413, 422, 429})
TAKEN = REFUSED | {202, 204, 303}
TEXTS = {
    "marks": "a" + "\u0301" * 7_500 + "\u0327" * 7_500,
    "marks, 64 kB": "a" + "\u0301" * 16_000 + "\u0327" * 16_000,
    "joiners": "\u0627\u200d" * 2_000,
    "flags": "\U0001f3f4\U000e0067" * 2_000,
    "sentences": "كيف حالك اليوم؟ أريد موعد. " * 148,
    "questions": "¿que hay y " * 363,
    "numbers": "612 34 56 78 " * 307,
    "spaces": "a" + " " * 3_990 + "?",
}


def limits() -> dict[str, str]:
    """The limits of an installation that sets none, for the product's environment."""
    fields = Settings.model_fields
    return {f"VENTANILLA_{name.upper()}": str(fields[name].default) for name in LIMITS}


@dataclass
class Times:
    """Milliseconds of the others' questions, quiet and beside the crafted texts, and what those were answered."""

    quiet: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    def as_json(self, share: float) -> dict[str, Any]:
        """Rounded for people; `times` is how much longer the others waited, up to this share of their questions."""
        quiet, beside = (percentile(times, share) for times in (self.quiet, self.beside))
        return {
            "cases": sum(self.statuses.values()),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "asked": len(self.quiet) + len(self.beside),
            "quiet_p50_ms": round(percentile(self.quiet, 0.5), 1),
            "quiet_p95_ms": round(percentile(self.quiet, 0.95), 1),
            "beside_p50_ms": round(percentile(self.beside, 0.5), 1),
            "beside_p95_ms": round(percentile(self.beside, 0.95), 1),
            "percentile": round(100 * share),
            "times": round(beside / quiet, 2),
        }


class Unhurried(ChatSender):
    """Thinks between two questions, for longer than the server keeps a connection open."""

    async def asks(self, question: str) -> str | None:
        """The topic of the reply, asked over a new connection."""
        await self._wires[0].close()
        return await super().asks(question)


@dataclass(frozen=True)
class Shot:
    """One crafted request."""

    kind: str
    path: str
    body: bytes
    content_type: str = "application/json"
    token: str = ""


def measure(port: int, seconds: float, rounds: int, citizens: int) -> Times:
    """`rounds` times quiet and crafted, each for so many seconds."""
    return asyncio.run(_measure(port, seconds, rounds, citizens))


async def _measure(port: int, seconds: float, rounds: int, citizens: int) -> Times:
    times, questions = Times(), fresh_questions()
    crowd = [Unhurried(port) for _ in range(citizens)]
    for one in crowd:
        await one.begins()
        await one.asks(next(questions))  # whatever is made at the first question
    transport = httpx.AsyncHTTPTransport(local_address=HERE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=PATIENCE) as http:
        shots = shots_at([await _begin(http) for _ in range(rounds * 10)])
        for _ in range(rounds):
            times.quiet += await _asked(crowd, questions, seconds)
            beside, _ = await asyncio.gather(_asked(crowd, questions, seconds), _fire(http, shots, seconds, times))
            times.beside += beside
    for one in crowd:
        await one.leaves()
    return times


async def _begin(http: httpx.AsyncClient) -> tuple[str, str]:
    started = (await http.post(START, json={"language": "es"})).raise_for_status().json()
    return started["conversation"], started["token"]


async def _asked(crowd: list[Unhurried], questions: Iterator[str], seconds: float) -> list[float]:
    """What each waited for each of her questions, in milliseconds."""
    until = time.perf_counter() + seconds
    made = await asyncio.gather(*(_asks(one, questions, number, until) for number, one in enumerate(crowd)))
    return [wait for waits in made for wait in waits]


async def _asks(one: Unhurried, questions: Iterator[str], number: int, until: float) -> list[float]:
    waits = []
    await asyncio.sleep(number * ASKS_EVERY / 8)
    while (began := time.perf_counter()) < until:
        await one.asks(next(questions))
        waits.append((time.perf_counter() - began) * 1_000)
        await asyncio.sleep(max(0.0, began + ASKS_EVERY - time.perf_counter()))
    return waits


async def _fire(http: httpx.AsyncClient, shots: Iterator[Shot], seconds: float, times: Times) -> None:
    """A_SECOND requests a second, whether or not the ones before are answered."""
    began, flying = time.perf_counter(), []
    for number, shot in enumerate(itertools.islice(shots, round(seconds * A_SECOND))):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        flying.append(asyncio.create_task(_shoot(http, shot, times)))
    await asyncio.gather(*flying)


async def _shoot(http: httpx.AsyncClient, shot: Shot, times: Times) -> None:
    headers = {"Content-Type": shot.content_type} | ({"Authorization": f"Bearer {shot.token}"} if shot.token else {})
    try:
        status = (await http.post(shot.path, content=shot.body, headers=headers)).status_code
    except httpx.TransportError as error:
        # A body over the limit is refused while it is sent.
        status = 413 if len(shot.body) > 64 * 1024 else 0
        if not status:
            times.unexpected.append(f"{shot.kind}: {type(error).__name__}")
    times.statuses[status] += 1
    if status not in (TAKEN if shot.token or shot.path == "/chat" else REFUSED):
        times.unexpected.append(f"{shot.kind}: {status}")


def shots_at(own: list[tuple[str, str]]) -> Iterator[Shot]:
    """Without end: each text to a conversation of nobody, with a forged token, as a form, and in one of its own."""
    chats = itertools.cycle(own)
    while True:
        for kind, text in TEXTS.items():
            yield _message(f"{kind}, to nobody", "c_nobody", "", text)
            yield _message(f"{kind}, forged", next(chats)[0], "", text)
            yield Shot(
                f"{kind}, form", "/chat", urlencode({"text": text}).encode(), "application/x-www-form-urlencoded"
            )
            yield _message(kind, *next(chats), text)
        conversation, token = next(chats)
        for kind, body in (
            ("nested JSON", b'{"id":' + b"[" * 30_000),
            ("nested JSON, closed", b'{"id":"x","text":' + b'{"a":' * 900 + b"1" + b"}" * 901),
            ("64 kB", json.dumps({"id": "x", "text": "x" * 65_000}).encode()),
            ("more than 64 kB", json.dumps({"id": "x", "text": "\u0301" * 90_000}).encode()),
        ):
            yield Shot(kind, f"{START}/{conversation}/messages", body, token=token)
        yield Shot("rating", f"{START}/{conversation}/messages/1/feedback", b'{"useful":true}', token=token)


def _message(kind: str, conversation: str, token: str, text: str) -> Shot:
    body = json.dumps({"id": uuid.uuid4().hex, "text": text}, ensure_ascii=False).encode()
    return Shot(kind, f"{START}/{conversation}/messages", body, token=token)
