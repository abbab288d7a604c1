"""Telegram's webhook: an update comes in over HTTP and is stored before Telegram is told so."""

import json
from collections import Counter

import structlog
from fastapi import APIRouter, HTTPException, Request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bot.channels.telegram.receive import TRIES, Receiver
from bot.channels.telegram.updates import Json, update_id_of
from bot.errors import BotError
from bot.services import Services

log = structlog.get_logger()
PATH = "/telegram/webhook"
SECRET = "telegram-webhook"  # what the secret that Telegram shows us is derived for  # noqa: S105
Known = tuple[str, int]  # an update: its bot and its number
# The database is away: the same update again will do.
AWAY = (OperationalError, InterfaceError, NoConnection, OSError)


def path_of(bot: str) -> str:
    """Where Telegram calls a bot of ours."""
    return f"{PATH}/{bot}" if bot else PATH


def secret_of(bot: str) -> str:
    """What the secret is derived for that Telegram shows when it calls it: each bot has its own."""
    return f"{SECRET}:{bot}" if bot else SECRET


def router(services: Services) -> APIRouter:
    """Each bot's webhook: 401 without its secret, 200 once the update is stored, 503 while the database is away."""
    routes = APIRouter(include_in_schema=False)
    hooks = Hooks(services)

    @routes.post(PATH)
    async def webhook(request: Request) -> dict[str, bool]:
        return await hooks.take(request, "")

    @routes.post(PATH + "/{agency}")
    async def webhook_of(request: Request, agency: str) -> dict[str, bool]:
        return await hooks.take(request, agency)

    return routes


class Hooks:
    """Takes updates in. One that fails for a reason of its own is asked for again a few times and then left behind."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._failed: Counter[Known] = Counter()

    async def take(self, request: Request, bot: str) -> dict[str, bool]:
        """Store what Telegram sends to this bot. Raises HTTPException 401, or BotError `unavailable`: send it again."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        receiver: Receiver | None = self._services.telegram.get(bot)
        if receiver is None or not self._services.secrets.is_derived(secret_of(bot), given):
            raise HTTPException(401)
        update = _read_json(await request.body())
        try:
            await receiver.do_take(update)
        except AWAY as error:
            log.warning("telegram.database_away", problem=type(error).__name__)
            raise BotError("unavailable") from error
        except Exception as error:
            known = bot, update_id_of(update) or 0
            self._failed[known] += 1
            log.exception("telegram.update_failed", bot=bot, update=known[1], tries=self._failed[known])
            if self._failed[known] < TRIES:
                raise BotError("unavailable") from error
            self._failed.clear()
        return {"ok": True}


def _read_json(body: bytes) -> Json:
    """The update; an empty one when it cannot be read, since Telegram would send it again and again."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError) as error:
        log.warning("telegram.update_unreadable", problem=type(error).__name__)
        return {}
    return update if isinstance(update, dict) else {}
