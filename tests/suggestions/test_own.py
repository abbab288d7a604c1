"""What an author does with what she filed, while others do something with it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, text

from bot.errors import BotError
from bot.services import Services
from bot.store.database import UnitOfWork
from bot.store.tables import Inbox, Item, ItemStep, Staff
from bot.suggestions.own import OwnItems, Telling
from tests.cast import NURIA, do_hire
from tests.conftest import until
from tests.suggestions.test_inquiries import begins, files

Act = Callable[[UnitOfWork, Services, str, Staff], Awaitable[object]]


async def takes_it_back(uow: UnitOfWork, services: Services, turn: str, nuria: Staff) -> object:
    own = OwnItems(services.items, services.secrets)
    item = await own.read_one_of_own(uow, turn, None)
    return item is not None and await own.do_withdraw(uow, item)


async def tells_more(uow: UnitOfWork, services: Services, turn: str, nuria: Staff) -> object:
    own = OwnItems(services.items, services.secrets)
    item = await own.read_one_of_own(uow, turn, None)
    return item is not None and await own.do_tell(uow, item, Telling("y otra", contact="ana@correo.example"))


async def staff_decline(uow: UnitOfWork, services: Services, turn: str, nuria: Staff) -> object:
    number = (await uow.session.scalars(select(Item.id))).one()
    try:
        return await services.items.do_change_state(uow, number, nuria, "not_accepted", "No es nuestro.")
    except BotError as error:
        return error.code


@pytest.mark.parametrize("second", [takes_it_back, staff_decline], ids=lambda act: act.__name__)
@pytest.mark.parametrize("first", [takes_it_back, tells_more], ids=lambda act: act.__name__)
async def test_of_two_at_once_the_second_waits_and_sees_what_the_first_has_done(
    services: Services, first: Act, second: Act
) -> None:
    nuria = (await do_hire(services.database, NURIA))["Nuria"]
    own = OwnItems(services.items, services.secrets)
    conversation = await begins(services)
    await files(services, conversation, 1)
    turn = await writes(services, conversation)

    async def comes_second() -> object:
        async with services.database.write() as uow:
            done = await second(uow, services, turn, nuria)
            await uow.commit()
            return done

    async with services.database.write() as uow:
        assert await own.read_one_of_own(uow, turn, None) is not None
        other = asyncio.create_task(comes_second())
        await until(lambda: has_ended_or_waits(services, other))
        assert not other.done()
        assert await first(uow, services, turn, nuria)
        await uow.commit()
    refused = first is takes_it_back
    assert (await other in (False, "state_changed")) == refused
    async with services.database.read() as session:
        item = (await session.scalars(select(Item))).one()
        states = list(await session.scalars(select(ItemStep.to_state).order_by(ItemStep.id)))
    assert states[-1] == item.state and len(states) == 3, "it has ended once"
    assert item.text.endswith("y otra") == (first is tells_more)


async def writes(services: Services, conversation: str) -> str:
    """The turn of a message of hers."""
    async with services.database.write() as uow:
        turn = Inbox(channel="web", external_id="x", conversation_id=conversation, message_seq=1, kind="text")
        uow.session.add(turn)
        await uow.commit()
        return turn.turn_id


async def has_ended_or_waits(services: Services, other: asyncio.Task[object]) -> bool:
    """Whether the other one has come through, or stands before a lock."""
    await asyncio.sleep(0)
    if services.database.engine.dialect.name == "sqlite":
        return True  # one writer at a time
    async with services.database.read() as session:
        waits = await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    return other.done() or bool(waits)
