"""One citizen, as far as we know her: the conversations of one address, and what she filed in them."""

import contextlib
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.secrets import Secrets
from bot.states import Author
from bot.store.tables import Case, Conversation, Item, ItemStep, Message

SHOWN = (Author.CITIZEN, Author.ASSISTANT, Author.STAFF, Author.SYSTEM)


@dataclass(frozen=True)
class Kept:
    """What is kept of her. Notes of staff among themselves are not part of it."""

    conversations: list[Conversation]
    messages: list[Message]
    cases: list[Case]
    items: list[Item]
    steps: list[ItemStep]


def is_of_citizen(secrets: Secrets, conversation: Conversation) -> ColumnElement[bool]:
    """Which conversations are of the one who has this one: those of her address, under whatever key they are stored.

    While keys are rotated some are under the old key. An address that no key opens is looked for by what is stored.
    """
    if not conversation.address_key:
        return Conversation.id == conversation.id
    keys = {conversation.address_key}
    if conversation.address:
        with contextlib.suppress(InvalidToken):
            keys.update(secrets.keys_of(conversation.way, secrets.unseal(conversation.address)))
    return (Conversation.channel == conversation.channel) & Conversation.address_key.in_(sorted(keys))


async def conversation_ids(session: AsyncSession, conversation: Conversation) -> list[str]:
    """All conversations of this address; where there is none, this one and those that it continues."""
    if conversation.address_key:
        mine = (Conversation.channel == conversation.channel, Conversation.address_key == conversation.address_key)
        return list(await session.scalars(select(Conversation.id).where(*mine)))
    found, earlier = [conversation.id], conversation.previous_id
    while earlier and earlier not in found:
        found.append(earlier)
        earlier = await session.scalar(select(Conversation.previous_id).where(Conversation.id == earlier))
    return found


async def read_kept(session: AsyncSession, conversation: Conversation) -> Kept:
    """Everything of her, oldest first."""
    ids = await conversation_ids(session, conversation)
    conversations = select(Conversation).where(Conversation.id.in_(ids)).order_by(Conversation.created_at)
    said = select(Message).where(Message.conversation_id.in_(ids), Message.author.in_(SHOWN)).order_by(Message.id)
    items = list(await session.scalars(select(Item).where(Item.conversation_id.in_(ids)).order_by(Item.id)))
    steps = select(ItemStep).where(ItemStep.item_id.in_([item.id for item in items])).order_by(ItemStep.id)
    cases = select(Case).where(Case.conversation_id.in_(ids)).order_by(Case.id)
    return Kept(
        list(await session.scalars(conversations)),
        list(await session.scalars(said)),
        list(await session.scalars(cases)),
        items,
        list(await session.scalars(steps)),
    )
