"""What the pages of conversations read. Every query is bound to the agency of whoever asks."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.ways import OUTGOING, Way, way_of
from bot.errors import BotError
from bot.handoff.danger import is_left_in_danger, unanswered_danger
from bot.states import WITH_PEOPLE, Author, Reason, State
from bot.store.tables import Case, Conversation, Draft, Inbox, Message, Outbox, Staff, now
from bot.web.pages import number

PAGE = 25
SHOWN = 200
EVERYTHING = 5_000
LATE = dt.timedelta(minutes=10)
VIEWS = ("waiting", "mine", "all", "closed")
CHANNELS = ("web", "telegram")
THERE = Conversation.erased_at.is_(None)


@dataclass(frozen=True)
class Filter:
    """Which conversations to list, as the address says it."""

    view: str = "waiting"
    search: str = ""
    language: str = ""
    channel: str = ""
    reason: str = ""
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "Filter":
        """From the address; what it does not know is left out."""
        view, reason = params.get("view", ""), params.get("reason", "")
        return cls(
            view=view if view in VIEWS else VIEWS[0],
            search=params.get("q", "").strip()[:100],
            language=params.get("language", "")[:8],
            channel=params.get("channel", "") if params.get("channel") in CHANNELS else "",
            reason=reason if reason in tuple(Reason) else "",
            page=max(1, number(params, "page", 1)),
        )

    def address(self, **changes: Any) -> str:
        """The query of the address for this filter with `changes`; without `page` among them it starts anew."""
        other = replace(self, **({"page": 1} | changes))
        names = {"search": "q"}
        pairs = {names.get(name, name): value for name, value in vars(other).items() if value}
        if other.page == 1:
            pairs.pop("page")
        return urlencode(pairs)

    @property
    def narrowed(self) -> bool:
        """Whether more than the view was chosen."""
        return bool(self.search or self.language or self.channel or self.reason)


@dataclass(frozen=True)
class Row:
    """A conversation in the list."""

    conversation: Conversation
    case: Case | None
    holder: str | None
    last: Message | None
    draft: bool
    danger: bool  # heard, and nobody has replied since; whoever has the conversation

    @property
    def urgent(self) -> bool:
        """Whether a person is needed now: danger, or a long wait."""
        return self.late or self.danger

    @property
    def late(self) -> bool:
        """Whether somebody has waited too long."""
        waits = self.case is not None and self.conversation.state == State.WAITING_STAFF
        return waits and self.case is not None and now() - self.case.requested_at > LATE


@dataclass(frozen=True)
class Line:
    """A message of the transcript with its way out."""

    message: Message
    way: Way | None
    reply_to: int | None = None  # the line that this one answers


@dataclass(frozen=True)
class Talk:
    """A conversation as its page shows it."""

    conversation: Conversation
    case: Case | None
    holder: Staff | None
    lines: list[Line]
    earlier: int
    drafts: dict[str, str]
    danger: bool

    @property
    def last_seq(self) -> int:
        """The number of the newest line shown."""
        return self.lines[-1].message.seq if self.lines else 0


async def read_rows(session: AsyncSession, staff: Staff, wanted: Filter) -> tuple[list[Row], int]:
    """A page of the list, and how many there are in all."""
    query = _listed(staff, wanted)
    total = await session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    chosen = await session.execute(query.limit(PAGE).offset((wanted.page - 1) * PAGE))
    found = [tuple(row) for row in chosen]
    ids = [row[0].id for row in found]
    last, drafts = await _last_lines(session, ids), await _drafted(session, staff, ids)
    rows = [Row(c, its_case, who, last.get(c.id), c.id in drafts, bool(danger)) for c, its_case, who, danger in found]
    return rows, int(total or 0)


async def read_counts(session: AsyncSession, staff: Staff) -> dict[str, int]:
    """How many conversations each view holds."""
    mine = and_(Conversation.state == State.STAFF, Conversation.owner_id == staff.id)
    columns = {
        "waiting": _needs_a_person(),
        "mine": mine,
        "all": Conversation.state != State.CLOSED,
        "closed": Conversation.state == State.CLOSED,
    }
    counted = select(*(func.sum(case((condition, 1), else_=0)) for condition in columns.values()))
    row = (await session.execute(counted.where(Conversation.agency == staff.agency, THERE))).one()
    return {name: int(value or 0) for name, value in zip(columns, row, strict=True)}


async def read_next_waiting(session: AsyncSession, staff: Staff) -> str | None:
    """The conversation that waits first."""
    row = (await session.execute(_listed(staff, Filter()).limit(1))).first()
    return str(row[0].id) if row else None


async def read_conversation(session: AsyncSession, staff: Staff, conversation_id: str) -> Conversation:
    """The conversation. Raises BotError `not_found` also when it is another agency's, or `conversation_erased`."""
    found = await session.execute(
        select(Conversation).where(Conversation.id == conversation_id, Conversation.agency == staff.agency)
    )
    conversation = found.scalar_one_or_none()
    if conversation is None:
        raise BotError("not_found")
    if conversation.erased_at:
        raise BotError("conversation_erased")
    return conversation


async def read_talk(
    session: AsyncSession, staff: Staff, conversation_id: str, *, after: int = 0, whole: bool = False
) -> Talk:
    """The page of one conversation: its newest lines (or all), its latest case, who has it, my drafts."""
    conversation = await read_conversation(session, staff, conversation_id)
    cases = select(Case).where(Case.conversation_id == conversation.id).order_by(Case.id.desc()).limit(1)
    drafts = select(Draft).where(Draft.conversation_id == conversation.id, Draft.staff_id == staff.id)
    lines = await _lines(session, conversation, Message.seq > after, EVERYTHING if whole else SHOWN)
    first = lines[0].message.seq if lines else 1
    return Talk(
        conversation=conversation,
        case=(await session.scalars(cases)).first(),
        holder=await session.get(Staff, conversation.owner_id) if conversation.owner_id else None,
        lines=lines,
        earlier=max(0, first - 1 - after),
        drafts={draft.mode: draft.text for draft in (await session.scalars(drafts)).all()},
        danger=await read_danger(session, conversation),
    )


async def read_danger(session: AsyncSession, conversation: Conversation) -> bool:
    """Whether danger was heard in it and nobody has replied since."""
    return conversation.state in WITH_PEOPLE and await is_left_in_danger(session, [conversation.id])


async def read_deliveries(session: AsyncSession, conversation: Conversation, last: int = 40) -> list[Line]:
    """The newest messages that went to the citizen, for their delivery states."""
    return await _lines(session, conversation, Message.author.in_(OUTGOING), last)


async def read_names(session: AsyncSession, staff: Staff) -> dict[int, str]:
    """Who is who in this agency, by id."""
    found = await session.execute(select(Staff.id, Staff.name).where(Staff.agency == staff.agency))
    return {row.id: row.name for row in found}


async def _lines(
    session: AsyncSession, conversation: Conversation, condition: ColumnElement[bool], most: int
) -> list[Line]:
    query = (
        select(Message, Outbox, Inbox.payload)
        .outerjoin(Outbox, Outbox.message_id == Message.id)
        .outerjoin(Inbox, and_(Inbox.conversation_id == Message.conversation_id, Inbox.message_seq == Message.seq))
        .where(Message.conversation_id == conversation.id, condition)
        .order_by(Message.seq.desc())
        .limit(most)
    )
    found = (await session.execute(query)).all()
    return [
        Line(message, way_of(conversation, message, row), (received or {}).get("reply_to"))
        for message, row, received in reversed(found)
    ]


def _listed(staff: Staff, wanted: Filter) -> Select[*tuple[Any, ...]]:
    open_case = and_(Case.conversation_id == Conversation.id, Case.ended_at.is_(None))
    query = (
        select(Conversation, Case, Staff.name, _in_danger())
        .outerjoin(Case, open_case)
        .outerjoin(Staff, Staff.id == Conversation.owner_id)
        .where(Conversation.agency == staff.agency, THERE, _in_view(staff, wanted.view))
    )
    if wanted.search:
        query = query.where(_matches(wanted.search))
    if wanted.language:
        query = query.where(Conversation.language == wanted.language)
    if wanted.channel:
        query = query.where(Conversation.channel == wanted.channel)
    if wanted.reason:
        query = query.where(Case.reason == wanted.reason)
    return query.order_by(*_order(wanted.view))


def _in_view(staff: Staff, view: str) -> ColumnElement[bool]:
    if view == "waiting":
        return _needs_a_person()
    if view == "mine":
        return and_(Conversation.state == State.STAFF, Conversation.owner_id == staff.id)
    return Conversation.state == State.CLOSED if view == "closed" else Conversation.state != State.CLOSED


def _in_danger() -> ColumnElement[bool]:
    return and_(Conversation.state.in_(WITH_PEOPLE), unanswered_danger())


def _needs_a_person() -> ColumnElement[bool]:
    """Who waits, and who is held by somebody and in danger since."""
    return or_(Conversation.state == State.WAITING_STAFF, _in_danger())


def _order(view: str) -> tuple[Any, ...]:
    if view == "closed":
        return (Conversation.closed_at.desc(), Conversation.id)
    if view == "mine":
        return (Conversation.active_at.desc(), Conversation.id)
    waits = Conversation.state == State.WAITING_STAFF
    first = case((_in_danger(), 0), (waits, 1), (Conversation.state == State.STAFF, 2), else_=3)
    waited = case((or_(waits, _in_danger()), Case.requested_at))
    return (first, func.coalesce(Case.priority, 0).desc(), waited, Conversation.active_at.desc(), Conversation.id)


def _matches(words: str) -> ColumnElement[bool]:
    said = exists().where(Message.conversation_id == Conversation.id, contains(Message.text, words))
    return or_(said, contains(Conversation.display_name, words), Conversation.id == words)


def contains(column: Any, words: str) -> ColumnElement[bool]:
    """Whether the column holds `words` as they stand, whatever their case."""
    condition: ColumnElement[bool] = column.icontains(words, autoescape=True)
    return condition


async def _last_lines(session: AsyncSession, ids: Iterable[str]) -> dict[str, Message]:
    newest = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(tuple(ids)), Message.author == Author.CITIZEN)
        .group_by(Message.conversation_id)
    )
    found = await session.scalars(select(Message).where(Message.id.in_(newest)))
    return {message.conversation_id: message for message in found}


async def _drafted(session: AsyncSession, staff: Staff, ids: Iterable[str]) -> set[str]:
    drafts = select(Draft.conversation_id).where(
        Draft.staff_id == staff.id, Draft.conversation_id.in_(tuple(ids)), Draft.mode == "reply"
    )
    return set((await session.scalars(drafts)).all())
