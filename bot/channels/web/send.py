"""The web chat's way out: server-sent events, resumed by the last message's number."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from bot.channels.web.receive import LAST_SEQ, Address, Token, find
from bot.channels.web.streams import Streams
from bot.limits import READS
from bot.services import Services
from bot.store.database import UnitOfWork


def router(services: Services) -> APIRouter:
    """The route of the event stream."""
    routes = APIRouter(prefix="/api/chat/v1", tags=["chat"])
    streams = Streams(services)

    @routes.get("/conversations/{conversation_id}/events")
    async def events(
        conversation_id: str,
        token: Token,
        address: Address,
        after: Annotated[int, Query(ge=0, le=LAST_SEQ)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> Response:
        await services.limits.check(READS, address)
        async with services.database.read(short=True) as session:
            await find(UnitOfWork(session), conversation_id, token)
        services.limits.check_stream(conversation_id, address)
        seen = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 10 else after
        return streams.open(conversation_id, seen, address)

    return routes
