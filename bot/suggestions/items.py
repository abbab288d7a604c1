"""Suggestions, reports and complaints: filed once, moved by staff, and their authors told."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.conversation.hub import Notice
from bot.conversation.writer import Writer
from bot.errors import BotError
from bot.limits import Limits
from bot.privacy.person import is_of_citizen
from bot.privacy.secrets import Secrets
from bot.states import NEEDS_INFO, State, Urgency, with_slot
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Event, Item, ItemStep, Staff, now
from bot.suggestions.inquiries import Inquiries, conversation_of
from bot.suggestions.references import do_next_number, make_reference
from bot.text import check_text

# The rows of participation.md §1.2 that this release moves through; the board, merging and forwarding join later.
NEXT_STATES: dict[str, tuple[str, ...]] = {
    "submitted": ("assigned", "needs_info", "not_accepted"),
    "assigned": ("under_study", "accepted", "needs_info", "not_accepted"),
    "needs_info": ("assigned", "under_study", "withdrawn"),
    "under_study": ("accepted", "needs_info", "not_accepted"),
    "accepted": ("in_progress", "done", "not_accepted"),
    "in_progress": ("done", "under_study"),
    "done": ("assigned",),
    "not_accepted": ("assigned",),
    "withdrawn": (),
}
MAX_NOTE = 1_000
AUTHOR = "author"  # who moved it, when no person of staff did


@dataclass(frozen=True)
class Filing:
    """What the form gathered."""

    kind: str
    text: str
    subject: str
    agency: str
    place: str | None = None
    district: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    contact: str | None = None


class Items:
    """Everything that writes to the table of suggestions and reports."""

    def __init__(self, writer: Writer, secrets: Secrets, limits: Limits) -> None:
        self._writer = writer
        self._secrets = secrets
        self.inquiries = Inquiries(secrets, limits)
        self._knowledge = writer.knowledge

    async def do_file(self, uow: UnitOfWork, turn_id: str, filing: Filing) -> Item:
        """Store what was filed in this turn, once: the same turn again gets the same item.

        The turn is the inbox row's id, which names the conversation; a turn of `rasa shell` has none.
        """
        if earlier := await _read_of_turn(uow, turn_id):
            return earlier
        conversation = await conversation_of(uow.session, turn_id)
        number = await do_next_number(uow, filing.agency, now().date())
        prefix = self._knowledge.agencies[filing.agency].prefix
        item = Item(
            reference=make_reference(prefix, now().year, number),
            turn_id=turn_id,
            conversation_id=conversation.id if conversation else None,
            language=conversation.language if conversation else "es",
            state="submitted",
            notice_version=self._knowledge.notice.version if filing.contact else None,
            **vars(filing) | {"contact": self._secrets.seal(filing.contact) if filing.contact else None},
        )
        uow.session.add(item)
        try:
            await uow.session.flush()
        except IntegrityError as error:
            # Another try of this turn was faster and has committed: its item is the one.
            await uow.session.rollback()
            if earlier := await _read_of_turn(uow, turn_id):
                return earlier
            raise error
        uow.session.add(ItemStep(item_id=item.id, from_state="draft", to_state="submitted", actor=AUTHOR))
        self._record(uow, item, "item_filed", AUTHOR)
        return item

    async def do_change_state(
        self, uow: UnitOfWork, item_id: int, staff: Staff, to_state: str, note: str, private_note: str = ""
    ) -> ItemStep:
        """Move an item on with a public message, and tell its author where she filed it.

        Raises BotError `not_found` for another agency's item, `message_empty` without a public message,
        `message_too_long`, `state_changed` when the item is no longer where this step starts.
        """
        held = select(Item).where(Item.id == item_id, Item.agency == staff.agency).with_for_update()
        item = (await uow.session.execute(held)).scalar_one_or_none()
        if item is None:
            raise BotError("not_found")
        words, private = check_text(note, MAX_NOTE), check_text(private_note, MAX_NOTE, empty=True)
        if to_state not in NEXT_STATES.get(item.state, ()):
            raise BotError("state_changed")
        step = await self.do_move(uow, item, to_state, f"staff:{staff.id}", words, private)
        if step is None:
            raise BotError("state_changed")
        self._record(uow, item, "item_moved", f"staff:{staff.id}")
        await self._do_tell_author(uow, item, words)
        return step

    async def do_move(
        self, uow: UnitOfWork, item: Item, to_state: str, actor: str, note: str = "", private_note: str = ""
    ) -> ItemStep | None:
        """Change an item's state in one statement that only one caller can win; its step, None for the others."""
        before = item.state
        moved = await uow.session.execute(
            update(Item)
            .where(Item.id == item.id, Item.state == before)
            .values(state=to_state, changed_at=now())
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            return None
        step = ItemStep(item_id=item.id, from_state=before, to_state=to_state, actor=actor)
        step.note, step.private_note = note, private_note
        uow.session.add(step)
        await uow.session.flush()
        await uow.session.refresh(item, ["state", "changed_at"])
        return step

    def do_record_own(self, uow: UnitOfWork, item: Item, kind: str) -> None:
        """Write down what the item's author did, and tell the desks."""
        self._record(uow, item, kind, AUTHOR)

    def _record(self, uow: UnitOfWork, item: Item, kind: str, actor: str) -> None:
        data = {"item": item.id, "reference": item.reference, "state": item.state}
        uow.session.add(
            Event(agency=item.agency, conversation_id=item.conversation_id, kind=kind, actor=actor, data=data)
        )
        agency = item.agency
        uow.after_commit(lambda: self._writer.hub.publish(agency, Notice("item", None, data)))

    async def _do_tell_author(self, uow: UnitOfWork, item: Item, note: str) -> None:
        """The news goes to the conversation that filed it, or to a newer one on the same address."""
        conversation = await uow.session.get(Conversation, item.conversation_id) if item.conversation_id else None
        if conversation and conversation.state == State.CLOSED and conversation.address_key:
            newer = select(Conversation).where(is_of_citizen(self._secrets, conversation))
            conversation = (await uow.session.scalars(newer.order_by(Conversation.created_at.desc()))).first()
        if conversation is None:
            return
        state = self._knowledge.text(f"utter_item_state_{item.state}", conversation.language)
        args: dict[str, Any] = {"reference": item.reference, "state": state, "note": note}
        await self._writer.do_say_response(uow, conversation, "utter_item_update", urgency=Urgency.NOTICE, **args)
        if item.state == NEEDS_INFO:
            # What the author writes next may be the missing information: the dialogue knows for which item.
            conversation.engine_state = with_slot(conversation.engine_state, "needs", item.reference)


async def _read_of_turn(uow: UnitOfWork, turn_id: str) -> Item | None:
    return (await uow.session.execute(select(Item).where(Item.turn_id == turn_id))).scalar_one_or_none()
