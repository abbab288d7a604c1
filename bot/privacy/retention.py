"""What is older than its class of data may be goes, once a day, in small batches; figures without persons stay.

How long each class is kept stands in `data/privacy/retention.yml`: the town's, or else the library's.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from bot.knowledge.knowledge import KnowledgeError, read_yaml
from bot.knowledge.shelves import Shelves
from bot.states import ENDED_ITEM, State
from bot.store.database import Database, UnitOfWork
from bot.store.tables import (
    Conversation,
    Draft,
    Event,
    Inbox,
    Invitation,
    Item,
    ItemStep,
    Mark,
    Outbox,
    StaffSession,
    Turn,
    Usage,
    now,
)

FILE = Path("data") / "privacy" / "retention.yml"
BATCH = 100
ERASED = "–"
Identity = InstrumentedAttribute[Any]
_CLASSES = (
    "closed_conversations",
    "idle_conversations",
    "finished_items",
    "technical",
    "events",
    "staff_sessions",
    "drafts",
)


def read_days(knowledge: Path) -> dict[str, int]:
    """Days per class of data for a town. Raises KnowledgeError naming what is wrong."""
    content = read_yaml(Shelves(knowledge).one("privacy/retention.yml"))
    days = content.get("keep_days") if isinstance(content, dict) else None
    if not isinstance(days, dict):
        raise KnowledgeError(f"{FILE}: keep_days is missing")
    for name in _CLASSES:
        if name not in days:
            raise KnowledgeError(f"{FILE}: {name} is missing under keep_days")
    for name, value in days.items():
        if name not in _CLASSES:
            raise KnowledgeError(f"{FILE}: there is no class {name}; there are {', '.join(_CLASSES)}")
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise KnowledgeError(f"{FILE}: {name} is {value!r}; a whole number of days is needed, 1 or more")
    return {str(name): int(value) for name, value in days.items()}


@dataclass(frozen=True)
class _Class:
    """One class: which rows are old, in the order of `identity`, and what is done with a batch of them."""

    name: str
    identity: Identity
    old: Callable[[dt.datetime], ColumnElement[bool]]
    erase: Callable[[UnitOfWork, Identity, ColumnElement[bool], list[Any]], Awaitable[None]]


class Retention:
    """Erases what is old. Two at a time do no harm: a row that one has, the other leaves."""

    def __init__(self, database: Database, days: dict[str, int]) -> None:
        self._database = database
        self._days = days

    async def read_counts(self) -> dict[str, int]:
        """How much would be erased now, per class."""
        counts = dict.fromkeys(_CLASSES, 0)
        async with self._database.read() as session:
            for part in _parts():
                found = select(func.count()).select_from(part.identity.class_).where(part.old(self._cutoff(part)))
                counts[part.name] += await session.scalar(found) or 0
        return counts

    async def do_erase(self, agency: str) -> dict[str, int]:
        """Erase it; how much, per class. An event of `agency` keeps the figures."""
        counts = dict.fromkeys(_CLASSES, 0)
        for part in _parts():
            last: Any = None
            while True:
                last, erased = await self._do_batch(part, last)
                counts[part.name] += erased
                if last is None:
                    break
        async with self._database.write() as uow:
            uow.session.add(Event(agency=agency, kind="retention", actor="system", data=counts))
            await uow.commit()
        return counts

    async def _do_batch(self, part: _Class, last: Any) -> tuple[Any, int]:
        old = part.old(self._cutoff(part))
        page = select(part.identity).where(old).order_by(part.identity).limit(BATCH)
        async with self._database.read() as session:
            ids = list(await session.scalars(page if last is None else page.where(part.identity > last)))
        if not ids:
            return None, 0
        async with self._database.write() as uow:
            # Looked at again: somebody may have written meanwhile.
            held = select(part.identity).where(part.identity.in_(ids), old).with_for_update(skip_locked=True)
            mine = list(await uow.session.scalars(held))
            await part.erase(uow, part.identity, old, mine)
            await uow.commit()
        return ids[-1], len(mine)

    def _cutoff(self, part: _Class) -> dt.datetime:
        return now() - dt.timedelta(days=self._days[part.name])


def _parts() -> list[_Class]:
    closed, open_ = Conversation.state == State.CLOSED, Conversation.state != State.CLOSED
    sent = Outbox.state.not_in(("queued", "sending"))
    talk = Conversation.id
    return [
        _Class("closed_conversations", talk, lambda t: closed & (Conversation.closed_at < t), _do_conversations),
        _Class("idle_conversations", talk, lambda t: open_ & (Conversation.active_at < t), _do_conversations),
        _Class("finished_items", Item.id, _old_item, _do_items),
        _Class("technical", Mark.name, _old_mark, _do_delete),
        _Class("technical", Inbox.id, lambda t: Inbox.answered_at < t, _do_delete),
        _Class("technical", Outbox.id, lambda t: sent & (Outbox.created_at < t), _do_delete),
        _Class("events", Event.id, lambda t: Event.at < t, _do_delete),
        _Class("staff_sessions", StaffSession.token_hash, lambda t: StaffSession.expires_at < t, _do_delete),
        _Class("staff_sessions", Invitation.token_hash, lambda t: Invitation.expires_at < t, _do_delete),
        _Class("drafts", Draft.conversation_id, lambda t: Draft.at < t, _do_delete),
    ]


def _old_mark(moment: dt.datetime) -> ColumnElement[bool]:
    """Numbers of updates and albums, whose value is when they came; the other marks are replaced, not gathered."""
    theirs = or_(Mark.name.startswith("telegram_update:"), Mark.name.startswith("telegram_album:"))
    return theirs & (Mark.value < moment.isoformat())


def _old_item(moment: dt.datetime) -> ColumnElement[bool]:
    words = or_(Item.text != ERASED, Item.contact.is_not(None), Item.place.is_not(None))
    return Item.state.in_(ENDED_ITEM) & (Item.changed_at < moment) & words


async def _do_delete(uow: UnitOfWork, identity: Identity, old: ColumnElement[bool], ids: list[Any]) -> None:
    await uow.session.execute(
        delete(identity.class_).where(identity.in_(ids), old).execution_options(synchronize_session=False)
    )


async def _do_conversations(uow: UnitOfWork, _: Identity, __: ColumnElement[bool], ids: list[str]) -> None:
    """What hangs on them goes with them; what people asked for stays as figures."""
    await _do_count(uow, ids)
    await uow.session.execute(update(Event).where(Event.conversation_id.in_(ids)).values(conversation_id=None, data={}))
    await uow.session.execute(delete(Conversation).where(Conversation.id.in_(ids)))


async def _do_count(uow: UnitOfWork, ids: list[str]) -> None:
    turns = (
        select(Turn.ended_at, Conversation.agency, Conversation.language, Turn.topic, Turn.outcome)
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .where(Turn.conversation_id.in_(ids))
    )
    counts: dict[tuple[str, ...], int] = {}
    for ended_at, agency, language, topic, outcome in await uow.session.execute(turns):
        key = (ended_at.date().isoformat(), agency, language, topic or "", outcome)
        counts[key] = counts.get(key, 0) + 1
    insert = sqlite.insert if uow.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for (day, agency, language, topic, outcome), count in sorted(counts.items()):
        row = insert(Usage).values(day=day, agency=agency, language=language, topic=topic, outcome=outcome, count=count)
        keys = [Usage.day, Usage.agency, Usage.language, Usage.topic, Usage.outcome]
        await uow.session.execute(
            row.on_conflict_do_update(index_elements=keys, set_={"count": Usage.count + row.excluded.count})
        )


async def _do_items(uow: UnitOfWork, _: Identity, __: ColumnElement[bool], ids: list[int]) -> None:
    gone = {"text": ERASED, "place": None, "contact": None, "latitude": None, "longitude": None}
    await uow.session.execute(update(Item).where(Item.id.in_(ids)).values(gone))
    await uow.session.execute(update(ItemStep).where(ItemStep.item_id.in_(ids)).values(note="", private_note=""))
