"""Who asks how an item is going, and what of it she may read: a reference can be worked out, so it opens little.

Where it was filed – the same conversation, or the same person on a channel that knows her – everything is read. With
the reference alone: kind, state, and when it moved, never words, and of a complaint no days. Such tries are limited,
those that find nothing as well.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.limits import REFERENCES, REFERENCES_ADDRESS, Limits
from bot.privacy.person import is_of_citizen
from bot.privacy.secrets import Secrets
from bot.store.tables import Conversation, Inbox, Item, ItemStep
from bot.suggestions.references import Written

UNDATED = ("complaint",)


@dataclass(frozen=True)
class Going:
    """How an item is going, as its reader may know it; `own` when it is hers and nothing is left out."""

    item: Item
    steps: list[ItemStep]
    own: bool

    @property
    def dated(self) -> bool:
        """Whether the days are told."""
        return self.own or self.item.kind not in UNDATED


class Inquiries:
    """Reads items for citizens. The desk has queries of its own, bound to its agency."""

    def __init__(self, secrets: Secrets, limits: Limits) -> None:
        self._secrets = secrets
        self._limits = limits

    async def read(self, session: AsyncSession, turn_id: str, written: Written) -> Going | None:
        """What whoever asks in this turn may know of the item; None when there is none or the letter does not fit.

        Raises BotError `rate_limited` with `retry_after` after too many that are not hers, whether they exist or not.
        """
        asking = await conversation_of(session, turn_id)
        item = await session.scalar(select(Item).where(Item.reference == written.whole)) if written.fits else None
        own = item is not None and await self._is_own(session, asking, item)
        if not own:
            await self._count(asking)
        return await _going(session, item, own=own) if item else None

    async def read_latest(self, session: AsyncSession, turn_id: str) -> Going | None:
        """What whoever asks in this turn filed last."""
        asking = await conversation_of(session, turn_id)
        if asking is None:
            return None
        hers = select(Conversation.id).where(is_of_citizen(self._secrets, asking))
        newest = select(Item).where(Item.conversation_id.in_(hers)).order_by(Item.id.desc()).limit(1)
        item = await session.scalar(newest)
        return await _going(session, item, own=True) if item else None

    async def _is_own(self, session: AsyncSession, asking: Conversation | None, item: Item) -> bool:
        if asking is None or item.conversation_id is None:
            return False
        hers = select(Conversation.id).where(is_of_citizen(self._secrets, asking))
        return await session.scalar(hers.where(Conversation.id == item.conversation_id)) is not None

    async def _count(self, asking: Conversation | None) -> None:
        """One more that is not hers: by person or conversation, and by the network address that it came from."""
        if asking is None:
            return  # `rasa shell`, at the operator's own keyboard
        await self._limits.check(REFERENCES, asking.address_key or asking.id)
        if address := self._limits.address_noted(asking.id):
            await self._limits.check(REFERENCES_ADDRESS, address)


async def conversation_of(session: AsyncSession, turn_id: str) -> Conversation | None:
    """The conversation of a turn; a turn of `rasa shell` has none."""
    found = select(Conversation).join(Inbox, Inbox.conversation_id == Conversation.id).where(Inbox.turn_id == turn_id)
    return await session.scalar(found)


async def _going(session: AsyncSession, item: Item, *, own: bool) -> Going:
    return Going(item, await read_steps(session, item), own)


async def read_steps(session: AsyncSession, item: Item) -> list[ItemStep]:
    """The history of an item, oldest first."""
    return list(await session.scalars(select(ItemStep).where(ItemStep.item_id == item.id).order_by(ItemStep.id)))
