"""Every earlier release's database, with rows in every table, becomes today's on both databases."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.settings import Settings
from bot.store import migrate
from bot.store.tables import Table
from tests.postgres import Server

MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Settings whose database has no tables yet."""
    if request.param == "sqlite":
        yield Settings(home=tmp_path / "home", database_url="")
        return
    postgres: Server = request.getfixturevalue("postgres")
    url = postgres.makes()
    yield Settings(home=tmp_path / "home", database_url=url)
    postgres.drops(url)


def opened(settings: Settings) -> sa.Engine:
    return sa.create_engine(migrate.synchronous(settings.database), poolclass=sa.NullPool)


def value_for(column: sa.Column[Any]) -> Any:
    """Something that the column takes; keys and references are the first of their kind."""
    kind = column.type
    if isinstance(kind, sa.JSON):
        return {"word": "cañón"}
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.DateTime):
        return MOMENT
    if isinstance(kind, sa.Integer):
        return 1
    if isinstance(kind, sa.Float | sa.Numeric):
        return 1.5
    if isinstance(kind, sa.LargeBinary):
        return b"\x00\xff\\"
    return "ñ\t\\N"[: kind.length or 9] if isinstance(kind, sa.String) and not column.foreign_keys else "ñ\t\\N"


# What a migration takes away on purpose: tries are counted by account and place now (decisions/0019).
TAKEN_OUT = (("staff", "failed_sign_ins"), ("staff", "locked_until"))


def fill(engine: sa.Engine) -> None:
    """A row in every table."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(table.insert().values({c.name: value_for(c) for c in table.columns}))


def rows(engine: sa.Engine, columns: dict[str, list[str]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table; of `columns` alone when they are named."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            names = columns.get(table.name, []) if columns is not None else list(table.columns.keys())
            if names and table.name != "alembic_version":
                chosen = sa.select(*(table.c[name] for name in names))
                found[table.name] = [dict(row._mapping) for row in connection.execute(chosen)]
    return found


@pytest.mark.parametrize("release", migrate.revisions()[:-1])
def test_an_earlier_releases_rows_are_all_there_after_the_upgrade(empty: Settings, release: str) -> None:
    migrate.upgrade(empty, release)
    engine = opened(empty)
    fill(engine)
    before = rows(engine)
    for table, name in TAKEN_OUT:
        before[table][0].pop(name, None)
    assert len(before) > 10 and all(len(found) == 1 for found in before.values())
    migrate.upgrade(empty)
    after = rows(engine, {table: list(found[0]) for table, found in before.items()})
    assert after == before and migrate.is_current(empty)


def test_who_wrote_on_telegram_before_there_were_several_bots_is_known_to_the_first(empty: Settings) -> None:
    migrate.upgrade(empty, "0011")
    engine = opened(empty)
    fill(engine)
    migrate.upgrade(empty)
    found = rows(engine)
    assert [found[table][0]["bot"] for table in ("conversation", "outbox")] == ["", ""]


def test_the_models_and_the_migrations_describe_the_same_tables(empty: Settings) -> None:
    migrate.upgrade(empty)
    with opened(empty).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
