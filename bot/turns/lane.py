"""The lane: one conversation at a time, in order, on one node at a time. The lease is a column of its row."""

import asyncio
import datetime as dt
import secrets
import time

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.inbox import Waiting
from bot.store.claim import first_free
from bot.store.database import Database
from bot.store.tables import Conversation, now
from bot.turns.answered import Left
from bot.turns.turn import Turns

log = structlog.get_logger()
# A node that dies keeps citizens waiting this long. One that lives renews its leases, however long a turn takes.
LEASE = dt.timedelta(seconds=30)
RENEW = 10.0
LAST_TURNS = 10.0  # seconds that running turns get when the node stops
AT_ONCE = 32
POLL = 1.0


class Lane:
    """Claims conversations in which messages wait, and takes each through its turns."""

    def __init__(self, database: Database, turns: Turns) -> None:
        self._database = database
        self._turns = turns
        self._me = secrets.token_hex(8)
        self._wake = asyncio.Event()
        self._expected = False
        self._running: dict[asyncio.Task[None], str] = {}
        self._renewed = 0.0
        self._stopping = False
        self._working = False
        self._crowded = False  # others wait in the database for room here

    def wake(self) -> None:
        """Say that a message has been stored."""
        self._expected = True
        self._wake.set()

    def look(self) -> None:
        """Say that another node has stored a message: it will take it itself, unless it has no room."""
        self._wake.set()

    def lease(self, waiting: Waiting | None) -> bool:
        """Take a conversation for this node in the unit of work that stores its only waiting message.

        The caller holds the row, and says `take` once it has committed. False when somebody else has it, when more
        wait before it, or when this node has no room or others wait for it: then `wake` leads to it in its turn.
        """
        if waiting is None or not self._working:
            return False
        self._crowded = self._crowded or len(self._running) >= AT_ONCE
        if self._crowded:
            return False
        conversation = waiting.conversation
        free = conversation.leased_until is None or conversation.leased_until < now()
        if not free or conversation.waiting_messages != 1:
            return False
        conversation.leased_by, conversation.leased_until = self._me, now() + LEASE
        return True

    def take(self, waiting: Waiting) -> None:
        """Begin the turn of a message that was stored with its lease."""
        self._begin(waiting.conversation.id, waiting)

    async def run(self) -> None:
        """Work until `stop`; a failing database is tried again each second."""
        self._working = not self._stopping
        while not self._stopping:
            expected, self._expected = self._expected, False
            self._wake.clear()
            try:
                await self._renew()
                room = AT_ONCE - len(self._running)
                claimed = await self._do_claim(room, expected=expected)
                self._crowded = len(claimed) >= room
            except Exception:
                log.exception("lane.claim_failed")
                claimed = []
            for conversation_id in claimed:
                self._begin(conversation_id)
            if not claimed or len(self._running) >= AT_ONCE:
                await self._rest()

    def close(self) -> None:
        """Take no more messages from now on."""
        self._stopping, self._working = True, False
        self._wake.set()

    async def stop(self) -> None:
        """Take no more messages, and finish the turns that are running.

        One that takes too long is given up with its lease: its message is answered by another node, or the next start.
        """
        self.close()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=LAST_TURNS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL)
        except TimeoutError:
            return

    def _begin(self, conversation_id: str, waiting: Waiting | None = None) -> None:
        task = asyncio.create_task(self._work(conversation_id, waiting))
        self._running[task] = conversation_id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if len(self._running) >= AT_ONCE:
            self._wake.set()
        self._running.pop(task, None)

    async def _work(self, conversation_id: str, waiting: Waiting | None) -> None:
        left = Left.MORE
        try:
            while not self._stopping and left == Left.MORE:
                left = await self._turns.do_next(conversation_id, waiting)
                waiting = None
        except Exception:
            log.exception("lane.turn_failed")
            await asyncio.sleep(POLL)
        finally:
            if left != Left.NONE:
                await self._release(conversation_id)
                self._wake.set()

    async def _do_claim(self, room: int, *, expected: bool) -> list[str]:
        """Lease up to `room` conversations. One statement: two nodes never get the same one."""
        if room <= 0:
            return []
        free = or_(Conversation.leased_until.is_(None), Conversation.leased_until < now())
        waiting = (
            select(Conversation.id).where(Conversation.waiting_messages > 0, free).order_by(Conversation.active_at)
        )
        if not expected:
            # A look without a write first: an idle node leaves the database alone.
            async with self._database.read(short=True) as session:
                if not (await session.execute(waiting.limit(1))).first():
                    return []
        async with self._database.write(short=True) as uow:
            leased = await uow.session.execute(
                update(Conversation)
                .where(Conversation.id.in_(first_free(waiting, room)))
                .values(leased_by=self._me, leased_until=now() + LEASE)
                .returning(Conversation.id)
                .execution_options(synchronize_session=False)
            )
            ids = [str(row) for row in leased.scalars()]
            await uow.commit()
        return ids

    async def _renew(self) -> None:
        """Keep what is being worked on, once in a while."""
        passed = time.monotonic() - self._renewed
        if passed < RENEW:
            return
        self._renewed = time.monotonic()
        if not self._running:
            return
        async with self._database.write(short=True) as uow:
            await uow.session.execute(
                update(Conversation)
                .where(Conversation.id.in_(self._running.values()), Conversation.leased_by == self._me)
                .values(leased_until=now() + LEASE)
                .execution_options(synchronize_session=False)
            )
            await uow.commit()

    async def _release(self, conversation_id: str) -> None:
        """Give it back as soon as the database is there again: until its lease runs out nobody else takes it."""
        while True:
            try:
                return await self._do_release(conversation_id)
            except (SQLAlchemyError, OSError) as error:
                log.warning("lane.release_failed", problem=type(error).__name__)
                if self._stopping:
                    return
                await asyncio.sleep(POLL)

    async def _do_release(self, conversation_id: str) -> None:
        async with self._database.write(short=True) as uow:
            await uow.session.execute(
                update(Conversation)
                .where(Conversation.id == conversation_id, Conversation.leased_by == self._me)
                .values(leased_by=None, leased_until=None)
                .execution_options(synchronize_session=False)
            )
            await uow.commit()
