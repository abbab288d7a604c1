"""Replies leave once, in order, and a failure stops only its own conversation."""

import asyncio

import pytest
from sqlalchemy import select

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.outbox import OutboxWorker
from bot.conversation.states import Author, Delivery
from bot.conversation.writer import Said
from bot.errors import ChannelError
from bot.services import Services
from bot.store.tables import Conversation, Outbox
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


async def test_a_temporary_failure_is_tried_again_before_the_next_leaves(
    services: Services, channel: FakeChannel
) -> None:
    channel.failures = [ChannelError("busy", permanent=False, retry_after=0.05)]
    await conversation_with(services, "uno")
    await runs_until(services, channel, "sent", "sent")
    assert channel.sent[0].attempts == 2


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
