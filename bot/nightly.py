"""The daily clean-up: one node does it, once a day."""

import asyncio

import structlog

from bot.knowledge.knowledge import KnowledgeError
from bot.metrics import RETENTION_ERASED
from bot.privacy.retention import Retention, read_days
from bot.services import Services
from bot.store.leases import Leases
from bot.store.tables import Mark, now

log = structlog.get_logger()
LEASE = "retention"
MARK = "retention_done"  # the last day (UTC) that it was done
LOOK = 300.0


async def retention(services: Services) -> None:
    """Do it whenever a day has begun on which nobody did."""

    async def daily() -> None:
        while True:
            try:
                await do_daily(services)
            except KnowledgeError as error:
                log.error("retention.unreadable", problem=str(error))
            await asyncio.sleep(LOOK)

    await Leases(services.database).run_alone(LEASE, daily)


async def do_daily(services: Services) -> bool:
    """Erase what is old, unless it was done today; whether it was done now."""
    today = now().date().isoformat()
    async with services.database.read() as session:
        mark = await session.get(Mark, MARK)
    if mark and mark.value == today:
        return False
    days = await asyncio.to_thread(read_days, services.settings.knowledge)
    erased = await Retention(services.database, days).do_erase(services.settings.agency)
    for name, count in erased.items():
        RETENTION_ERASED.labels(name).inc(count)
    log.info("retention.done", **erased)
    async with services.database.write() as uow:
        await uow.session.merge(Mark(name=MARK, value=today))
        await uow.commit()
    return True
