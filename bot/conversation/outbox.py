"""The outbox: replies waiting to leave. Claimed for a limited time, closed with the result; a failed head stops only
its own conversation."""

import asyncio
import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import aliased

from bot.conversation.hub import Hub, Notice
from bot.conversation.states import Delivery
from bot.errors import ChannelError
from bot.store.database import Database
from bot.store.tables import Conversation, Message, Outbox, now

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
BACK_OFF = (1, 2, 4, 8, 60)
MAX_ATTEMPTS = 20
AT_ONCE = 16
POLL = 1.0
_OPEN = (Delivery.QUEUED, Delivery.SENDING)


@dataclass(frozen=True)
class Parcel:
    """What a channel sends: the message and where to; `parts_sent` are those that had left when it broke off."""

    outbox_id: int
    attempts: int
    conversation: Conversation
    message: Message
    parts_sent: tuple[Any, ...]


class Sender(Protocol):
    """A channel's way out."""

    async def send(self, parcel: Parcel) -> list[Any]:
        """Send all parts that have not left; the channel's ids of all parts. Raises ChannelError."""


class OutboxWorker:
    """Sends what waits, in order within a conversation."""

    def __init__(self, database: Database, hub: Hub, senders: Mapping[str, Sender]) -> None:
        self._database = database
        self._hub = hub
        self._senders = senders
        self._me = secrets.token_hex(8)
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self) -> None:
        """Say that something has been queued."""
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping:
            self._wake.clear()
            try:
                parcels = await self._do_claim(AT_ONCE - len(self._running))
            except Exception:
                log.exception("outbox.claim_failed")
                parcels = []
            for parcel in parcels:
                task = asyncio.create_task(self._deliver(parcel))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            if not parcels:
                await self._rest()

    async def stop(self) -> None:
        """Send nothing more; what is on its way arrives."""
        self._stopping = True
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running, timeout=20)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL)
        except TimeoutError:
            return

    async def _do_claim(self, room: int) -> list[Parcel]:
        if room <= 0 or not self._senders:
            return []
        async with self._database.read(short=True) as session:
            if not (await session.execute(self._ready().limit(1))).first():
                return []
        async with self._database.write(short=True) as uow:
            claimed = await uow.session.execute(
                update(Outbox)
                .where(Outbox.id.in_(self._ready().limit(room).with_for_update(skip_locked=True).scalar_subquery()))
                .values(
                    state=Delivery.SENDING,
                    leased_by=self._me,
                    leased_until=now() + LEASE,
                    attempts=Outbox.attempts + 1,
                )
                .returning(Outbox.id)
                .execution_options(synchronize_session=False)
            )
            ids = list(claimed.scalars())
            rows = await uow.session.execute(
                select(Outbox, Conversation, Message)
                .join(Conversation, Conversation.id == Outbox.conversation_id)
                .join(Message, Message.id == Outbox.message_id)
                .where(Outbox.id.in_(ids))
            )
            parcels = [Parcel(o.id, o.attempts, c, m, tuple(o.parts_sent)) for o, c, m in rows]
            await uow.commit()
        return parcels

    def _ready(self) -> Any:
        """Rows that may be tried now and that no older open row of their conversation stands before."""
        older = aliased(Outbox)
        blocked = exists().where(
            older.conversation_id == Outbox.conversation_id, older.id < Outbox.id, older.state.in_(_OPEN)
        )
        free = or_(Outbox.leased_until.is_(None), Outbox.leased_until < now())
        return (
            select(Outbox.id)
            .where(
                Outbox.state.in_(_OPEN),
                Outbox.channel.in_(tuple(self._senders)),
                Outbox.next_try_at <= now(),
                free,
                ~blocked,
            )
            .order_by(Outbox.id)
        )

    async def _deliver(self, parcel: Parcel) -> None:
        values: dict[str, Any]
        try:
            parts = await self._senders[parcel.conversation.channel].send(parcel)
            values = {"state": Delivery.SENT, "parts_sent": parts, "sent_at": now(), "error": None}
        except ChannelError as error:
            values = _after_failure(parcel, error)
            if error.parts_sent:
                values["parts_sent"] = error.parts_sent
        except Exception:
            log.exception("outbox.send_failed", outbox=parcel.outbox_id)
            values = _after_failure(parcel, ChannelError("unexpected", permanent=False))
        await self._do_record(parcel, values)
        self._wake.set()

    async def _do_record(self, parcel: Parcel, values: dict[str, Any]) -> None:
        async with self._database.write(short=True) as uow:
            await uow.session.execute(
                update(Outbox)
                .where(Outbox.id == parcel.outbox_id, Outbox.leased_by == self._me)
                .values(leased_by=None, leased_until=None, **values)
                .execution_options(synchronize_session=False)
            )
            if values["state"] == Delivery.FAILED:
                await uow.session.execute(
                    update(Conversation)
                    .where(Conversation.id == parcel.conversation.id)
                    .values(unreachable=values["error"])
                    .execution_options(synchronize_session=False)
                )
            notice = Notice("message", parcel.conversation.id, {"seq": parcel.message.seq, "delivery": values["state"]})
            agency = parcel.conversation.agency
            uow.after_commit(lambda: self._hub.publish(agency, notice))
            await uow.commit()


def _after_failure(parcel: Parcel, error: ChannelError) -> dict[str, Any]:
    """What becomes of a row that did not leave: tried again later, or given up with the reason."""
    reason = f"{error.code}: {error.detail}".rstrip(": ")[:200]
    if error.permanent or parcel.attempts >= MAX_ATTEMPTS:
        return {"state": Delivery.FAILED, "error": reason}
    wait = error.retry_after or BACK_OFF[min(parcel.attempts, len(BACK_OFF)) - 1]
    return {"state": Delivery.QUEUED, "error": reason, "next_try_at": now() + dt.timedelta(seconds=wait)}
