"""The live link ends with the session that opened it, and one session has only so many."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing

import pytest
from sse_starlette import ServerSentEvent

from bot.conversation.hub import Notice
from bot.desk import live
from bot.desk.context import Desk
from bot.desk.sessions import read_session
from bot.limits import MOST_PAGES, SESSION
from bot.services import Services
from bot.store.tables import Staff
from bot.web.pages import Pages
from bot.web.security import COOKIE
from tests.desk.clerk import Clerk


async def is_ended(events: AsyncIterator[ServerSentEvent]) -> bool:
    """Whether the stream says within a few hundred events that she is signed out."""
    for _ in range(300):
        if (await anext(events)).event == "ended":
            return True
    return False


async def test_a_closed_accounts_stream_ends_while_the_agency_is_busy(
    nuria: Clerk, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GATHER", 0.001)
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    token = nuria.http.cookies[COOKIE]
    who = await read_session(services.database, token, active=False)
    assert who
    pages = Pages(services.knowledge, services.settings)
    link = live.LiveLink(Desk(services.database, services.knowledge, services.hub, services.settings, pages))

    async def busy() -> None:
        while True:
            services.hub.publish("aldealba", Notice("message", "c_1"))
            await asyncio.sleep(0.001)

    async with aclosing(link._events(who, token, "", services.limits, "a")) as events:
        await anext(events)
        async with services.database.write() as uow:
            (await uow.session.get_one(Staff, who.staff.id)).active = False
            await uow.commit()
        work = asyncio.create_task(busy())
        try:
            assert await is_ended(events)
        finally:
            work.cancel()


async def test_one_session_has_so_many_streams_and_another_has_its_own(
    nuria: Clerk, olga: Clerk, services: Services
) -> None:
    who = await read_session(services.database, nuria.http.cookies[COOKIE], active=False)
    assert who
    with ExitStack() as opened:
        for _ in range(MOST_PAGES):
            opened.enter_context(services.limits.open_stream(who.token_hash, "a", SESSION))
        refused = await nuria.opens("/desk/live")
        assert refused.status_code == 429 and refused.headers["retry-after"]
        hers = await read_session(services.database, olga.http.cookies[COOKIE], active=False)
        assert hers
        services.limits.check_stream(hers.token_hash, "a", SESSION)
    services.limits.check_stream(who.token_hash, "a", SESSION)
