"""Tells open web chats and desks what has been stored. In one process here; other nodes join by the same two calls."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.store.tables import Conversation, Message

BACKLOG = 500


@dataclass(frozen=True)
class Notice:
    """Something to look at: `kind` is message, delivery, state, case, item or typing.

    `line` and `conversation` are there when it was stored in this process: whoever listens need not read them again.
    """

    kind: str
    conversation_id: str | None
    data: dict[str, Any] = field(default_factory=dict)
    line: Message | None = field(default=None, compare=False, repr=False)
    conversation: Conversation | None = field(default=None, compare=False, repr=False)


class Hub:
    """Hands notices to whoever listens. A listener that falls behind loses notices, not messages: it reads them
    again from the database by its last id."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[Notice]]] = defaultdict(set)

    def publish(self, agency: str, notice: Notice) -> None:
        """Tell the desk of `agency` and, when the notice concerns a conversation, its citizen's pages."""
        self._send(f"desk:{agency}", notice)
        if notice.conversation_id:
            self._send(f"chat:{notice.conversation_id}", notice)

    def publish_typing(self, conversation_id: str, by: str, on: bool = True) -> None:
        """Show the citizen that `assistant` or `staff` is writing."""
        self._send(f"chat:{conversation_id}", Notice("typing", conversation_id, {"on": on, "from": by}))

    def open_streams(self) -> dict[str, int]:
        """How many pages listen, by kind: `chat` of citizens, `desk` of staff."""
        counts = {"chat": 0, "desk": 0}
        for key, queues in self._listeners.items():
            counts[key.partition(":")[0]] += len(queues)
        return counts

    def listening(self, conversation_id: str) -> int:
        """How many pages of the citizen are open on this conversation."""
        return len(self._listeners.get(f"chat:{conversation_id}", ()))

    @asynccontextmanager
    async def chat(self, conversation_id: str) -> AsyncIterator[asyncio.Queue[Notice]]:
        """The notices of one conversation, for as long as the block lasts."""
        async with self._listen(f"chat:{conversation_id}") as queue:
            yield queue

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
