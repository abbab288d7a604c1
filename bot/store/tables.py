"""Every table. Times are UTC with their zone; ids of rows that the outside sees are random."""

import datetime as dt
import secrets
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def now() -> dt.datetime:
    """The current time in UTC, with its zone."""
    return dt.datetime.now(dt.UTC)


def new_id(prefix: str) -> str:
    """A random id of 128 bits with a readable prefix: `c_…` conversation, `t_…` turn."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"


def way_of(channel: str, bot: str) -> str:
    """What a channel's bot is called: by the channel's own name where it is the installation's."""
    return f"{channel}:{bot}" if bot else channel


class Utc(TypeDecorator[dt.datetime]):
    """A time that comes back with its zone on SQLite as it does on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# On a column whose text `Secrets.seal` wrote: a rotation of the keys seals it anew.
SEALED = {"sealed": True}

# SQLite numbers rows by itself only in a column of type INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {dt.datetime: Utc, dict[str, Any]: JSON, list[Any]: JSON}


class Conversation(Table):
    """One episode of one citizen on one channel; its row is also the lane's lease."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("c"))
    channel: Mapped[str] = mapped_column(String(16))
    # The agency whose own bot she writes to; empty for the web, and for the bot of the installation's agency.
    bot: Mapped[str] = mapped_column(String(40), default="", server_default="")
    agency: Mapped[str] = mapped_column(String(40), index=True)
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16), default="assistant", index=True)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    token_hash: Mapped[str | None] = mapped_column(String(64))
    address_key: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(Text, info=SEALED)
    unreachable: Mapped[str | None] = mapped_column(String(64))
    unreachable_since: Mapped[dt.datetime | None]
    delivered_seq: Mapped[int] = mapped_column(Integer, default=0)
    display_name: Mapped[str | None] = mapped_column(String(120))
    start: Mapped[str | None] = mapped_column(String(64))
    notice_version: Mapped[str | None] = mapped_column(String(20))  # of the text about her data that she was shown
    engine_state: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    active_form: Mapped[str | None] = mapped_column(String(64))
    misunderstood: Mapped[int] = mapped_column(Integer, default=0)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    last_turn_seq: Mapped[int] = mapped_column(Integer, default=0)
    waiting_messages: Mapped[int] = mapped_column(Integer, default=0)
    leased_by: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[dt.datetime | None]
    previous_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    active_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None]  # forgotten: what is left stands until she has been told

    @property
    def way(self) -> str:
        """By which way she writes and is written to: the channel, and the bot where it has several."""
        return way_of(self.channel, self.bot)

    __table_args__ = (
        Index(
            "one_open_episode",
            "channel",
            "address_key",
            unique=True,
            sqlite_where=text("state != 'closed' AND address_key IS NOT NULL"),
            postgresql_where=text("state != 'closed' AND address_key IS NOT NULL"),
        ),
        Index("episodes_of_address", "channel", "address_key"),
        Index(
            "lane_waiting",
            "active_at",
            sqlite_where=text("waiting_messages > 0"),
            postgresql_where=text("waiting_messages > 0"),
        ),
    )


class Message(Table):
    """One line of the transcript, in order by `seq` within its conversation."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    client_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(String(160))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    response: Mapped[str | None] = mapped_column(String(120))
    topic: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(16))
    buttons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    useful: Mapped[bool | None]
    edited_from: Mapped[str | None] = mapped_column(Text)
    turn_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("conversation_id", "seq", name="message_order"),)


class Inbox(Table):
    """A message received and stored once; answered when its turn has ended."""

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(120))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    message_seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    turn_id: Mapped[str] = mapped_column(String(40), unique=True, default=lambda: new_id("t"))
    received_at: Mapped[dt.datetime] = mapped_column(default=now)
    answered_at: Mapped[dt.datetime | None]

    __table_args__ = (
        UniqueConstraint("channel", "external_id", name="received_once"),
        Index("inbox_of_conversation", "conversation_id"),
        Index(
            "inbox_open",
            "conversation_id",
            "id",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )


class Turn(Table):
    """What one message came to: the outcome, what the engine thought, and what it cost."""

    __tablename__ = "turn"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    message_seq: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str | None] = mapped_column(String(64))
    ranking: Mapped[list[Any]] = mapped_column(JSON, default=list)
    entities: Mapped[list[Any]] = mapped_column(JSON, default=list)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    engine_ms: Mapped[float | None]
    total_ms: Mapped[float | None]
    ended_at: Mapped[dt.datetime] = mapped_column(default=now)


class Outbox(Table):
    """A message on its way to a channel; claimed for a limited time, closed with the result."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    bot: Mapped[str] = mapped_column(String(40), default="", server_default="")  # as in its conversation
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16), default="message")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    urgency: Mapped[int] = mapped_column(Integer, default=0)
    parts_sent: Mapped[list[Any]] = mapped_column(JSON, default=list)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    next_try_at: Mapped[dt.datetime] = mapped_column(default=now)
    leased_by: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    sent_at: Mapped[dt.datetime | None]

    __table_args__ = (
        Index(
            "outbox_open",
            "conversation_id",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index(
            "outbox_next",
            "urgency",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index("outbox_of_message", "message_id"),
    )


class Event(Table):
    """What happened, append-only: the desk, the metrics and the audit come from here."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    agency: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str | None] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[dt.datetime] = mapped_column(default=now)

    __table_args__ = (Index("event_of_agency", "agency", "id"),)


class Case(Table):
    """One hand-over of a conversation to people, with its context packet."""

    __tablename__ = "handoff_case"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    agency: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(24))
    priority: Mapped[int] = mapped_column(Integer, default=0)
    packet: Mapped[dict[str, Any]] = mapped_column(JSON)
    requested_at: Mapped[dt.datetime] = mapped_column(default=now)
    taken_at: Mapped[dt.datetime | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_reply_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_as: Mapped[str | None] = mapped_column(String(24))

    __table_args__ = (
        Index("case_queue", "agency", "ended_at", "taken_at", "requested_at"),
        Index(
            "one_open_case",
            "conversation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Item(Table):
    """A suggestion, report or complaint, stored once per turn that filed it."""

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    reference: Mapped[str] = mapped_column(String(24), unique=True)
    turn_id: Mapped[str] = mapped_column(String(40), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    agency: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(String(200))
    district: Mapped[str | None] = mapped_column(String(40))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    contact: Mapped[str | None] = mapped_column(Text, info=SEALED)
    notice_version: Mapped[str | None] = mapped_column(String(20))  # of what was said when the contact was asked for
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16), default="submitted")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    changed_at: Mapped[dt.datetime] = mapped_column(default=now)


class ItemStep(Table):
    """One change of an item's state: who, from, to, the public and the private note."""

    __tablename__ = "item_step"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    private_note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[dt.datetime] = mapped_column(default=now)


class ReferenceCounter(Table):
    """The last number given per agency and year."""

    __tablename__ = "reference_counter"

    agency: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


class Staff(Table):
    """A person of an agency who signs in: staff or administrator."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # What she signs in by: her e-mail, and behind a space the agency when the e-mail had an account at another one.
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    agency: Mapped[str] = mapped_column(String(40), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    second_factor: Mapped[str | None] = mapped_column(Text, info=SEALED)  # the secret of her codes
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)  # the time step whose code was taken last
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    @property
    def address(self) -> str:
        """Her e-mail."""
        return self.email.partition(" ")[0]


class StaffSession(Table):
    """A signed-in browser; the cookie holds the token, this row its hash.

    `stage` is `open`, or what is still missing: `code` (the second factor) or `set_up` (a second factor to be made).
    """

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(16), default="open", server_default="open")
    browser: Mapped[str] = mapped_column(String(80), default="", server_default="")
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime]


class SignInTry(Table):
    """How often somebody has guessed wrong; `key` is the hash of whose account and from where."""

    __tablename__ = "sign_in_try"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[dt.datetime | None]
    at: Mapped[dt.datetime] = mapped_column(default=now, index=True)


class RecoveryCode(Table):
    """A code that stands once for the second factor; the row goes when it is used."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)


class Invitation(Table):
    """A one-time code by which a person sets a password; the row goes when it is used."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class Draft(Table):
    """What a staff member has typed but not sent, per conversation and mode (`reply` or `note`)."""

    __tablename__ = "draft"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class Mark(Table):
    """A small value that must outlive the process, such as Telegram's last update."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class ModelRelease(Table):
    """A trained model, where every node can fetch it. Served is the one with the highest `number` that was not refused.

    `served_at` is when the first node gave it turns, `refused` why none could; both begin anew with each release.
    """

    __tablename__ = "model_release"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    archive: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    trained_on: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
    released_at: Mapped[dt.datetime] = mapped_column(default=now)
    served_at: Mapped[dt.datetime | None]
    refused: Mapped[str | None] = mapped_column(Text)


class Usage(Table):
    """What people asked for, as figures: what stays of conversations that have been erased. `topic` "" is none."""

    __tablename__ = "usage"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    agency: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    topic: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class Lease(Table):
    """What one node at a time does (`bot/store/leases.py`): who does it, and until when without a word."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))
    until: Mapped[dt.datetime]
