"""Taking back what she typed: her personal data is covered in everything that we keep of a conversation or made of it.

Her own lines lose all that is found in them. Wherever else the same data stands – summaries that repeat it, the form,
packets and drafts of staff, what was filed, her earlier conversations – it is covered too, and nothing besides. A
contact is given to be kept; who wants her data out wants that out as well, so that the form goes on without it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.cover import Cover
from bot.privacy.person import conversation_ids
from bot.privacy.secrets import Secrets
from bot.states import Author
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation, Draft, Inbox, Item, ItemStep, Message, Turn
from bot.store.unanswered import Unanswered

CONTACT = "item_contact"
NO_CONTACT = "none"  # what the form holds when she leaves none


@dataclass(frozen=True)
class Unsaid:
    """Which kinds of data were covered, and whether a contact was among them."""

    kinds: tuple[str, ...]
    contact: bool


async def do_unsay(uow: UnitOfWork, secrets: Secrets, conversation: Conversation) -> Unsaid:
    """Cover the personal data of this conversation, in the database itself. The caller commits and announces."""
    session = uow.session
    ids = await conversation_ids(session, conversation)
    messages = list(await session.scalars(select(Message).where(Message.conversation_id.in_(ids))))
    items = list(await session.scalars(select(Item).where(Item.conversation_id.in_(ids))))
    filed_here = [item for item in items if item.conversation_id == conversation.id]
    contacts = {item.id: secrets.reveal(item.contact) or "" for item in items}
    cover = Cover.of([*_hers(conversation, messages, filed_here), *(contacts[item.id] for item in filed_here)])
    for message in messages:
        _cover_message(message, cover)
    contact = _cover_form(conversation, cover)
    for item in items:
        is_same = item in filed_here or cover.over(contacts[item.id]) != contacts[item.id]
        contact = _cover_item(item, cover, with_contact=is_same) or contact
    await _do_cover_rest(session, ids, [item.id for item in items], cover)
    await session.flush()
    return Unsaid(cover.kinds, contact)


def _hers(conversation: Conversation, messages: list[Message], items: list[Item]) -> list[str]:
    """Everything that she gave in this conversation."""
    mine = [m for m in messages if m.conversation_id == conversation.id and m.author == Author.CITIZEN]
    texts = [text for m in mine for text in (m.text, m.edited_from)]
    texts += [text for item in items for text in (item.text, item.place)]
    texts += [value for value in _slots(conversation).values() if isinstance(value, str)]
    return [text for text in texts if text]


def _cover_message(message: Message, cover: Cover) -> None:
    if message.topic:
        return  # an answer that staff wrote: it quotes nobody, and what it gives is the agency's
    message.text = cover.over(message.text)
    message.edited_from = cover.over(message.edited_from) if message.edited_from else message.edited_from
    message.card = cover.over_all(message.card)


def _slots(conversation: Conversation) -> dict[str, Any]:
    return dict((conversation.engine_state or {}).get("slots") or {})


def _cover_form(conversation: Conversation, cover: Cover) -> bool:
    """Cover what the dialogue remembers; whether a contact went."""
    slots = _slots(conversation)
    if not slots:
        return False
    had = slots.get(CONTACT) not in (None, NO_CONTACT)
    slots = cover.over_all(slots) | ({CONTACT: NO_CONTACT} if had else {})
    conversation.engine_state = {**(conversation.engine_state or {}), "slots": slots}
    return had


def _cover_item(item: Item, cover: Cover, *, with_contact: bool) -> bool:
    """Cover what was filed; whether a contact went. One given here goes always, an earlier one if it is the same."""
    item.text = cover.over(item.text)
    item.place = cover.over(item.place) if item.place else item.place
    if not item.contact or not with_contact:
        return False
    item.contact = None
    return True


async def _do_cover_rest(session: AsyncSession, ids: list[str], items: list[int], cover: Cover) -> None:
    for case in await session.scalars(select(Case).where(Case.conversation_id.in_(ids))):
        case.packet = cover.over_all(case.packet)
    for draft in await session.scalars(select(Draft).where(Draft.conversation_id.in_(ids))):
        draft.text = cover.over(draft.text)
    for turn in await session.scalars(select(Turn).where(Turn.conversation_id.in_(ids))):
        turn.entities = cover.over_all(turn.entities)
    for question in await session.scalars(select(Unanswered).where(Unanswered.conversation_id.in_(ids))):
        question.text = cover.over(question.text)
    for received in await session.scalars(select(Inbox).where(Inbox.conversation_id.in_(ids))):
        received.payload = cover.over_all(received.payload)
    for step in await session.scalars(select(ItemStep).where(ItemStep.item_id.in_(items))):
        step.note, step.private_note = cover.over(step.note), cover.over(step.private_note)
