"""Replies leave once, in order, and a failure stops only its own conversation."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.conversation import outbox
from bot.conversation.conversations import Citizen, do_find_or_start, do_start
from bot.conversation.delivery import do_try_again
from bot.conversation.journal import Journal
from bot.conversation.outbox import Keep, OutboxWorker, Parcel
from bot.conversation.pace import Pace
from bot.conversation.writer import Said
from bot.errors import BotError, ChannelError
from bot.services import Services
from bot.states import Author, Delivery, Urgency
from bot.store.tables import Conversation, Mark, Outbox, now
from tests.conftest import until
from tests.fakes import FakeChannel


async def conversation_with(services: Services, *texts: str, key: str = "a") -> str:
    async with services.database.write() as uow:
        conversation = await do_start(uow, services.writer, Citizen("telegram", "es", "aldealba", address_key=key))
        for text in texts:
            await services.writer.do_say(uow, conversation, Said(Author.ASSISTANT, text))
        await uow.commit()
        return conversation.id


async def states(services: Services) -> list[str]:
    async with services.database.read() as session:
        return list((await session.scalars(select(Outbox.state).order_by(Outbox.id))).all())


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


async def runs_until(services: Services, channel: FakeChannel, *expected: str) -> None:
    worker = OutboxWorker(services.database, services.hub, {"telegram": channel})
    running = asyncio.create_task(worker.run())

    async def reached() -> bool:
        return await states(services) == list(expected)

    try:
        await until(reached)
    finally:
        await worker.stop()
        await running


async def test_messages_leave_in_their_order(services: Services, channel: FakeChannel) -> None:
    await conversation_with(services, "uno", "dos", "tres")
    await runs_until(services, channel, *["sent"] * 4)
    assert [parcel.message.text for parcel in channel.sent][1:] == ["uno", "dos", "tres"]


class Hanging(FakeChannel):
    """Never comes to an end with what it is given."""

    async def send(self, parcel: Parcel, keep: Keep) -> list[Any]:
        self.sent.append(parcel)
        await asyncio.Event().wait()
        return []


async def test_a_bot_that_hangs_takes_no_place_from_another_towns(
    services: Services, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LAST_DELIVERIES", 0.0)
    hanging = Hanging()
    for number in range(outbox.AT_ONCE + 1):
        await conversation_with(services, key=f"a{number}")
    worker = OutboxWorker(services.database, services.hub, {"telegram": hanging, "telegram:pinares": channel})
    running = asyncio.create_task(worker.run())

    async def full() -> bool:
        return len(hanging.sent) == outbox.AT_ONCE

    async def arrived() -> list[Parcel]:
        return channel.sent

    await until(full)
    async with services.database.write() as uow:
        bruno = Citizen("telegram", "es", "pinares", address_key="b", bot="pinares")
        await do_start(uow, services.writer, bruno)
        await uow.commit()
    [parcel] = await until(arrived)
    assert parcel.conversation.agency == "pinares" and len(hanging.sent) == outbox.AT_ONCE
    await worker.stop()
    await running


async def test_a_temporary_failure_is_tried_again_before_the_next_leaves(
    services: Services, channel: FakeChannel
) -> None:
    channel.failures = [ChannelError("telegram_away", permanent=False)]
    await conversation_with(services, "uno")
    await runs_until(services, channel, "sent", "sent")
    assert [parcel.attempts for parcel in channel.sent] == [2, 1]
    assert channel.sent[1].message.text == "uno"


async def test_a_permanent_failure_is_kept_with_its_reason(services: Services, channel: FakeChannel) -> None:
    channel.failures = [ChannelError("blocked_by_citizen", permanent=True)]
    blocked = await conversation_with(services)
    await runs_until(services, channel, Delivery.FAILED)
    async with services.database.read() as session:
        assert (await session.get_one(Conversation, blocked)).unreachable == "blocked_by_citizen"


async def test_one_citizen_who_blocked_us_does_not_stop_another(services: Services, channel: FakeChannel) -> None:
    channel.failures = [ChannelError("blocked_by_citizen", permanent=True)]
    await conversation_with(services, key="a")
    await conversation_with(services, key="b")
    await runs_until(services, channel, "failed", "sent")


async def test_after_a_refusal_of_the_address_nothing_more_is_tried_there(
    services: Services, channel: FakeChannel
) -> None:
    channel.failures = [ChannelError("blocked_by_citizen", permanent=True, detail="Forbidden")]
    conversation = await conversation_with(services, "uno", "dos")
    await runs_until(services, channel, "failed", "failed", "failed")
    async with services.database.write() as uow:
        found = await uow.session.get_one(Conversation, conversation)
        assert found.unreachable == "blocked_by_citizen" and found.unreachable_since
        await services.writer.do_say(uow, found, Said(Author.STAFF, "tres"))
        await uow.commit()
    assert await states(services) == ["failed"] * 4
    assert channel.sent == []


async def test_a_message_that_is_refused_itself_does_not_stop_the_next(
    services: Services, channel: FakeChannel
) -> None:
    channel.failures = [ChannelError("telegram_refused", permanent=True, detail="text is odd")]
    conversation = await conversation_with(services, "uno")
    await runs_until(services, channel, "failed", "sent")
    async with services.database.read() as session:
        assert (await session.get_one(Conversation, conversation)).unreachable is None


async def test_a_failed_message_tried_again_leaves_before_younger_ones(
    services: Services, channel: FakeChannel
) -> None:
    channel.failures = [ChannelError("telegram_refused", permanent=True)]
    conversation = await conversation_with(services)
    await runs_until(services, channel, "failed")
    async with services.database.write() as uow:
        found = await uow.session.get_one(Conversation, conversation)
        await services.writer.do_say(uow, found, Said(Author.STAFF, "después"))
        await do_try_again(uow, found, 1)
        await uow.commit()
    await runs_until(services, channel, "sent", "sent")
    assert channel.sent[-1].message.text == "después"
    async with services.database.write() as uow:
        with pytest.raises(BotError, match="state_changed"):
            await do_try_again(uow, await uow.session.get_one(Conversation, conversation), 1)


async def test_replies_leave_before_news_and_what_stands_before_a_reply_leaves_with_it(
    services: Services, channel: FakeChannel
) -> None:
    async def says(key: str, text: str, urgency: Urgency) -> None:
        async with services.database.write() as uow:
            citizen = Citizen("telegram", "es", "aldealba", address_key=key)
            conversation, _ = await do_find_or_start(uow, services.writer, citizen)
            await services.writer.do_say(uow, conversation, Said(Author.SYSTEM, text, urgency=urgency))
            await uow.commit()

    for key in "abc":
        await says(key, f"saludo {key}", Urgency.REPLY)
    await runs_until(services, channel, *["sent"] * 6)
    await says("a", "noticia a", Urgency.NOTICE)
    await says("b", "noticia b", Urgency.NOTICE)
    await says("b", "respuesta b", Urgency.REPLY)
    await says("c", "respuesta c", Urgency.REPLY)
    channel.pace = Pace((1_000, 1_000), (50, 1))
    await runs_until(services, channel, *["sent"] * 10)
    left = [parcel.message.text for parcel in channel.sent[6:]]
    assert left == ["noticia b", "respuesta b", "respuesta c", "noticia a"]


async def test_one_chat_that_is_asked_to_wait_holds_no_other(services: Services, channel: FakeChannel) -> None:
    channel.failures = [ChannelError("telegram_busy", permanent=False, retry_after=3_600)]
    await conversation_with(services, key="a")
    await conversation_with(services, key="b")
    await runs_until(services, channel, "queued", "sent")


async def test_when_several_chats_are_asked_to_wait_every_node_is_silent(
    services: Services, channel: FakeChannel
) -> None:
    busy = ChannelError("telegram_busy", permanent=False, retry_after=3_600)
    channel.failures = [busy, busy]
    await conversation_with(services, key="a")
    await conversation_with(services, key="b")

    async def asked() -> bool:
        async with services.database.read() as session:
            return (await session.get(Mark, "pause:telegram")) is not None

    worker = OutboxWorker(services.database, services.hub, {"telegram": channel})
    running = asyncio.create_task(worker.run())
    await until(asked)
    await worker.stop()
    await running
    await conversation_with(services, key="c")
    other = OutboxWorker(services.database, services.hub, {"telegram": channel})
    assert await other._claim() == []
    async with services.database.write() as uow:
        (await uow.session.get_one(Mark, "pause:telegram")).value = now().isoformat()
        await uow.commit()
    assert [parcel.conversation.address_key for parcel in await other._claim()] == ["c"]


async def test_a_node_that_dies_between_two_parts_is_taken_over_after_the_part_that_left(
    services: Services, channel: FakeChannel
) -> None:
    class Dying(FakeChannel):
        async def send(self, parcel: Parcel, keep: Keep) -> list[Any]:
            await keep([71])
            kept.set()
            await asyncio.Event().wait()
            return []

    kept = asyncio.Event()
    await conversation_with(services)
    dying = OutboxWorker(services.database, services.hub, {"telegram": Dying()})
    parcels = await dying._claim()
    task = asyncio.create_task(dying._deliver(parcels[0]))
    await kept.wait()
    task.cancel()
    assert await OutboxWorker(services.database, services.hub, {"telegram": channel})._claim() == []
    async with services.database.write() as uow:
        await uow.session.execute(update(Outbox).values(leased_until=now() - dt.timedelta(seconds=1)))
        await uow.commit()
    await runs_until(services, channel, "sent")
    assert [parcel.parts_sent for parcel in channel.sent] == [(71,)]


async def test_what_has_left_is_noted_when_the_database_is_back_and_never_sent_again(
    services: Services, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RECORD_AGAIN", 0.01)
    monkeypatch.setattr(outbox, "LEASE", dt.timedelta(0))
    recording, left = OutboxWorker._do_record, [5]

    async def record(self: OutboxWorker, parcel: Parcel, values: dict[str, Any]) -> None:
        if left[0]:
            left[0] -= 1
            raise OperationalError("UPDATE", {}, Exception("disk full"))
        await recording(self, parcel, values)

    monkeypatch.setattr(OutboxWorker, "_do_record", record)
    await conversation_with(services)
    await runs_until(services, channel, "sent")
    assert len(channel.sent) == 1


async def test_what_a_killed_node_had_sent_and_not_stored_is_not_sent_again(
    services: Services, channel: FakeChannel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> None:
        stored.set()
        await asyncio.Event().wait()

    stored = asyncio.Event()
    await conversation_with(services, "uno")
    dying = OutboxWorker(services.database, services.hub, {"telegram": channel}, Journal(tmp_path / "outbox"))
    parcels = await dying._claim()
    with monkeypatch.context() as killed:
        killed.setattr(OutboxWorker, "_do_record", never)
        task = asyncio.create_task(dying._deliver(parcels[0]))
        await stored.wait()
        task.cancel()
    next_start = OutboxWorker(services.database, services.hub, {"telegram": channel}, Journal(tmp_path / "outbox"))
    running = asyncio.create_task(next_start.run())

    async def both() -> bool:
        return await states(services) == ["sent", "sent"]

    await until(both)
    await next_start.stop()
    await running
    assert [parcel.message.seq for parcel in channel.sent] == [1, 2]
    assert list((tmp_path / "outbox").iterdir()) == []


async def test_looking_for_work_reads_only_what_is_open(services: Services, channel: FakeChannel) -> None:
    if services.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the size of the table")
    ready = OutboxWorker(services.database, services.hub, {})._ready("telegram", [])
    made = ready.compile(services.database.engine.sync_engine, compile_kwargs={"literal_binds": True})
    async with services.database.read() as session:
        plan = str((await (await session.connection()).exec_driver_sql(f"EXPLAIN QUERY PLAN {made}")).fetchall())
    assert "outbox_next" in plan and "outbox_open" in plan
