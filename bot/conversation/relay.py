"""Carries notices between the nodes of one PostgreSQL, by LISTEN and NOTIFY.

Notices leave after the commit that they tell of, on a connection of their own: a NOTIFY inside a transaction would make
all commits wait for each other. Nothing depends on their arrival. Who reconnects has every open page look at the
database, and pages, lane and outbox look there by themselves now and then.
"""

import asyncio
import json
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from psycopg import AsyncConnection, Error
from sqlalchemy import make_url

from bot.conversation.hub import Hub, Notice
from bot.states import Author

log = structlog.get_logger()
CHANNEL = "ventanilla"
MOST_BYTES = 7_900  # PostgreSQL takes 7,999
BACKLOG = 10_000
BEAT = 5.0  # seconds between two signs of life
DEAF = 3 * BEAT  # without our own sign for so long, the connection is dead; without another node's, that node is
CONNECT: dict[str, Any] = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
PAUSES = (0.2, 1.0, 2.0, 5.0)
HERE, GONE, BEATING, HELLO, LOOK = "here", "gone", "beat", "hello", "look"
_DICE = random.SystemRandom()
Word = tuple[str | None, str, str | None, dict[str, Any]]


class Relay:
    """This node's ear and mouth. `on_message` is called when another node stored a citizen's message, `on_reply` when
    it stored a reply."""

    def __init__(self, url: str, hub: Hub, on_message: Callable[[], None], on_reply: Callable[[], None]) -> None:
        self.connected = asyncio.Event()
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._hub = hub
        self._on_message = on_message
        self._on_reply = on_reply
        self._me = secrets.token_hex(4)
        self._words: deque[Word] = deque(maxlen=BACKLOG)
        self._spoken = asyncio.Event()
        self._heard: dict[str, float] = {}
        self._open: dict[str, set[str]] = {}

    def tell(self, agency: str | None, notice: Notice) -> None:
        """Hand a notice to the other nodes, soon."""
        self._say(agency, notice.kind, notice.conversation_id, notice.data)

    def tell_open(self, conversation_id: str, is_open: bool) -> None:
        """Say whether a citizen's page is open on this node."""
        self._say(None, HERE if is_open else GONE, conversation_id, {})

    def listening(self, conversation_id: str) -> int:
        """How many other nodes that live have the conversation open."""
        alive = time.monotonic() - DEAF
        return sum(conversation_id in chats and self._heard[node] > alive for node, chats in self._open.items())

    async def run(self) -> None:
        """Speak and listen; a lost connection is opened again."""
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._serve()
            except* (Error, OSError) as group:
                log.warning("relay.away", problem=type(group.exceptions[0]).__name__)
            self.connected.clear()
            failures = 0 if time.monotonic() - began > DEAF else failures + 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)] * _DICE.uniform(0.8, 1.2))

    async def _serve(self) -> None:
        async with await self._connect() as hearing, await self._connect() as speaking:
            await hearing.execute(f"LISTEN {CHANNEL}".encode())
            self._heard[self._me] = time.monotonic()
            self._words.clear()
            self._open.clear()
            self._hub.look_again()
            self._say(None, HELLO, None, {})
            self._say(None, LOOK, None, {})
            self._say_open_chats()
            self.connected.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear(hearing))
                group.create_task(self._speak(speaking))
                group.create_task(self._beat())

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(self._url, autocommit=True, application_name="ventanilla relay", **CONNECT)

    async def _beat(self) -> None:
        """Show that this node lives, and see that its own signs come back."""
        while True:
            self._say(None, BEATING, None, {})
            await asyncio.sleep(BEAT)
            alive = time.monotonic() - DEAF
            if self._heard[self._me] < alive:
                raise ConnectionError("nothing is heard any more")
            for node in [node for node, heard in self._heard.items() if heard < alive]:
                del self._heard[node]
                self._open.pop(node, None)

    async def _speak(self, speaking: AsyncConnection[Any]) -> None:
        while True:
            await self._spoken.wait()
            self._spoken.clear()
            for payload in self._payloads():
                await speaking.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))

    def _payloads(self) -> Iterator[str]:
        """What waits, as few payloads as will do."""
        start = f'["{self._me}"'
        payload, size = start, len(start)
        while self._words:
            word = json.dumps(self._words.popleft(), ensure_ascii=True, separators=(",", ":"))
            if size + len(word) + 2 > MOST_BYTES:
                yield payload + "]"
                payload, size = start, len(start)
            payload, size = f"{payload},{word}", size + len(word) + 1
        yield payload + "]"

    async def _hear(self, hearing: AsyncConnection[Any]) -> None:
        async for heard in hearing.notifies():
            node, *words = json.loads(heard.payload)
            self._heard[node] = time.monotonic()
            if node != self._me:
                for agency, kind, conversation_id, data in words:
                    self._take(node, agency, Notice(kind, conversation_id, data))

    def _take(self, node: str, agency: str | None, notice: Notice) -> None:
        if notice.kind == HELLO:
            self._open[node] = set()
            self._say_open_chats()
        elif notice.kind == HERE:
            self._open.setdefault(node, set()).add(str(notice.conversation_id))
        elif notice.kind == GONE:
            self._open.get(node, set()).discard(str(notice.conversation_id))
        elif notice.kind == LOOK:
            self._hub.look_again()
        elif notice.kind != BEATING:
            self._hub.deliver(agency, notice)
            if notice.kind == "message":
                (self._on_message if notice.data.get("from") == Author.CITIZEN else self._on_reply)()

    def _say_open_chats(self) -> None:
        for conversation_id in self._hub.open_chats():
            self.tell_open(conversation_id, True)

    def _say(self, agency: str | None, kind: str, conversation_id: str | None, data: dict[str, Any]) -> None:
        self._words.append((agency, kind, conversation_id, data))
        self._spoken.set()
