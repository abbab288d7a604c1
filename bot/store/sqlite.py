"""SQLite through aiosqlite, with one trip to its thread per statement instead of four.

SQLAlchemy's adapter opens a cursor, executes, fetches all rows and closes the cursor, and each of these crosses to the
thread and back. A statement here takes SQLite a fraction of a millisecond, so the crossings are what it costs
(`docs/performance.md` has the figures).
"""

import functools
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

CHUNK = 64  # rows at a time where somebody iterates; we fetch all
PATIENCE = 15.0  # seconds


class Cursor:
    """Executes and fetches at once; the methods that SQLAlchemy's adapter awaits."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        """Run one statement and keep its rows."""
        await self._connection.call(self._run, "execute", sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> "Cursor":
        """Run one statement for each set of parameters."""
        await self._connection.call(self._run, "executemany", sql, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """The rows that have not been handed out."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows; SQLite's own cursor was closed when it had run."""
        self._rows = []

    def _run(self, method: str, sql: str, parameters: Any) -> None:
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, method)(sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors cross to its thread once, and not at all while it is `inline`."""

    inline = False

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, without asking the thread for one."""
        return Cursor(self)

    async def call(self, function: Callable[..., None], *args: Any) -> None:
        """Run `function` where this connection runs its statements now."""
        await self._execute(function, *args)

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.inline:
            try:
                return fn(*args, **kwargs)
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
        return await super()._execute(self._patiently, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _patiently(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """On the thread: wait for another writer, as the event loop must not."""
        try:
            return function(*args, **kwargs)
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise
        self._conn.execute(f"PRAGMA busy_timeout = {PATIENCE * 1_000:.0f}")
        try:
            return function(*args, **kwargs)
        finally:
            self._conn.execute("PRAGMA busy_timeout = 0")


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another process holds the file; nothing has happened then."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


async def connect(path: str) -> Connection:
    """Open the file. A statement that meets another writer waits for it on the thread, at most `PATIENCE`."""
    opened = functools.partial(sqlite3.connect, path, timeout=0, check_same_thread=False)
    connection = Connection(opened, CHUNK)
    connection._thread.daemon = True  # a process that ends does not wait for idle connections
    await connection
    return connection
