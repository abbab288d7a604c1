"""Looks for conversations whose holder may hold them no longer, whoever changed that: a page, an operator, a backup."""

import asyncio

import structlog

from bot.services import Services
from bot.store.leases import Leases

log = structlog.get_logger()
LEASE = "holders"
LOOK = 60.0


async def holders(services: Services) -> None:
    """Return them to the queue, once a minute, on one node."""

    async def always() -> None:
        while True:
            await do_look(services)
            await asyncio.sleep(LOOK)

    await Leases(services.database).run_alone(LEASE, always)


async def do_look(services: Services) -> int:
    """Return them now; how many."""
    async with services.database.write() as uow:
        returned = await services.cases.do_return_lost(uow, "system")
        await uow.commit()
    if returned:
        log.info("cases.returned", count=returned)
    return returned
