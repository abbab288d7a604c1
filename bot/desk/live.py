"""The live link: what happens in the agency reaches open pages as events, and the pages fetch what changed."""

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.conversation.hub import Notice
from bot.desk.context import Desk, services
from bot.desk.sessions import SignedIn, read_session
from bot.limits import SESSION, Limits, address_of
from bot.web.cookies import read_cookie
from bot.web.security import COOKIE, Signed

HEARTBEAT = 15
# Some notices come together (a message, its state, its delivery): one event tells of them all.
GATHER = 0.15
LIST_KINDS = frozenset({"message", "state", "case"})


class LiveLink:
    """One stream of events per open page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the stream."""
        routes.add_api_route("/live", self.stream, methods=["GET"])

    async def stream(self, request: Request, who: Signed, conversation: str = "") -> Response:
        """Events `queue` (a list changed), `talk` (this conversation changed), `items`, and `ended` (signed out)."""
        token = read_cookie(request, COOKIE, self._desk.settings)
        limits, address = services(request).limits, address_of(request)
        limits.check_stream(who.token_hash, address, SESSION)
        return EventSourceResponse(self._events(who, token, conversation, limits, address), ping=HEARTBEAT)

    async def _events(
        self, who: SignedIn, token: str, conversation: str, limits: Limits, address: str
    ) -> AsyncIterator[ServerSentEvent]:
        # A page that comes back after a broken link has missed something: the first events make it look.
        names = {"queue", "talk"} if conversation else {"queue", "items"}
        looked = time.monotonic()
        with limits.open_stream(who.token_hash, address, SESSION):
            async with self._desk.hub.desk(who.staff.agency) as notices:
                while True:
                    for name in sorted(names):
                        yield ServerSentEvent("", event=name)
                    gathered = await _gather(notices)
                    # By the clock: in a busy agency there is never a while in which nothing happens.
                    if time.monotonic() - looked >= HEARTBEAT:
                        if await read_session(self._desk.database, token, active=False) is None:
                            yield ServerSentEvent("", event="ended")
                            return
                        looked = time.monotonic()
                    names = {name for notice in gathered for name in _names(notice, conversation)}


async def _gather(notices: asyncio.Queue[Notice]) -> list[Notice]:
    """What happens next and shortly after; nothing when a while passes without anything."""
    try:
        gathered = [await asyncio.wait_for(notices.get(), HEARTBEAT)]
    except TimeoutError:
        return []
    await asyncio.sleep(GATHER)
    while not notices.empty():
        gathered.append(notices.get_nowait())
    return gathered


def _names(notice: Notice, conversation: str) -> set[str]:
    if notice.kind == "look":
        return {"queue", "talk"} if conversation else {"queue", "items"}
    names = {"queue"} if notice.kind in LIST_KINDS else set()
    if conversation and notice.conversation_id == conversation:
        names.add("talk")
    if notice.kind == "item":
        names.add("items")
    return names
