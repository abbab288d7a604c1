"""Who has told of danger stays in the queue until a person has replied, or has said why no reply is needed."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.errors import BotError
from bot.handoff.cases import Cases
from bot.services import Services
from bot.states import Author, State
from bot.store.tables import Case, Event, Message, Staff
from tests.cast import NURIA, do_hire
from tests.chat import Ana
from tests.fakes import FakeEngine
from tests.turns.test_danger_with_people import nuria_has_it, rows_of, waits

DANGER = "me quiero morir"
WHY = "La he llamado por teléfono"
Leave = Callable[..., Awaitable[object]]


async def leaves(services: Services, leave: Leave, ana: Ana, nuria: Staff, why: str = "") -> None:
    """Nuria lets her go."""
    async with services.database.write() as uow:
        await leave(services.cases, uow, ana.conversation, nuria, why)
        await uow.commit()


@pytest.mark.parametrize("leave", [Cases.do_close, Cases.do_hand_back], ids=lambda leave: leave.__name__)
async def test_staff_who_have_not_replied_let_danger_go_with_a_reason_alone(
    working: Services, engine: FakeEngine, leave: Leave
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    await nuria_has_it(working, ana, nuria)
    for why, code in (("", "message_empty"), (" \n", "message_empty"), ("a" * 501, "message_too_long")):
        with pytest.raises(BotError, match=code):
            await leaves(working, leave, ana, nuria, why)
    assert await rows_of(working, nuria) == [(ana.conversation, True)]
    await leaves(working, leave, ana, nuria, WHY)
    assert await rows_of(working, nuria) == []
    async with working.database.read() as session:
        notes = list(await session.scalars(select(Message.text).where(Message.author == Author.NOTE)))
        events = list(await session.scalars(select(Event).where(Event.kind == "danger_left")))
        case = (await session.scalars(select(Case))).one()
    assert notes == [WHY] and [event.data["case"] for event in events] == [case.id] and case.ended_at
    assert WHY not in str(await ana.reads())


@pytest.mark.parametrize("leave", [Cases.do_close, Cases.do_hand_back], ids=lambda leave: leave.__name__)
async def test_who_has_replied_says_no_reason(working: Services, engine: FakeEngine, leave: Leave) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    await nuria_has_it(working, ana, nuria)
    async with working.database.write() as uow:
        await working.cases.do_reply(uow, ana.conversation, nuria, "Estoy aquí contigo.")
        await uow.commit()
    await leaves(working, leave, ana, nuria)
    assert (await ana.reads())["state"] != State.STAFF


async def test_danger_that_nobody_has_taken_is_not_closed_from_the_queue_without_a_reason(
    working: Services, engine: FakeEngine
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    with pytest.raises(BotError, match="message_empty"):
        await leaves(working, Cases.do_close, ana, nuria)
    await leaves(working, Cases.do_close, ana, nuria, WHY)
    assert (await ana.reads())["state"] == State.CLOSED
