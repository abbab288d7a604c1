"""`/forget`: what would be erased, and erasing it in one transaction.

Conversations go with everything that hangs on them. What was filed and not yet taken up goes too; what the agency is
working on keeps its number, subject, district, state and who moved it when, and loses every word of its author and all
notes. What happened stays counted, without a conversation and without data. Private notes of staff in a conversation
are messages of it, and go with it.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.person import conversation_ids, read_kept
from bot.states import State
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Event, Inbox, Item, ItemStep, Mark, now

FORGOTTEN = "utter_forgotten"  # the last thing said; with it the address goes
ERASED = "–"


@dataclass(frozen=True)
class Preview:
    """How much `do_forget` erases: messages, conversations, items that go, items that stay without their author."""

    messages: int
    conversations: int
    items_erased: int
    items_kept: int


async def read_preview(session: AsyncSession, conversation: Conversation) -> Preview:
    """What is there to be erased."""
    kept = await read_kept(session, conversation)
    gone = sum(item.state == "submitted" for item in kept.items)
    return Preview(len(kept.messages), len(kept.conversations), gone, len(kept.items) - gone)


async def do_forget(uow: UnitOfWork, conversation: Conversation) -> Conversation:
    """Erase the citizen; an empty, closed conversation of the same id, so that she can still be told.

    Its address (the web: its token) leads to her for that one message alone. The caller announces and commits.
    """
    session = uow.session
    preview = await read_preview(session, conversation)
    ids = await conversation_ids(session, conversation)
    await _do_erase_items(uow, ids)
    updates = await session.scalars(
        select(Inbox.external_id).where(Inbox.conversation_id.in_(ids), Inbox.channel == "telegram")
    )
    await session.execute(delete(Mark).where(Mark.name.in_([f"telegram_update:{number}" for number in updates])))
    await session.execute(update(Event).where(Event.conversation_id.in_(ids)).values(conversation_id=None, data={}))
    shell = Conversation(
        id=conversation.id,
        channel=conversation.channel,
        bot=conversation.bot,
        agency=conversation.agency,
        language=conversation.language,
        state=State.CLOSED,
        epoch=conversation.epoch + 1,
        token_hash=conversation.token_hash,
        address=conversation.address,
        last_seq=conversation.last_seq,
        last_turn_seq=conversation.last_seq,
        delivered_seq=conversation.last_seq,
        misunderstood=0,
        waiting_messages=0,
        closed_at=now(),
        erased_at=now(),
    )
    session.expunge_all()
    await session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    await session.execute(update(Conversation).where(Conversation.previous_id.in_(ids)).values(previous_id=None))
    session.add(shell)
    session.add(Event(agency=shell.agency, kind="forgotten", actor="citizen", data=vars(preview)))
    await session.flush()
    return shell


async def do_erase_shell(uow: UnitOfWork, conversation_id: str) -> None:
    """She has been told, or cannot be: now the address goes as well."""
    await uow.session.execute(delete(Conversation).where(Conversation.id == conversation_id))


async def _do_erase_items(uow: UnitOfWork, ids: list[str]) -> None:
    session = uow.session
    for item in list(await session.scalars(select(Item).where(Item.conversation_id.in_(ids)))):
        if item.state == "submitted":
            await session.execute(delete(Item).where(Item.id == item.id))
            continue
        # No rule finds her words in what staff wrote to her or among themselves: who moved it, when and where to stays.
        steps = update(ItemStep).where(ItemStep.item_id == item.id)
        await session.execute(steps.values(note="", private_note=""))
        item.text, item.place, item.contact = ERASED, None, None
        item.latitude = item.longitude = None
        item.conversation_id, item.turn_id = None, f"forgotten_{secrets.token_hex(12)}"
    await session.flush()
