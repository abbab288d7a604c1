"""What an author does with what she has filed, from the chat where she filed it: add, correct, take back."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.secrets import Secrets
from bot.states import ENDED_ITEM, NEEDS_INFO, WITHDRAWN
from bot.store.database import UnitOfWork
from bot.store.tables import Inbox, Item
from bot.suggestions.items import AUTHOR, Items

SHOWN = 10
MOST_TEXT = 8_000  # of the text with all its additions
Told = Literal["done", "ended", "full"]


@dataclass(frozen=True)
class Telling:
    """What an author tells about an item of hers: words that go behind its text, and what takes another's place."""

    words: str = ""
    contact: str | None = None
    place: str | None = None
    district: str | None = None


class OwnItems:
    """Everything that the author of an item may do to it. Whose turn it is says whose items are meant."""

    def __init__(self, items: Items, secrets: Secrets) -> None:
        self._items = items
        self._secrets = secrets

    async def read_own(self, session: AsyncSession, turn_id: str) -> list[Item]:
        """What was filed in the conversation of this turn, the newest first."""
        return list((await session.scalars(_of_turn(turn_id).limit(SHOWN))).all())

    async def read_one_of_own(self, uow: UnitOfWork, turn_id: str, reference: str | None) -> Item | None:
        """The one whose reference begins so, or the newest; None when this conversation has filed none such.

        It is held until the unit of work ends: whoever moves it meanwhile comes after.
        """
        wanted = _of_turn(turn_id).with_for_update()
        if reference is not None:
            wanted = wanted.where(Item.reference.startswith(reference, autoescape=True))
        return (await uow.session.scalars(wanted.limit(1))).first()

    async def do_tell(self, uow: UnitOfWork, item: Item, told: Telling) -> Told:
        """Put into the item what was told, all of it or nothing: nothing when it has `ended`, or its text is `full`.

        A contact is sealed, another place is in another district. An item that waited for information has got it: it
        goes back to whoever asked.
        """
        if item.state in ENDED_ITEM:
            return "ended"
        if told.words and len(item.text) + len(told.words) > MOST_TEXT:
            return "full"
        if told.contact:
            item.contact = self._secrets.seal(told.contact)
        if told.place:
            item.place, item.district, item.latitude, item.longitude = told.place, told.district, None, None
        if told.words:
            item.text = f"{item.text}\n\n{told.words}"
        if item.state == NEEDS_INFO:
            await self._items.do_move(uow, item, "assigned", AUTHOR, private_note=told.words)
        self._items.do_record_own(uow, item, "item_corrected" if told.contact or told.place else "item_added")
        return "done"

    def reveal_contact(self, item: Item) -> str | None:
        """The contact that its author has given."""
        return self._secrets.reveal(item.contact)

    async def do_withdraw(self, uow: UnitOfWork, item: Item) -> bool:
        """Take it back; False when it has ended already."""
        if item.state in ENDED_ITEM or not await self._items.do_move(uow, item, WITHDRAWN, AUTHOR):
            return False
        self._items.do_record_own(uow, item, "item_withdrawn")
        return True


def _of_turn(turn_id: str) -> Select[Item]:
    mine = select(Inbox.conversation_id).where(Inbox.turn_id == turn_id).scalar_subquery()
    return select(Item).where(Item.conversation_id == mine).order_by(Item.id.desc())
