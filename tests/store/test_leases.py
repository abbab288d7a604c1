"""One node at a time does what a lease names; when it dies or loses the lease, another goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from bot.settings import Settings
from bot.store.database import Database
from bot.store.leases import Leases
from bot.store.tables import Lease
from tests.conftest import until


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = Database(settings.database)
    yield opened
    await opened.close()


async def test_one_of_many_nodes_gets_the_lease_and_keeps_it(database: Database) -> None:
    nodes = [Leases(database) for _ in range(8)]
    got = await asyncio.gather(*(node.do_take("poll") for node in nodes))
    assert sorted(got) == [False] * 7 + [True]
    again = await asyncio.gather(*(node.do_take("poll") for node in nodes))
    assert again == got
    assert await nodes[got.index(False)].do_take("another")


async def test_a_lease_that_is_returned_is_free_at_once(database: Database) -> None:
    first, second = Leases(database), Leases(database)
    assert await first.do_take("poll")
    await second.do_return("poll")
    assert not await second.do_take("poll")
    await first.do_return("poll")
    assert await second.do_take("poll")


async def test_a_dead_nodes_lease_is_taken_over_when_it_has_run_out(database: Database) -> None:
    dead, other = Leases(database, life=0.2), Leases(database)
    assert await dead.do_take("poll")

    async def taken() -> bool:
        return await other.do_take("poll")

    assert await until(taken)
    assert not await dead.do_take("poll")


async def test_work_is_done_by_one_node_while_the_lease_is_renewed(database: Database) -> None:
    at_work: list[int] = []
    most = 0
    done = asyncio.Event()

    async def work(number: int) -> None:
        nonlocal most
        at_work.append(number)
        most = max(most, len(at_work))
        await done.wait()
        at_work.remove(number)

    nodes = [Leases(database, life=0.5) for _ in range(3)]
    tasks = [asyncio.create_task(node.run_alone("job", lambda n=n: work(n))) for n, node in enumerate(nodes)]

    async def renewed() -> bool:
        return at_work != [] and not await Leases(database).do_take("job")

    for _ in range(50):  # some lives of the lease
        assert await until(renewed)
        await asyncio.sleep(0.02)
    done.set()
    await asyncio.gather(*tasks)
    assert most == 1


async def test_work_ends_when_the_lease_is_lost_and_begins_again_when_it_is_back(database: Database) -> None:
    begun, ended = 0, 0

    async def work() -> None:
        nonlocal begun, ended
        begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1

    async def has(count: int) -> bool:
        return begun == count

    async def give(holder: str) -> None:
        async with database.write() as uow:
            await uow.session.execute(update(Lease).values(holder=holder))
            await uow.commit()

    running = asyncio.create_task(Leases(database, life=0.5).run_alone("job", work))
    await until(lambda: has(1))
    await give("somebody else")
    await until(lambda: has(2))
    assert ended == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert ended == 2 and await Leases(database).do_take("job")


async def test_what_the_work_raises_comes_out_and_the_lease_is_returned(database: Database) -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await Leases(database).run_alone("job", work)
    assert await Leases(database).do_take("job")
