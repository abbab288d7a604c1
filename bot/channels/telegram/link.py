"""The link of each bot to Telegram: long polling, or a webhook where a public address brings the updates."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from telegram import Bot, BotCommand
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.channels.telegram.receive import Receiver
from bot.channels.telegram.seen import CHANNEL
from bot.channels.telegram.send import CALL_SECONDS, FilesOf, TelegramSender
from bot.channels.telegram.updates import ALLOWED, update_id_of
from bot.channels.telegram.webhook import AWAY, path_of, secret_of
from bot.privacy.my_data import read_files
from bot.services import Services
from bot.store.leases import Leases
from bot.store.tables import Conversation, Mark, way_of

log = structlog.get_logger()
POLL_SECONDS = 25
MARK = "telegram_offset"
LEASE = "telegram"  # who polls: Telegram refuses a second one
GIVE_UP = 3
AGAIN = 1.0
LOOK = 2.0  # seconds: how soon a rotated key is seen
# Asking for updates as they stand is what is meant.
warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)


@dataclass(frozen=True)
class Link:
    """One bot with what sends and receives for it; `name` is the agency whose own it is, empty for the first bot."""

    services: Services
    name: str
    bot: Bot
    sender: TelegramSender
    receiver: Receiver

    @property
    def way(self) -> str:
        """What it is called beside other bots and channels."""
        return way_of(CHANNEL, self.name)

    @property
    def mark(self) -> str:
        """Under which name it is kept what Telegram has told it."""
        return way_of(MARK, self.name)

    @property
    def secret(self) -> str:
        """What Telegram shows us when it calls."""
        return self.services.secrets.derived(secret_of(self.name))


@asynccontextmanager
async def connected(services: Services) -> AsyncIterator[None]:
    """The bots, for as long as the block lasts: polling, or with the webhook set. Nothing without a token."""
    async with AsyncExitStack() as links:
        for name, token in services.settings.bots.items():
            await links.enter_async_context(_linked(services, name, token))
        yield


@asynccontextmanager
async def _linked(services: Services, name: str, token: str) -> AsyncIterator[None]:
    base = services.settings.telegram_api_base
    bot = Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(read_timeout=CALL_SECONDS, pool_timeout=CALL_SECONDS),
        get_updates_request=HTTPXRequest(read_timeout=POLL_SECONDS + 10),
    )
    sender = TelegramSender(bot, services.secrets, _files_of(services))
    link = Link(services, name, bot, sender, Receiver(services, bot, name))
    services.senders[link.way] = sender
    services.telegram[name] = link.receiver
    task = asyncio.create_task(services.workers.keep(link.way, partial(_serve, link)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        services.telegram.pop(name)
        await link.receiver.close()
        await bot.shutdown()


async def _serve(link: Link) -> None:
    """Connect, trying again until Telegram is there; then poll, unless a public address brings the updates."""
    services, bot, sender = link.services, link.bot, link.sender
    while True:
        try:
            await bot.initialize()
            await bot.set_my_commands([BotCommand(*pair) for pair in _menu(services)])
            if services.settings.public_url:
                url = services.settings.public_url + path_of(link.name)
                await bot.set_webhook(url, secret_token=link.secret, allowed_updates=ALLOWED)
                sender.ok = True
                await _key_changed(link)
                continue
            sender.ok = True
            await Leases(services.database).run_alone(way_of(LEASE, link.name), partial(_poll, link))
        except InvalidToken:
            sender.ok = False
            log.error("telegram.token_refused", channel=link.way)
            await asyncio.sleep(60)
        except TelegramError as error:
            sender.ok = False
            log.warning("telegram.away", channel=link.way, problem=type(error).__name__)
            await asyncio.sleep(3)
        except Exception:
            # the database is away just now; a link that ended would stay so
            log.exception("telegram.link_failed", channel=link.way)
            await asyncio.sleep(AGAIN)


async def _key_changed(link: Link) -> None:
    """Wait until the key, and with it the secret that Telegram shows us, has been rotated."""
    known = link.secret
    while link.secret == known:  # noqa: ASYNC110 - a file, changed by another process
        await asyncio.sleep(LOOK)


def _files_of(services: Services) -> FilesOf:
    async def read(conversation: Conversation) -> dict[str, str]:
        async with services.database.read() as session:
            return await read_files(session, services.knowledge, services.secrets, conversation)

    return read


def _menu(services: Services) -> list[tuple[str, str]]:
    return [
        (name, services.knowledge.text(f"utter_label_command_{name}", services.knowledge.languages[0]))
        for name in ("help", "person", "language", "mydata", "forget")
    ]


async def _poll(link: Link) -> None:
    """Take updates in order, on one node at a time.

    The offset that acknowledges them moves only behind what has been stored.

    While the database is away nothing moves. An update that fails for a reason of its own is left behind after a few
    tries, so that it does not silence everybody else.
    """
    await link.bot.delete_webhook()
    async with link.services.database.read() as session:
        mark = await session.get(Mark, link.mark)
    offset, failures = int(mark.value) if mark else 0, 0
    while True:
        for arrived in await _get_updates(link.bot, offset):
            update_id = update_id_of(arrived) or offset
            try:
                await link.receiver.do_take(arrived)
            except Exception as error:
                failures += 0 if isinstance(error, (*AWAY, DBAPIError)) else 1
                left_behind = failures >= GIVE_UP
                log.exception("telegram.update_failed", channel=link.way, update=update_id, left_behind=left_behind)
                await asyncio.sleep(AGAIN)
                if failures < GIVE_UP:
                    break
            failures = 0
            offset = update_id + 1
            await _do_mark(link, offset)


async def _get_updates(bot: Bot, offset: int) -> list[dict[str, Any]]:
    """The next updates as they stand on the wire: one that the library cannot read must not hide the others."""
    asked = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": ALLOWED}
    found: list[dict[str, Any]] = await bot.do_api_request("getUpdates", api_kwargs=asked)
    return found


async def _do_mark(link: Link, offset: int) -> None:
    async with link.services.database.write() as uow:
        await uow.session.merge(Mark(name=link.mark, value=str(offset)))
        await uow.commit()
