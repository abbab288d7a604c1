"""The database and the unit of work: only the unit of work commits, and screens hear of it after the commit."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.store import sqlite

log = structlog.get_logger()
T = TypeVar("T")
COUNTER = "ventanilla"  # what PostgreSQL calls our connections
Announcement = Callable[[], None]
EMPTY_TRIES, EMPTY_AGAIN = 40, 0.05


class UnitOfWork:
    """One transaction. `session` reads and writes; what `after_commit` holds runs once it is stored."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._announcements: list[Announcement] = []

    def after_commit(self, announcement: Announcement) -> None:
        """Run `announcement` when, and only when, this unit of work has committed."""
        self._announcements.append(announcement)

    async def attempt(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns. When it raises, what it wrote and would have announced is undone, and nothing else is.

        The caller reads anew the rows that it may have changed: in memory they are as `work` left them.
        """
        before = len(self._announcements)
        try:
            async with self.session.begin_nested():
                return await work()
        except BaseException:
            del self._announcements[before:]
            raise

    async def commit(self) -> None:
        """Store everything, then tell the screens. Without this call nothing happened.

        What is stored is stored: an announcement that fails is logged, and the others are made.
        """
        await self.session.commit()
        announcements, self._announcements = self._announcements, []
        for announcement in announcements:
            try:
                announcement()
            except Exception:
                log.exception("announcement.failed")


class Database:
    """Opens units of work on SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.engine = _open(url)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        # SQLite lets one writer in at a time; queueing here is fair and never sleeps, its own busy wait does.
        self._writer = asyncio.Lock() if self.engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def write(self, *, short: bool = False) -> AsyncIterator[UnitOfWork]:
        """A unit of work that may write; leaving it without `commit()` undoes everything.

        `short` promises a few statements by key: on SQLite they run without a thread (`bot/store/sqlite.py`).
        """
        if self._writer is None:
            async with self._sessions() as session:
                yield UnitOfWork(session)
            return
        async with self._writer, self._sessions() as session:
            await session.connection(execution_options={"ventanilla_write": True, "ventanilla_short": short})
            yield UnitOfWork(session)

    @asynccontextmanager
    async def read(self, *, short: bool = False) -> AsyncIterator[AsyncSession]:
        """A session for queries only; nothing in it is ever stored. `short` as for `write`."""
        async with self._sessions() as session:
            if short and self._writer is not None:
                await session.connection(execution_options={"ventanilla_short": True})
            yield session

    async def do_empty_log(self) -> bool:
        """SQLite: carry the write-ahead log into the file and empty it, so that what was erased stands in neither.

        Whether it is empty: a reader that stays for more than a few seconds keeps it.
        """
        if self._writer is None:
            return True
        for _ in range(EMPTY_TRIES):
            if await self._is_log_emptied(self._writer):
                return True
            await asyncio.sleep(EMPTY_AGAIN)
        return False

    async def _is_log_emptied(self, writer: asyncio.Lock) -> bool:
        async with writer:
            raw = await self.engine.raw_connection()
            try:
                driver: Any = raw.driver_connection
                driver.inline = False
                cursor = driver.cursor()
                await cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return not (await cursor.fetchall())[0][0]
            finally:
                raw.close()

    async def close(self) -> None:
        """Return every connection."""
        await self.engine.dispose()


def _open(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        named = {"application_name": COUNTER}
        return create_async_engine(
            url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True, connect_args=named
        )
    opened = functools.partial(sqlite.connect, make_url(url).database or ":memory:")
    engine = create_async_engine(url, async_creator=opened, pool_size=8, max_overflow=8, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    # What is erased is overwritten too: a page that was freed is in no copy of the file.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver: Any = connection.connection.driver_connection
    driver.inline = options.get("ventanilla_short", False)
    # A transaction that will write says so at once: one that is upgraded later can fail when another wrote meanwhile.
    write = options.get("ventanilla_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
