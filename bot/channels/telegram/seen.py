"""What Telegram has told us already: an update is taken once, an album is answered once."""

import datetime as dt

from sqlalchemy import delete, or_, select

from bot.store.database import UnitOfWork
from bot.store.tables import Inbox, Mark, now

CHANNEL = "telegram"
PRUNE_EVERY = 500
LONGEST = 80  # of a mark's name
REPEATED_WITHIN = dt.timedelta(days=2)  # Telegram keeps an update for at most a day: core.telegram.org/bots/api


def external_id(update_id: int, bot: str) -> str:
    """What an update is known by: its number, which is one bot's own, behind the agency of any but the first bot."""
    return f"{bot}:{update_id}" if bot else str(update_id)


async def is_new(uow: UnitOfWork, update_id: int, bot: str) -> bool:
    """Whether this update has not been stored: by its row, or, when it made none, by the mark of the last one."""
    known = external_id(update_id, bot)
    stored = select(Inbox.id).where(Inbox.channel == CHANNEL, Inbox.external_id == known)
    if (await uow.session.execute(stored)).first():
        return False
    name = f"telegram_update:{known}"
    if await uow.session.get(Mark, name):
        return False
    uow.session.add(Mark(name=name, value=now().isoformat()))
    if update_id % PRUNE_EVERY == 0:
        old = (now() - REPEATED_WITHIN).isoformat()
        ours = or_(Mark.name.startswith("telegram_update:"), Mark.name.startswith("telegram_album:"))
        await uow.session.execute(delete(Mark).where(ours, Mark.value < old))
    return True


async def is_first_of(uow: UnitOfWork, album: str, bot: str) -> bool:
    """Whether no other picture of this album has been answered: ten at once get one answer."""
    name = f"telegram_album:{bot}:{album}"[:LONGEST] if bot else f"telegram_album:{album}"
    if await uow.session.get(Mark, name):
        return False
    uow.session.add(Mark(name=name, value=now().isoformat()))
    return True
