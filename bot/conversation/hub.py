"""Tells open web chats and desks what has been stored: those of this node at once, those of others by a relay."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.store.tables import Conversation, Message

BACKLOG = 500


@dataclass(frozen=True)
class Notice:
    """Something to look at: `kind` is message, delivery, state, case, item, typing or look.

    `line` and `conversation` are there when it was stored in this process: whoever listens need not read them again.
    """

    kind: str
    conversation_id: str | None
    data: dict[str, Any] = field(default_factory=dict)
    line: Message | None = field(default=None, compare=False, repr=False)
    conversation: Conversation | None = field(default=None, compare=False, repr=False)


class Others(Protocol):
    """The other nodes, as the hub sees them."""

    def tell(self, agency: str | None, notice: Notice) -> None:
        """Hand a notice to them; without an agency it is for the citizen's pages alone."""

    def tell_open(self, conversation_id: str, is_open: bool) -> None:
        """Say whether a citizen's page is open here."""

    def listening(self, conversation_id: str) -> int:
        """How many of them have the conversation open."""


class Hub:
    """Hands notices to whoever listens. A listener that falls behind loses notices, not messages: it reads them
    again from the database by its last id."""

    def __init__(self) -> None:
        self.others: Others | None = None
        self._listeners: dict[str, set[asyncio.Queue[Notice]]] = defaultdict(set)

    def publish(self, agency: str, notice: Notice) -> None:
        """Tell the desk of `agency` and, when the notice concerns a conversation, its citizen's pages."""
        self.deliver(agency, notice)
        if self.others:
            self.others.tell(agency, notice)

    def publish_typing(self, conversation_id: str, by: str, on: bool = True) -> None:
        """Show the citizen that `assistant` or `staff` is writing."""
        notice = Notice("typing", conversation_id, {"on": on, "from": by})
        self.deliver(None, notice)
        if self.others:
            self.others.tell(None, notice)

    def deliver(self, agency: str | None, notice: Notice) -> None:
        """Tell the pages of this node alone."""
        if agency:
            self._send(f"desk:{agency}", notice)
        if notice.conversation_id:
            self._send(f"chat:{notice.conversation_id}", notice)

    def look_again(self) -> None:
        """Make every page of this node look at the database: something may have been missed."""
        for key in tuple(self._listeners):
            kind, _, name = key.partition(":")
            self._send(key, Notice("look", name if kind == "chat" else None))

    def open_chats(self) -> list[str]:
        """The conversations that citizens have open on this node."""
        return [key.removeprefix("chat:") for key in self._listeners if key.startswith("chat:")]

    def open_streams(self) -> dict[str, int]:
        """How many pages listen, by kind: `chat` of citizens, `desk` of staff."""
        counts = {"chat": 0, "desk": 0}
        for key, queues in self._listeners.items():
            counts[key.partition(":")[0]] += len(queues)
        return counts

    def listening(self, conversation_id: str) -> int:
        """How many pages of the citizen are open on this conversation; one for each other node that has some."""
        elsewhere = self.others.listening(conversation_id) if self.others else 0
        return len(self._listeners.get(f"chat:{conversation_id}", ())) + elsewhere

    @asynccontextmanager
    async def chat(self, conversation_id: str) -> AsyncIterator[asyncio.Queue[Notice]]:
        """The notices of one conversation, for as long as the block lasts."""
        key = f"chat:{conversation_id}"
        try:
            async with self._listen(key) as queue:
                if self.others and len(self._listeners[key]) == 1:
                    self.others.tell_open(conversation_id, True)
                yield queue
        finally:
            if self.others and key not in self._listeners:
                self.others.tell_open(conversation_id, False)

    @asynccontextmanager
    async def desk(self, agency: str) -> AsyncIterator[asyncio.Queue[Notice]]:
        """The notices of one agency, for as long as the block lasts."""
        async with self._listen(f"desk:{agency}") as queue:
            yield queue

    @asynccontextmanager
    async def _listen(self, key: str) -> AsyncIterator[asyncio.Queue[Notice]]:
        queue: asyncio.Queue[Notice] = asyncio.Queue(BACKLOG)
        self._listeners[key].add(queue)
        try:
            yield queue
        finally:
            self._listeners[key].discard(queue)
            if not self._listeners[key]:
                del self._listeners[key]

    def _send(self, key: str, notice: Notice) -> None:
        for queue in tuple(self._listeners.get(key, ())):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(notice)
