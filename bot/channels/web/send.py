"""The web chat's way out: server-sent events, resumed by the last message's number."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from sqlalchemy import select
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.channels.web.delivered import do_note_delivered
from bot.channels.web.receive import Token, find
from bot.channels.web.view import is_pending, read_page
from bot.conversation.hub import Notice
from bot.conversation.states import Author
from bot.handoff.packet import waiting_before
from bot.services import Services
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation

HEARTBEAT = 15
UNBUFFERED = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}  # a proxy before us must pass each line on
# A look at the database now and then, for what another node stored.
LOOK = 10.0
# Her own words stand on the page already: other tabs get them with the reply, or after this time without one.
ECHO = 0.1


def router(services: Services) -> APIRouter:
    """The route of the event stream."""
    routes = APIRouter(prefix="/api/chat/v1", tags=["chat"])

    @routes.get("/conversations/{conversation_id}/events")
    async def events(
        conversation_id: str,
        token: Token,
        after: Annotated[int, Query(ge=0, le=2**31)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> EventSourceResponse:
        async with services.database.read(short=True) as session:
            await find(UnitOfWork(session), conversation_id, token)
        seen = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 10 else after
        return EventSourceResponse(_stream(services, conversation_id, seen), ping=HEARTBEAT, headers=UNBUFFERED)

    return routes


async def _stream(services: Services, conversation_id: str, seen: int) -> AsyncIterator[ServerSentEvent]:
    """First what was missed, then what happens. Listening begins before reading, so that nothing falls between."""
    state = ""
    async with services.hub.chat(conversation_id) as notices:
        notice: Notice | None = None
        wait = LOOK
        while True:
            if notice is not None and notice.kind == "typing":
                yield ServerSentEvent(json.dumps(notice.data), event="typing")
            elif notice is not None and notice.data.get("from") == Author.CITIZEN:
                wait = ECHO
            elif notice is None or notice.kind != "delivery":
                wait = LOOK
                conversation, messages, now_state = await _read(services, conversation_id, seen)
                for message in messages:
                    seen = message["seq"]
                    yield ServerSentEvent(json.dumps(message, ensure_ascii=False), event="message", id=str(seen))
                encoded = json.dumps(now_state)
                if encoded != state:
                    state = encoded
                    yield ServerSentEvent(encoded, event="state")
                await do_note_delivered(services, conversation, messages)
            try:
                notice = await asyncio.wait_for(notices.get(), wait)
            except TimeoutError:
                notice = None


async def _read(
    services: Services, conversation_id: str, seen: int
) -> tuple[Conversation, list[dict[str, Any]], dict[str, Any]]:
    async with services.database.read(short=True) as session:
        conversation = await session.get_one(Conversation, conversation_id)
        page = await read_page(session, conversation, seen)
        state: dict[str, Any] = {"state": page.state, "pending": is_pending(conversation)}
        if page.state == "waiting_staff":
            open_case = select(Case).where(Case.conversation_id == conversation_id, Case.ended_at.is_(None))
            case = (await session.execute(open_case)).scalar_one_or_none()
            if case:
                state["position"] = await waiting_before(UnitOfWork(session), conversation.agency, case) + 1
        return conversation, page.messages, state
