"""Whether this node can serve citizens, part by part."""

import asyncio
import shutil
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.handoff.owed import count_owed
from bot.handoff.switch import ALL
from bot.logs import explain
from bot.services import Services
from bot.store.migrate import newest

Part = dict[str, Any]
PATIENCE = 3.0  # seconds for the database
LOW_MEGABYTES = 200
FULL_MEGABYTES = 5
# Without these nothing can be taken in. The rest may fail: people answer then, or one channel rests.
NEEDED = ("database", "tables", "workers")


def word_for(parts: dict[str, Part]) -> str:
    """`ok`; `degraded`: citizens are served, but something needs a look; or `not ready`."""
    if not all(parts[name]["ok"] for name in NEEDED) or parts["engine"]["starting"] or parts["disk"]["full"]:
        return "not ready"
    return "ok" if all(part["ok"] and not part.get("problem") for part in parts.values()) else "degraded"


async def read_parts(services: Services) -> dict[str, Part]:
    """Each part by name with `ok` and a word about it."""
    database, tables, owed = await _database(services)
    down = services.workers.down()
    return {
        "database": database,
        "tables": tables,
        "engine": _engine(services),
        "knowledge": {"ok": services.knowledge.problem is None, "problem": services.knowledge.problem},
        "handoff": _handoff(services, owed),
        **_telegram(services),
        "workers": {"ok": not down, "down": down},
        "disk": _disk(services),
        "assistant": {"ok": True, "off": [off.scope for off in services.switch.all_off()]},
    }


async def _database(services: Services) -> tuple[Part, Part, int]:
    """The database itself, whether its tables are those that this code knows, and how many cases it owes."""
    try:
        async with asyncio.timeout(PATIENCE), services.database.read() as session:
            revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
            owed = await count_owed(session)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return {"ok": False, "problem": explain(error)}, {"ok": True, "revision": None}, 0
    return {"ok": True}, {"ok": revision == newest(), "revision": revision}, owed


def _handoff(services: Services, owed: int) -> Part:
    """Whether people can be called: `owed` were promised and not called yet, `problem` is what failed last."""
    return {"ok": not owed, "owed": owed, "problem": services.cases.troubles.problem()}


def _telegram(services: Services) -> dict[str, Part]:
    """Each bot by itself; that of the installation's agency also where it has none."""
    bots = {"telegram": services.senders.get("telegram")} | services.senders
    return {way: {"ok": bool(getattr(one, "ok", True)), "configured": one is not None} for way, one in bots.items()}


def _engine(services: Services) -> Part:
    status = services.engines.status()
    alive = len(services.engines.urls())
    if alive:
        services.engine_was_ready.set()
    # An engine that has died is started again, and people answer meanwhile. One that never came is a bad start.
    starting = not services.engine_was_ready.is_set() and services.switch.off(ALL) is None
    reasons = [replica["reason"] for replica in status if replica.get("reason") and replica["state"] != "ready"]
    engines = services.engines
    problem = engines.problem or engines.unlearned or (str(reasons[0]) if reasons and not alive else None)
    return {
        "ok": alive > 0,
        "replicas": alive,
        "model": engines.model,
        "learning": engines.learning,
        "starting": starting,
        "problem": problem,
    }


def _disk(services: Services) -> Part:
    free = shutil.disk_usage(services.settings.home).free // 1_000_000
    full = free < FULL_MEGABYTES and not services.settings.database_url
    return {"ok": free >= LOW_MEGABYTES, "free_megabytes": free, "full": full}
