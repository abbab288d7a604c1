"""`./ventanilla converse FILE`: plays whole conversations against a running counter and judges every turn.

The counter is asked as any citizen's page asks it, through the public API. What a file may hold stands in
`docs/understanding.md`; what is demanded of a turn is judged in `judging.py`.
"""

import asyncio
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.knowledge.knowledge import read_yaml
from bot.rehearsal.judging import DANGER, Heard, is_danger, misses
from bot.settings import Settings
from bot.setup.problems import Problem

API = "/api/chat/v1/conversations"
AT_ONCE = 4
PATIENCE = 90.0  # seconds for one turn
POLL = 0.03
REFERENCE = re.compile(r"\b[A-Z]{3}-\d{4}-\d{6}-[A-Z]\b")


@dataclass(frozen=True)
class Turn:
    """One turn as it was played: what was said, what came, and what of the demands was not met."""

    say: str
    heard: Heard
    missed: list[str]
    harmless: bool

    @property
    def false_alarm(self) -> bool:
        """Whether danger was heard where there is none."""
        return self.harmless and DANGER in self.heard.outcomes


@dataclass
class Played:
    """A conversation of the file with its turns."""

    id: str
    kind: str
    language: str
    title: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every turn held."""
        return all(not turn.missed for turn in self.turns)


def read_conversations(file: Path) -> list[dict[str, Any]]:
    """The conversations of a file. Raises Problem `bad_conversations` with the first one that is none."""
    found = read_yaml(file)
    if not isinstance(found, list):
        raise Problem("bad_conversations", file=file, reason="it is no list")
    for number, one in enumerate(found, 1):
        turns = one.get("turns") if isinstance(one, dict) else None
        if not isinstance(turns, list) or not all(isinstance(turn, dict) and "say" in turn for turn in turns):
            raise Problem("bad_conversations", file=file, reason=f"number {number} has no turns with `say`")
    return found


async def play(settings: Settings, conversations: Iterable[dict[str, Any]], address: str = "") -> list[Played]:
    """Play them, a few at once, in the file's order. Raises Problem `not_serving` when nobody answers."""
    base = address or f"http://{settings.host}:{settings.port}"
    seats = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=base, timeout=30) as http:

        async def seated(one: dict[str, Any]) -> Played:
            async with seats:
                return await _play_one(http, one)

        try:
            return list(await asyncio.gather(*(seated(one) for one in conversations)))
        except httpx.ConnectError:
            raise Problem("not_serving", address=base) from None


async def _play_one(http: httpx.AsyncClient, told: dict[str, Any]) -> Played:
    played = Played(str(told["id"]), str(told.get("kind", "")), str(told.get("lang", "")), str(told.get("title", "")))
    begun = await _call(http, "POST", API, json={"language": played.language or None})
    head, address = {"Authorization": f"Bearer {begun['token']}"}, f"{API}/{begun['conversation']}/messages"
    reference, seq = "", max((message["seq"] for message in begun["messages"]), default=0)
    for turn in told["turns"]:
        said = str(turn["say"]).replace("{ref}", reference)
        sent = await _call(http, "POST", address, json={"id": uuid.uuid4().hex, "text": said}, headers=head)
        heard = await _hear(http, address, head, max(seq, sent["seq"]))
        seq = heard.last_seq
        if found := REFERENCE.findall(heard.text):
            reference = found[-1]
        expect = turn.get("expect") or {}
        played.turns.append(Turn(said, heard, misses(expect, heard), not is_danger(expect)))
    return played


async def _hear(http: httpx.AsyncClient, address: str, head: dict[str, str], after: int) -> Heard:
    """What came in reply, once nothing is pending. Raises Problem `no_reply` past the patience."""
    waited = 0.0
    while True:
        page = await _call(http, "GET", address, params={"after": after}, headers=head)
        if not page["pending"]:
            return Heard.of_page(page)
        if waited > PATIENCE:
            raise Problem("no_reply", seconds=PATIENCE)
        await asyncio.sleep(POLL)
        waited += POLL


async def _call(http: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    """The JSON of a call; one that came too fast is made again when the counter allows it."""
    while True:
        answer = await http.request(method, path, **more)
        if answer.status_code != 429:
            break
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
    if answer.is_error:
        raise Problem("refused", status=answer.status_code, reason=answer.text[:200])
    return answer.json()
