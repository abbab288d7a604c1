"""Brings a database to the newest tables."""

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

from bot.settings import Settings

HERE = Path(__file__).parent


def _config(settings: Settings) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.attributes["url"] = _synchronous(settings.database)
    return config


def _synchronous(url: str) -> str:
    """The same database through a driver that Alembic can use without an event loop."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def upgrade(settings: Settings) -> None:
    """Create or migrate the tables; harmless when they are current. Raises SQLAlchemy's errors."""
    settings.home.mkdir(parents=True, exist_ok=True)
    command.upgrade(_config(settings), "head")


@functools.cache
def newest() -> str:
    """The revision that today's code works with."""
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def is_current(settings: Settings) -> bool:
    """Whether the database stands at the newest migration."""
    engine = create_engine(_synchronous(settings.database), hide_parameters=True)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == newest()
    finally:
        engine.dispose()
