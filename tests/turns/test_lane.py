"""The lane on more than one node: a dead node's conversation is taken up again, a slow turn keeps its own."""

import asyncio
import datetime as dt
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from bot.services import Services
from bot.store.tables import Conversation, Inbox, Message, Turn, now
from bot.turns import lane
from tests.chat import Ana
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen


@asynccontextmanager
async def at_work(*lanes: lane.Lane) -> AsyncIterator[None]:
    """These lanes run for as long as the block lasts."""
    running = [asyncio.create_task(one.run()) for one in lanes]
    yield
    for one in lanes:
        await one.stop()
    await asyncio.gather(*running)


class SlowEngine:
    """An engine that answers when it is let."""

    def __init__(self, engine: FakeEngine) -> None:
        self.asked, self.answers, self.times = asyncio.Event(), asyncio.Event(), 0
        engine.ask = self.ask  # type: ignore[method-assign, assignment]

    async def ask(self, turn: object) -> object:
        """Wait for `answers`."""
        self.times += 1
        self.asked.set()
        await self.answers.wait()
        return says("utter_faq/bulky_waste")


async def column(services: Services, name: Any) -> Any:
    async with services.database.read() as session:
        return (await session.execute(select(name))).scalar_one()


async def lease_to_a_dead_node(services: Services, until: dt.datetime) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(update(Conversation).values(leased_by="dead", leased_until=until))
        await uow.commit()


async def answered(ana: Ana) -> bool:
    return not (await ana.reads())["pending"]


async def test_what_a_dead_node_held_is_answered_when_its_lease_has_run_out(services: Services) -> None:
    ana = citizen(services)
    await ana.arrives()
    await ana.posts(text="un sofá")
    await lease_to_a_dead_node(services, now() + dt.timedelta(seconds=0.5))
    async with at_work(services.lane):
        await until(lambda: answered(ana))
    assert now() >= (await column(services, Turn.ended_at)) >= (await column(services, Inbox.received_at))


async def test_a_lease_is_at_most_half_a_minute() -> None:
    assert dt.timedelta(seconds=2 * lane.RENEW) < lane.LEASE <= dt.timedelta(seconds=30)


async def test_a_turn_that_takes_longer_than_a_lease_keeps_its_conversation(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "LEASE", dt.timedelta(seconds=0.6))
    monkeypatch.setattr(lane, "RENEW", 0.05)
    monkeypatch.setattr(lane, "POLL", 0.05)
    slow = SlowEngine(engine)
    other = lane.Lane(services.database, services.lane._turns)
    ana = citizen(services)
    await ana.arrives()
    await ana.posts(text="un sofá")
    async with at_work(services.lane, other):
        await slow.asked.wait()
        first = await column(services, Conversation.leased_until)

        async def is_long_past() -> bool:
            return bool(await column(services, Conversation.leased_until) > first + 2 * lane.LEASE)

        await until(is_long_past)
        slow.answers.set()
        await until(lambda: answered(ana))
    assert slow.times == 1
    assert await column(services, Conversation.leased_by) is None


async def test_a_message_answered_elsewhere_meanwhile_is_not_answered_twice(
    services: Services, engine: FakeEngine
) -> None:
    slow = SlowEngine(engine)
    ana = citizen(services)
    await ana.arrives()
    await ana.posts(text="un sofá")
    async with at_work(services.lane):
        await slow.asked.wait()
        async with services.database.write() as uow:
            await uow.session.execute(update(Inbox).values(answered_at=now()))
            await uow.session.execute(update(Conversation).values(waiting_messages=0, leased_by=None))
            await uow.commit()
        slow.answers.set()
    async with services.database.read() as session:
        assert await session.scalar(select(func.count(Turn.id))) == 0
        assert await session.scalar(select(func.count(Message.id)).where(Message.topic.is_not(None))) == 0


async def test_a_turn_that_outlasts_the_stop_is_left_to_the_next_node_at_once(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "LAST_TURNS", 0.05)
    slow = SlowEngine(engine)
    ana = citizen(services)
    await ana.arrives()
    await ana.posts(text="un sofá")
    async with at_work(services.lane):
        await slow.asked.wait()
    assert await column(services, Conversation.leased_by) is None
    slow.answers.set()
    async with at_work(lane.Lane(services.database, services.lane._turns)):
        await until(lambda: answered(ana))
    async with services.database.read() as session:
        assert await session.scalar(select(func.count(Turn.id))) == 1


async def test_a_lane_that_is_closed_takes_no_message(services: Services) -> None:
    ana = citizen(services)
    await ana.arrives()
    services.lane.close()
    await ana.posts(text="un sofá")
    async with at_work(services.lane):
        pass
    assert await column(services, Conversation.leased_by) is None
    assert not await answered(ana)


async def test_a_lease_is_returned_once_the_database_is_back(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "POLL", 0.01)
    answering, releasing = services.lane._turns.do_next, services.lane._do_release
    away = {"turn": 1, "release": 3}

    async def do_next(*args: Any) -> Any:
        if away["turn"]:
            away["turn"] -= 1
            raise OperationalError("SELECT", {}, Exception("away"))
        return await answering(*args)

    async def release(conversation_id: str) -> None:
        if away["release"]:
            away["release"] -= 1
            raise OperationalError("UPDATE", {}, Exception("away"))
        await releasing(conversation_id)

    monkeypatch.setattr(services.lane._turns, "do_next", do_next)
    monkeypatch.setattr(services.lane, "_do_release", release)
    ana = citizen(services)
    await ana.arrives()
    await ana.posts(text="un sofá")
    async with at_work(services.lane):
        await until(lambda: answered(ana))
    assert away == {"turn": 0, "release": 0}


async def test_who_has_waited_longer_is_answered_before_who_comes_when_there_is_room_again(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "AT_ONCE", 1)
    slow, asked = SlowEngine(engine), []
    answering = slow.ask

    async def ask(turn: Any) -> object:
        asked.append(turn.text)
        return await answering(turn)

    engine.ask = ask  # type: ignore[method-assign, assignment]

    async def works() -> bool:
        return services.lane._working

    people = [citizen(services) for _ in range(3)]
    for person in people:
        await person.arrives()
    async with at_work(services.lane):
        await until(works)
        await people[0].posts(text="un sofá")
        await slow.asked.wait()
        await people[1].posts(text="una lavadora")
        monkeypatch.setattr(lane, "AT_ONCE", 2)
        await people[2].posts(text="un colchón")
        slow.answers.set()
        for person in people:
            await until(functools.partial(answered, person))
    assert asked == ["un sofá", "una lavadora", "un colchón"]
