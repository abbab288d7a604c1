"""Brings a database to the newest tables."""

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url

from bot.settings import Settings

HERE = Path(__file__).parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    return config


def synchronous(url: str) -> str:
    """The same database through a driver that Alembic can use without an event loop."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Create or migrate the tables; harmless when they are current. Raises SQLAlchemy's errors."""
    settings.home.mkdir(parents=True, exist_ok=True)
    config = _config()
    config.attributes["url"] = synchronous(settings.database)
    command.upgrade(config, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """The same inside a transaction that the caller has begun and ends."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> list[str]:
    """Every release of the tables, from the first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


@functools.cache
def newest() -> str:
    """The revision that today's code works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def is_current(settings: Settings) -> bool:
    """Whether the database stands at the newest migration."""
    engine = create_engine(synchronous(settings.database), hide_parameters=True)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == newest()
    finally:
        engine.dispose()
