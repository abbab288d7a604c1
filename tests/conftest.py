"""What tests share: a database of their own with today's tables, the services with a fake engine, and waiting."""

import asyncio
import pickle
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import make_url

from bot.knowledge import knowledge
from bot.services import Services, make_services
from bot.settings import Settings
from bot.store import migrate
from bot.turns.assistant import Assistant
from bot.turns.lane import Lane
from bot.turns.turn import Turns
from tests.fakes import FakeEngine, FakeEngines
from tests.postgres import Server, serving

DATABASES = ("sqlite", "postgresql")
_parsed: dict[str, bytes] = {}


class ParsedOnce(YAML):
    """Parses the same text once in a run, which is most of a test's set-up; each reader gets a copy of its own."""

    def load(self, stream: str) -> Any:
        """What `stream` holds."""
        if stream not in _parsed:
            _parsed[stream] = pickle.dumps(super().load(stream))
        return pickle.loads(_parsed[stream])


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """The training data is parsed when it has changed, not for every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge, "YAML", ParsedOnce)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this run."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with today's tables, which others are copied from."""
    url = postgres.makes()
    migrate.upgrade(Settings(home=tmp_path_factory.mktemp("template"), database_url=url))
    yield str(make_url(url).database)
    postgres.drops(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """What `DATABASE_URL` says: nothing, which is SQLite, and then a PostgreSQL database of the test's own."""
    if request.param == "sqlite":
        yield ""
        return
    postgres: Server = request.getfixturevalue("postgres")
    url = postgres.makes(template=request.getfixturevalue("migrated"))
    yield url
    postgres.drops(url)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Settings:
    """Settings of an installation of the test's own, with a migrated database."""
    for name in ("DATABASE_URL", "TELEGRAM_TOKEN", "TELEGRAM_API_BASE", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Settings(home=tmp_path / "var", database_url=database_url)
    if not database_url:
        migrate.upgrade(made)
    return made


@pytest.fixture
def engine() -> FakeEngine:
    """The engine that the services ask."""
    return FakeEngine()


@pytest.fixture
async def services(settings: Settings, engine: FakeEngine) -> AsyncIterator[Services]:
    """All services; nothing runs by itself."""
    made = make_services(settings, FakeEngines(), "secret")
    await made.engine.close()
    turns = Turns(made.database, made.writer, made.cases, Assistant(engine, made.knowledge, made.switch), made.owed)  # type: ignore[arg-type]
    yield replace(made, engine=engine, lane=Lane(made.database, turns))  # type: ignore[arg-type]
    await made.database.close()


@pytest.fixture
async def working(services: Services) -> AsyncIterator[Services]:
    """The services with the lane and the outbox at work."""
    workers = [asyncio.create_task(services.lane.run()), asyncio.create_task(services.outbox.run())]
    owed = asyncio.create_task(services.owed.run())
    yield services
    await services.lane.stop()
    await services.outbox.stop()
    owed.cancel()
    await asyncio.gather(*workers)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side (pytest-xdist), tests that start the product stay in one process; of the others each file does."""
    for item in items:
        group = "whole" if item.get_closest_marker("whole") else item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))


async def until(look: Callable[[], Awaitable[Any]], within: float = 20.0) -> Any:
    """The first true result of `look`; fails when none comes."""
    deadline = time.monotonic() + within
    while True:
        if found := await look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing came within {within} s")
        await asyncio.sleep(0.01)
