"""Short units of work on SQLite run without a thread, and still never hold up the event loop."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.settings import Settings
from bot.store.database import Database


@pytest.fixture
def address(settings: Settings) -> str:
    if settings.database_url:
        pytest.skip("SQLite's own")
    return settings.database


async def test_a_short_write_starts_no_thread_of_work_and_is_stored(address: str) -> None:
    database = Database(address)
    async with database.write(short=True) as uow:
        await uow.session.execute(text("INSERT INTO mark (name, value) VALUES ('a', '1')"))
        ran_on = await uow.session.scalar(text("SELECT value FROM mark WHERE name = 'a'"))
        driver = (await (await uow.session.connection()).get_raw_connection()).driver_connection
        assert driver is not None and driver.inline
        await uow.commit()
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM mark")) == 1
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver is not None and not driver.inline
    assert ran_on == "1"
    await database.close()


async def test_a_short_write_that_meets_another_program_waits_and_lets_others_work(
    address: str, settings: Settings
) -> None:
    database = Database(address)
    async with database.read(short=True) as session:  # from here on opening the file takes no time
        await session.execute(text("SELECT 1"))
    other = sqlite3.connect(Path(settings.home) / "ventanilla.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with database.write(short=True) as uow:
            await uow.session.execute(text("INSERT INTO mark (name, value) VALUES ('b', '2')"))
            await uow.commit()

    writing = asyncio.create_task(write())
    for _ in range(500):  # the loop turns while the write waits
        await asyncio.sleep(0)
    assert not writing.done()
    other.execute("COMMIT")
    await asyncio.wait_for(writing, 20)
    other.close()
    async with database.read(short=True) as session:
        assert await session.scalar(text("SELECT value FROM mark WHERE name = 'b'")) == "2"
    await database.close()
