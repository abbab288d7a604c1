"""The open event streams of this node. What is said here goes out as it was stored; the rest is read from the database.

A stream is one waiting coroutine. What thousands of them would each do by a clock of their own, one task does for all:
heartbeats, and a look at the database for what another node stored.
"""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import select
from sse_starlette.sse import AppStatus
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.channels.web.delivered import do_note_delivered
from bot.channels.web.view import PAGE, is_erasure, is_pending, public_message, read_before_erasure, read_page
from bot.conversation.hub import Notice
from bot.conversation.writer import public_state
from bot.handoff.hours import is_open, next_opening
from bot.handoff.packet import waiting_before
from bot.knowledge.entries import Agency
from bot.services import Services
from bot.states import PUBLIC_AUTHORS, Author
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation, now

TICK = 1.0  # seconds
BEAT = 15  # ticks between two heartbeats of a stream
LOOK = 10  # ticks between two looks at the database for a stream
MANY = 200  # streams that one look asks for
UNBUFFERED = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
UNBUFFERED += [(b"x-accel-buffering", b"no")]  # a proxy before us must pass each line on
WAITING = "waiting_staff"
HOLD = 0.1  # seconds that a page's own line may wait, so that it goes out together with the reply
HEARTBEAT = b": ping\r\n\r\n"


class Page:
    """One open page: what it has been told, and what it will be told next."""

    def __init__(self, services: Services, conversation_id: str, seen: int, notices: "asyncio.Queue[Notice]") -> None:
        self.conversation_id = conversation_id
        self.notices = notices
        self.last = seen  # the newest line that is known here, public or not
        self.state = ""
        self.version: tuple[Any, ...] = ()
        self.to_staff: tuple[Conversation, list[dict[str, Any]]] | None = None  # what staff will see as delivered
        self._database = services.database
        self._knowledge = services.knowledge

    async def first(self) -> bytes:
        """What was missed."""
        return await self._read()

    async def next(self) -> bytes:
        """The next events; empty when the stream is to end."""
        while True:
            batch = [await self.notices.get()]
            if _is_citizens(batch[0]) and self.notices.empty():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HOLD):
                        batch.append(await self.notices.get())
            while not self.notices.empty():
                batch.append(self.notices.get_nowait())
            if any(notice.kind == "end" for notice in batch):
                return b""
            if chunk := await self._tell(batch):
                return chunk

    async def _tell(self, batch: Sequence[Notice]) -> bytes:
        told, unclear = b"", False
        for notice in batch:
            if notice.kind == "typing":
                told += _event("typing", notice.data)
            elif notice.kind == "beat":
                told = told or HEARTBEAT
            elif notice.kind == "delivery":
                continue
            elif notice.line is None or notice.line.author == Author.STAFF or notice.line.seq > self.last + 1:
                unclear = True
            elif is_erasure(notice.line):
                unclear = True
                break  # what is shown here is not true any more: the rest comes with what is left
            elif notice.line.seq == self.last + 1:
                told += self._line(notice)
                unclear = unclear or self.state.startswith('{"state": "' + WAITING)
        return told + await self._read() if unclear else told

    def _line(self, notice: Notice) -> bytes:
        """A line that was stored here, as it stands in the notice."""
        assert notice.line is not None and notice.conversation is not None  # noqa: S101 - the caller has looked
        self.last = notice.line.seq
        told = b""
        if notice.line.author in PUBLIC_AUTHORS:
            told = _event("message", public_message(notice.line), notice.line.seq)
        if notice.line.author == Author.CITIZEN or public_state(notice.conversation) == WAITING:
            return told  # the state follows with the reply; a place in the queue has to be read
        state = {"state": public_state(notice.conversation), "pending": is_pending(notice.conversation)}
        return told + self._changed(state)

    def _changed(self, state: dict[str, Any]) -> bytes:
        encoded = json.dumps(state)
        if encoded == self.state:
            return b""
        self.state = encoded
        return f"event: state\r\ndata: {encoded}\r\n\r\n".encode()

    async def _read(self) -> bytes:
        """Everything behind the last line, and the state."""
        told = b""
        async with self._database.read(short=True) as session:
            conversation = await session.get_one(Conversation, self.conversation_id)
            page = await read_page(session, conversation, self.last)
            if page.erased:
                left = await read_before_erasure(session, conversation, self.last)
                told += _event("erased", {"messages": left})
                self.state = ""  # a page that begins anew is told its state anew
            while True:
                for message in page.messages:
                    told += _event("message", message, message["seq"])
                if any(message["from"] == Author.STAFF for message in page.messages):
                    self.to_staff = conversation, page.messages
                self.last = page.next
                if len(page.messages) < PAGE:
                    break
                page = await read_page(session, conversation, self.last)
            self.last = max(self.last, conversation.last_seq)
            self.version = version_of(conversation)
            state: dict[str, Any] = {"state": page.state, "pending": is_pending(conversation)}
            if page.state == WAITING:
                open_case = select(Case).where(Case.conversation_id == conversation.id, Case.ended_at.is_(None))
                if opens := _opens(self._knowledge.agencies[conversation.agency], now()):
                    state["opens"] = opens
                if case := (await session.execute(open_case)).scalar_one_or_none():
                    state["position"] = await waiting_before(UnitOfWork(session), conversation.agency, case) + 1
        return told + self._changed(state)


def _opens(agency: Agency, at: dt.datetime) -> str | None:
    """When somebody is there again, by the agency's clock; None while somebody is, or when that is not known."""
    opens = None if is_open(agency, at) else next_opening(agency, at)
    return opens.isoformat(timespec="minutes") if opens else None


def _is_citizens(notice: Notice) -> bool:
    """Whether it is her own line, which the page that sent it shows already."""
    return notice.line is not None and notice.line.author == Author.CITIZEN


def version_of(row: Any) -> tuple[Any, ...]:
    """What changes when a page has something to be told."""
    return row.last_seq, row.state, row.active_form, row.waiting_messages


class Streams:
    """All pages that are open on this node."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._database = services.database
        self._pages: dict[int, Page] = {}
        self._opened = 0
        self._ticking: asyncio.Task[None] | None = None

    def open(self, conversation_id: str, seen: int, address: str) -> "EventStream":
        """The response that is a page's stream, from the line `seen` on; counted for `address` while it is open."""
        return EventStream(self, conversation_id, seen, address)

    def counted(self, conversation_id: str, address: str) -> AbstractContextManager[None]:
        """Count a stream among the open ones for as long as the block lasts."""
        return self._services.limits.open_stream(conversation_id, address)

    async def serve(self, conversation_id: str, seen: int, send: Send, on_open: Callable[[Page], None]) -> None:
        """Tell one page everything until it has gone. Listening begins before reading, so nothing falls between."""
        async with self._services.hub.chat(conversation_id) as notices:
            page = Page(self._services, conversation_id, seen, notices)
            self._opened += 1
            number = self._opened
            self._pages[number] = page
            on_open(page)
            self._tick()
            try:
                chunk = await page.first()
                while chunk:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    if page.to_staff:
                        told, page.to_staff = page.to_staff, None
                        await do_note_delivered(self._services, *told)
                    chunk = await page.next()
            finally:
                del self._pages[number]

    def _tick(self) -> None:
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """Heartbeats and looks, a share of the pages at each tick, as long as there are pages."""
        tick = 0
        while self._pages:
            await asyncio.sleep(TICK)
            tick += 1
            if AppStatus.should_exit:
                for page in tuple(self._pages.values()):
                    page.notices.put_nowait(Notice("end", None))
                continue
            pages = tuple(self._pages.items())
            for number, page in pages:
                if number % BEAT == tick % BEAT and page.notices.empty():
                    page.notices.put_nowait(Notice("beat", None))
            await self._look([page for number, page in pages if number % LOOK == tick % LOOK])

    async def _look(self, pages: Sequence[Page]) -> None:
        """Wake the pages whose conversation has moved on without a word here."""
        for start in range(0, len(pages), MANY):
            some = pages[start : start + MANY]
            changed = await self._versions({page.conversation_id for page in some})
            for page in some:
                moved = changed.get(page.conversation_id, ()) != page.version
                if (moved or WAITING in page.state) and page.notices.empty():
                    page.notices.put_nowait(Notice("look", page.conversation_id))

    async def _versions(self, ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
        wanted = select(
            Conversation.id,
            Conversation.last_seq,
            Conversation.state,
            Conversation.active_form,
            Conversation.waiting_messages,
        ).where(Conversation.id.in_(sorted(ids)))
        async with self._database.read(short=True) as session:
            return {row.id: version_of(row) for row in await session.execute(wanted)}


class EventStream(Response):
    """A page's stream as a response: it ends when the page goes, or when this node stops."""

    def __init__(self, streams: Streams, conversation_id: str, seen: int, address: str) -> None:
        super().__init__()
        self._address = address
        self._streams = streams
        self._conversation_id = conversation_id
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until nobody is there."""
        await send({"type": "http.response.start", "status": 200, "headers": list(UNBUFFERED)})
        going: list[asyncio.Task[None]] = []

        def on_open(page: Page) -> None:
            going.append(asyncio.create_task(_gone(receive, page)))

        try:
            with self._streams.counted(self._conversation_id, self._address):
                await self._streams.serve(self._conversation_id, self._seen, send, on_open)
        finally:
            for task in going:
                task.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive, page: Page) -> None:
    """Wait until the page has gone, and end its stream."""
    while (await receive())["type"] != "http.disconnect":
        pass
    page.notices.put_nowait(Notice("end", None))


def _event(name: str, data: dict[str, Any], number: int | None = None) -> bytes:
    lines = f"id: {number}\r\n" if number is not None else ""
    return f"{lines}event: {name}\r\ndata: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode()
