"""Taking back what she typed: her personal data is covered in everything that we keep of a conversation or made of it.

Her own lines lose all that is found in them. Wherever else the same data stands – summaries that repeat it, the form,
packets and drafts of staff, what was filed, her earlier conversations – it is covered too, and nothing besides. A
contact is given to be kept; who wants her data out wants that out as well, so that the form goes on without it.

Rules take long for long texts: everything is read, covered in a thread while nothing is locked, then written.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.cover import Cover, datum_of, over_all, pieces_of
from bot.privacy.person import conversation_ids
from bot.privacy.secrets import Secrets
from bot.states import Author
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Case, Conversation, Draft, Event, Inbox, Item, ItemStep, Message, Table, Turn
from bot.store.unanswered import Unanswered

CONTACT = "item_contact"
NO_CONTACT = "none"  # what the form holds when she leaves none
REMOVED = "data_removed"  # the event that remembers what, as pseudonyms
Over = Callable[[str], str]
# Beside what was said and filed: where words of a conversation stand.
_BESIDE: tuple[tuple[type[Case | Draft | Turn | Inbox | Unanswered], str], ...] = (
    (Case, "packet"),
    (Draft, "text"),
    (Turn, "entities"),
    (Inbox, "payload"),
    (Unanswered, "text"),
)


@dataclass(frozen=True)
class Unsaid:
    """Which kinds of data were covered, and whether a contact was among them."""

    kinds: tuple[str, ...]
    contact: bool


@dataclass(frozen=True)
class Covered:
    """What `texts` are once the data in `hers` is covered in them; `hers` is everything that she gave.

    `data` names what is covered, however it is spelt.
    """

    hers: frozenset[str]
    kinds: tuple[str, ...]
    data: frozenset[str]
    texts: Mapping[str, str]

    @classmethod
    def of(cls, hers: frozenset[str], texts: frozenset[str]) -> "Covered":
        """Work it out."""
        pieces = frozenset(piece for text in hers for piece in pieces_of(text))
        cover, data = Cover.over_pieces(pieces), frozenset(map(datum_of, pieces))
        return cls(hers, cover.kinds, data, {text: cover.over(text) for text in texts})


async def work_out(database: Database, secrets: Secrets, conversation_id: str) -> Covered | None:
    """What `do_unsay` is going to write, as things stand now; None when the conversation is gone."""
    async with database.read() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:
            return None
        words = (await _read(session, secrets, conversation)).words()
    return await asyncio.to_thread(Covered.of, *words)


async def do_unsay(uow: UnitOfWork, secrets: Secrets, conversation: Conversation, ready: Covered | None) -> Unsaid:
    """Cover the personal data of this conversation, in the database itself. The caller commits and announces.

    `ready` is what was worked out before; what came or changed since is covered all the same.
    """
    kept = await _read(uow.session, secrets, conversation)
    hers, texts = kept.words()
    if ready is None or ready.hers != hers or not ready.texts.keys() >= texts:
        ready = await asyncio.to_thread(Covered.of, hers, texts)
    contact = kept.cover(ready.texts.__getitem__)
    if ready.data:
        # Pseudonyms, by which it is known when a page that was open brings it back.
        keys = sorted(secrets.key_of(REMOVED, datum) for datum in ready.data)
        event = {"agency": conversation.agency, "conversation_id": conversation.id, "actor": "citizen"}
        uow.session.add(Event(kind=REMOVED, data={"keys": keys}, **event))
    await uow.session.flush()
    return Unsaid(ready.kinds, contact)


async def read_removed(session: AsyncSession, agency: str, conversation_id: str) -> frozenset[str]:
    """What she has had removed from this conversation of `agency`, as pseudonyms."""
    removed = (Event.agency == agency, Event.conversation_id == conversation_id, Event.kind == REMOVED)
    return frozenset(key for data in await session.scalars(select(Event.data).where(*removed)) for key in data["keys"])


async def cover_again(secrets: Secrets, removed: frozenset[str], text: str) -> str:
    """`text`, which is about to be stored with a conversation, without what was `removed` from it."""
    if not removed:
        return text

    def covered() -> str:
        pieces = pieces_of(text)
        return Cover.over_pieces(
            piece for piece in pieces if removed.intersection(secrets.keys_of(REMOVED, datum_of(piece)))
        ).over(text)

    return await asyncio.to_thread(covered)


@dataclass(frozen=True)
class _Kept:
    """What is kept of her: `places` are the columns with words in them; `contacts` are those of `items`, opened."""

    conversation: Conversation
    messages: list[Message]
    items: list[Item]
    contacts: dict[int, str]
    places: list[tuple[Table, str]]

    def words(self) -> tuple[frozenset[str], frozenset[str]]:
        """Everything that she gave in this conversation, and every text in which it may be repeated."""
        slots, filed = _slots(self.conversation), self._filed_here()
        mine = [m for m in self.messages if m.conversation_id == self.conversation.id and m.author == Author.CITIZEN]
        hers = [text for m in mine for text in (m.text, m.edited_from)]
        hers += [text for item in filed for text in (item.text, item.place, self.contacts[item.id])]
        hers += [value for value in slots.values() if isinstance(value, str)]
        texts: set[str] = set()

        def note(text: str) -> str:
            texts.add(text)
            return text

        over_all([slots, list(self.contacts.values()), *(getattr(row, column) for row, column in self.places)], note)
        return frozenset(text for text in hers if text), frozenset(texts)

    def cover(self, over: Over) -> bool:
        """Put `over` of each text in its place; whether a contact went.

        A contact that was given here goes always, an earlier one if it is the same.
        """
        for row, column in self.places:
            setattr(row, column, over_all(getattr(row, column), over))
        contact = _cover_form(self.conversation, over)
        filed = self._filed_here()
        for item in self.items:
            known = self.contacts[item.id]
            if item.contact and (item in filed or over(known) != known):
                item.contact, contact = None, True
        return contact

    def _filed_here(self) -> list[Item]:
        return [item for item in self.items if item.conversation_id == self.conversation.id]


async def _read(session: AsyncSession, secrets: Secrets, conversation: Conversation) -> _Kept:
    ids = await conversation_ids(session, conversation)
    messages = list(await session.scalars(select(Message).where(Message.conversation_id.in_(ids))))
    items = list(await session.scalars(select(Item).where(Item.conversation_id.in_(ids))))
    # An answer that staff wrote quotes nobody, and what it gives is the agency's.
    places: list[tuple[Table, str]] = [
        (message, column) for message in messages if not message.topic for column in ("text", "edited_from", "card")
    ]
    places += [(item, column) for item in items for column in ("text", "place")]
    for table, column in _BESIDE:
        places += [(row, column) for row in await session.scalars(select(table).where(table.conversation_id.in_(ids)))]
    steps = select(ItemStep).where(ItemStep.item_id.in_([item.id for item in items]))
    places += [(step, column) for step in await session.scalars(steps) for column in ("note", "private_note")]
    contacts = {item.id: secrets.reveal(item.contact) or "" for item in items}
    return _Kept(conversation, messages, items, contacts, places)


def _slots(conversation: Conversation) -> dict[str, Any]:
    return dict((conversation.engine_state or {}).get("slots") or {})


def _cover_form(conversation: Conversation, over: Over) -> bool:
    """Cover what the dialogue remembers; whether a contact went."""
    slots = _slots(conversation)
    if not slots:
        return False
    had = slots.get(CONTACT) not in (None, NO_CONTACT)
    slots = over_all(slots, over) | ({CONTACT: NO_CONTACT} if had else {})
    conversation.engine_state = {**(conversation.engine_state or {}), "slots": slots}
    return had
