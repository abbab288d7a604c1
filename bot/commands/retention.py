"""`./ventanilla retention`: erase what is older than it may be, now; or only say what that would be."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from bot.logs import explain
from bot.privacy.retention import Retention, read_days
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.store.database import Database


def do_retain(settings: Settings, *, dry_run: bool) -> list[str]:
    """Lines with the figure of each class. Raises KnowledgeError when the days cannot be read."""
    days = read_days(settings.knowledge)

    async def run() -> dict[str, int]:
        database = Database(settings.database)
        try:
            retention = Retention(database, days)
            return await retention.read_counts() if dry_run else await retention.do_erase(settings.agency)
        finally:
            await database.close()

    try:
        counts = asyncio.run(run())
    except SQLAlchemyError as error:
        raise Problem("database_failed", reason=explain(error)) from None
    verb = "would be erased" if dry_run else "erased"
    return [f"{name:<22} {count:>8} {verb} (older than {days[name]} days)" for name, count in counts.items()]
