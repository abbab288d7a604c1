"""The outbox: replies waiting to leave. Claimed for a limited time, closed with the result; a failed head stops only
its own conversation."""

import asyncio
import datetime as dt
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from bot.conversation.delivery import UNREACHABLE, do_give_up, is_open
from bot.conversation.hub import Hub, Notice
from bot.conversation.journal import Journal
from bot.conversation.pace import Pace
from bot.conversation.pauses import Pauses
from bot.errors import ChannelError
from bot.logs import bind_message
from bot.metrics import SEND_SECONDS
from bot.privacy.forget import FORGOTTEN, do_erase_shell
from bot.states import Delivery
from bot.store.claim import first_free
from bot.store.database import Database
from bot.store.tables import Conversation, Message, Outbox, now
from bot.tracing import span

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
BACK_OFF = (1, 2, 4, 8, 60)
JITTER = 0.2  # of the wait: those who failed together do not come back together
MAX_ATTEMPTS = 180  # about three hours
AT_ONCE = 32
POLL = 1.0
LAST_DELIVERIES = 30.0  # seconds that a stop leaves to what is on its way
RECORD_AGAIN = 0.5
_DICE = random.SystemRandom()
Keep = Callable[[list[Any]], Awaitable[None]]


@dataclass(frozen=True)
class Parcel:
    """What a channel sends: the message and where to; `parts_sent` are those that had left when it broke off."""

    outbox_id: int
    attempts: int
    conversation: Conversation
    message: Message
    parts_sent: tuple[Any, ...]


class Sender(Protocol):
    """A channel's way out, and how fast it may be used."""

    pace: Pace

    async def send(self, parcel: Parcel, keep: Keep) -> list[Any]:
        """Send all parts that have not left; the channel's ids of all parts. Raises ChannelError.

        `keep` is awaited with the ids of those that have left before a further part is sent.
        """


class OutboxWorker:
    """Sends what waits: the most urgent first, in order within a conversation."""

    def __init__(
        self, database: Database, hub: Hub, senders: Mapping[str, Sender], journal: Journal | None = None
    ) -> None:
        self._database = database
        self._journal = journal
        self._caught_up = journal is None
        self._hub = hub
        self._senders = senders
        self._pauses = Pauses()
        self._me = secrets.token_hex(8)
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[None], Parcel] = {}
        self._stopping = False

    def wake(self) -> None:
        """Say that something has been queued."""
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping:
            self._wake.clear()
            try:
                parcels = await self._claim()
            except Exception:
                log.exception("outbox.claim_failed")
                parcels = []
            for parcel in parcels:
                task = asyncio.create_task(self._deliver(parcel))
                self._running[task] = parcel
                task.add_done_callback(self._running.pop)
            if not parcels:
                await self._rest()

    async def stop(self) -> None:
        """Send nothing more; what is on its way arrives."""
        self._stopping = True
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running, timeout=LAST_DELIVERIES)

    async def _rest(self) -> None:
        waits = (sender.pace.next_in() or POLL for sender in self._senders.values())
        try:
            await asyncio.wait_for(self._wake.wait(), min(POLL, *waits, POLL))
        except TimeoutError:
            return

    async def _claim(self) -> list[Parcel]:
        """What may leave now, by all ways. What hangs on one takes no other's places."""
        if not self._caught_up:
            await self._do_catch_up()
        parcels: list[Parcel] = []
        for way, sender in tuple(self._senders.items()):
            on_their_way = sum(parcel.conversation.way == way for parcel in self._running.values())
            room = min(AT_ONCE - on_their_way, sender.pace.room())
            if room > 0:
                parcels += await self._do_claim(way, sender.pace, room)
        return parcels

    async def _do_catch_up(self) -> None:
        """Store what a worker that was killed here had sent and could not store any more."""
        assert self._journal is not None  # noqa: S101 - only asked where there is one
        for path, entries in self._journal.left_behind():
            async with self._database.write() as uow:
                for outbox_id, parts, whole in entries:
                    values = {"parts_sent": parts} | ({"state": Delivery.SENT, "sent_at": now()} if whole else {})
                    row = update(Outbox).where(Outbox.id == outbox_id, is_open()).values(**values)
                    await uow.session.execute(row.execution_options(synchronize_session=False))
                await uow.commit()
            log.warning("outbox.caught_up", messages=len(entries))
            path.unlink(missing_ok=True)
        self._caught_up = True

    async def _do_claim(self, way: str, pace: Pace, room: int) -> list[Parcel]:
        ready = self._ready(way, pace.waiting())
        async with self._database.read(short=True) as session:
            if not (await session.execute(ready.limit(1))).first() or await self._pauses.read(session, way):
                return []
        async with self._database.write(short=True) as uow:
            claimed = await uow.session.execute(
                update(Outbox)
                .where(Outbox.id.in_(first_free(ready, room)))
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
                .order_by(Outbox.urgency, Outbox.id)
            )
            parcels = [Parcel(o.id, o.attempts, c, m, tuple(o.parts_sent)) for o, c, m in rows]
            await uow.commit()
        for parcel in parcels:
            pace.take(parcel.conversation.id)
        return parcels

    def _ready(self, way: str, held: list[str]) -> Any:
        """Rows that may be tried now and that no older open row of their conversation stands before."""
        older = aliased(Outbox)
        blocked = exists().where(older.conversation_id == Outbox.conversation_id, older.id < Outbox.id, is_open(older))
        free = or_(Outbox.leased_until.is_(None), Outbox.leased_until < now())
        channel, _, bot = way.partition(":")
        there = (Outbox.channel == channel, Outbox.bot == bot)
        query = select(Outbox.id).where(is_open(), *there, Outbox.next_try_at <= now(), free, ~blocked)
        if held:
            query = query.where(Outbox.conversation_id.not_in(held))
        if self._running:
            # Also one whose lease has run out while its result could not be stored: it may have left.
            query = query.where(Outbox.id.not_in([parcel.outbox_id for parcel in self._running.values()]))
        return query.order_by(Outbox.urgency, Outbox.id)

    async def _deliver(self, parcel: Parcel) -> None:
        sender = self._senders[parcel.conversation.way]

        async def keep(parts: list[Any]) -> None:
            sender.pace.take(parcel.conversation.id)
            self._note(parcel, parts, whole=False)
            await self._record(parcel, {"parts_sent": list(parts), "leased_until": now() + LEASE})

        values: dict[str, Any]
        bind_message(parcel.message.turn_id)
        started = time.perf_counter()
        try:
            with span("send", message=parcel.message.turn_id, channel=parcel.conversation.channel):
                parts = await sender.send(parcel, keep)
            self._note(parcel, parts, whole=True)
            values = {"state": Delivery.SENT, "parts_sent": parts, "sent_at": now(), "error": None}
        except ChannelError as error:
            if error.retry_after:
                self._pauses.note(parcel.conversation.way, parcel.conversation.id, error.retry_after)
            values = _after_failure(parcel, error)
        except Exception:
            log.exception("outbox.send_failed")
            values = _after_failure(parcel, ChannelError("unexpected", permanent=False))
        _tell(parcel, values, time.perf_counter() - started)
        await self._record(parcel, values | {"leased_by": None, "leased_until": None})
        self._wake.set()

    def _note(self, parcel: Parcel, parts: list[Any], *, whole: bool) -> None:
        """Write it down before the database has it. A disk that takes nothing is no reason to send it again."""
        try:
            if self._journal:
                self._journal.note(parcel.outbox_id, parts, whole=whole)
        except OSError as error:
            log.warning("outbox.journal_failed", problem=type(error).__name__)

    async def _record(self, parcel: Parcel, values: dict[str, Any]) -> None:
        """Store what became of it, however long the database is away: what has left must not leave again."""
        while True:
            try:
                await self._do_record(parcel, values)
                break
            except (SQLAlchemyError, OSError) as error:
                log.warning("outbox.record_failed", outbox=parcel.outbox_id, problem=type(error).__name__)
                await asyncio.sleep(RECORD_AGAIN)
        if self._journal:
            self._journal.stored(parcel.outbox_id)

    async def _do_record(self, parcel: Parcel, values: dict[str, Any]) -> None:
        conversation, state = parcel.conversation, values.get("state")
        row = [Outbox.id == parcel.outbox_id]
        if state != Delivery.SENT:
            row.append(Outbox.leased_by == self._me)  # who sent it knows best, whoever has the lease by now
        async with self._database.write(short=True) as uow:
            changed = update(Outbox).where(*row).values(**values).execution_options(synchronize_session=False)
            await uow.session.execute(changed)
            if state == Delivery.FAILED and (code := str(values["error"]).split(":")[0]) in UNREACHABLE:
                await do_give_up(uow, conversation.id, code)
            await self._pauses.do_store(uow, conversation.way)
            if state in (Delivery.SENT, Delivery.FAILED) and parcel.message.response == FORGOTTEN:
                await do_erase_shell(uow, conversation.id)
            if state:
                notice = Notice("delivery", conversation.id, {"seq": parcel.message.seq, "delivery": state})
                uow.after_commit(lambda: self._hub.publish(conversation.agency, notice))
            await uow.commit()


def _tell(parcel: Parcel, values: dict[str, Any], took: float) -> None:
    """Count a try, and write its line."""
    result = {Delivery.SENT: "sent", Delivery.FAILED: "failed"}.get(values["state"], "later")
    channel = parcel.conversation.way
    SEND_SECONDS.labels(channel, result).observe(took)
    write = log.info if result == "sent" else log.warning
    code = (values["error"] or "").partition(":")[0] or None
    write("outbox." + result, channel=channel, outbox=parcel.outbox_id, attempts=parcel.attempts, problem=code)


def _after_failure(parcel: Parcel, error: ChannelError) -> dict[str, Any]:
    """What becomes of a row that did not leave: tried again later, or given up with the reason.

    Being asked to go slower is no failed try.
    """
    reason = f"{error.code}: {error.detail}".rstrip(": ")[:200]
    if error.retry_after:
        wait, attempts = error.retry_after, parcel.attempts - 1
    elif error.permanent or parcel.attempts >= MAX_ATTEMPTS:
        return {"state": Delivery.FAILED, "error": reason}
    else:
        wait = BACK_OFF[min(parcel.attempts, len(BACK_OFF)) - 1] * _DICE.uniform(1 - JITTER, 1 + JITTER)
        attempts = parcel.attempts
    next_try = now() + dt.timedelta(seconds=wait)
    return {"state": Delivery.QUEUED, "error": reason, "attempts": attempts, "next_try_at": next_try}
