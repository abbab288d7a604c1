"""Two nodes take from the same table: each row once, and no more at a time than there is room for."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, make_url, select, update

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.outbox import OutboxWorker
from bot.conversation.writer import Said
from bot.services import Services
from bot.states import Author, Delivery
from bot.store.tables import Conversation, Outbox
from bot.turns.answered import Left
from bot.turns.lane import AT_ONCE, Lane
from tests.conftest import until
from tests.fakes import FakeChannel
from tests.postgres import Server

MANY = 200
# With these PostgreSQL reads a subquery again for each row around it, as it may do with other figures of the tables.
AGAIN_AND_AGAIN = ("hashjoin", "mergejoin", "hashagg", "sort", "material", "indexscan", "bitmapscan", "memoize")


class Taken:
    """Turns that only count: which conversations were taken, and how many at a time."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.now = self.most = 0

    async def do_next(self, conversation_id: str, _waiting: object) -> Left:
        """Keep it for a moment; its lease stays."""
        self.times[conversation_id] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return Left.NONE


@pytest.fixture
def worst_plan(request: pytest.FixtureRequest, database_url: str) -> None:
    """The plan that takes too much where it can."""
    if not database_url:
        return
    postgres: Server = request.getfixturevalue("postgres")
    name = make_url(database_url).database
    postgres.does(*(f'ALTER DATABASE "{name}" SET enable_{way} = off' for way in AGAIN_AND_AGAIN))


async def many_wait(services: Services) -> None:
    async with services.database.write() as uow:
        for number in range(MANY):
            who = Citizen("telegram", "es", "aldealba", address_key=str(number))
            conversation = await do_start(uow, services.writer, who)
            await services.writer.do_say(uow, conversation, Said(Author.ASSISTANT, str(number)))
        await uow.session.execute(update(Conversation).values(waiting_messages=1))
        await uow.commit()


@pytest.mark.usefixtures("worst_plan")
async def test_two_lanes_take_every_conversation_once_and_no_more_than_they_have_room_for(services: Services) -> None:
    await many_wait(services)
    taken = [Taken(), Taken()]
    lanes = [Lane(services.database, turns) for turns in taken]  # type: ignore[arg-type]
    running = [asyncio.create_task(lane.run()) for lane in lanes]

    async def all_taken() -> bool:
        return sum(len(turns.times) for turns in taken) >= MANY

    await until(all_taken)
    for lane in lanes:
        await lane.stop()
    await asyncio.gather(*running)
    times = taken[0].times + taken[1].times
    assert (len(times), set(times.values())) == (MANY, {1})
    assert max(turns.most for turns in taken) <= AT_ONCE


@pytest.mark.usefixtures("worst_plan")
async def test_two_outboxes_send_every_reply_once(services: Services) -> None:
    await many_wait(services)
    channel = FakeChannel()
    workers = [OutboxWorker(services.database, services.hub, {"telegram": channel}) for _ in range(2)]
    running = [asyncio.create_task(worker.run()) for worker in workers]

    async def all_sent() -> bool:
        async with services.database.read() as session:
            return not await session.scalar(select(func.count()).where(Outbox.state != Delivery.SENT))

    await until(all_sent)
    for worker in workers:
        await worker.stop()
    await asyncio.gather(*running)
    times = Counter(parcel.outbox_id for parcel in channel.sent)
    assert len(times) >= MANY
    assert set(times.values()) == {1}
