"""Named leases: what one node at a time does, such as polling Telegram or the daily clean-up.

    await Leases(database).run_alone("retention", work)

`work` runs on one node. The lease is renewed meanwhile; when it is lost, `work` is cancelled, at the latest when the
lease ends, so that two nodes never do the same. A node that dies is followed by another within `LIFE`.
"""

import asyncio
import contextlib
import datetime as dt
import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Database
from bot.store.tables import Lease, now

log = structlog.get_logger()
LIFE = 15.0  # seconds that a dead node is waited for
RENEWALS = 5  # in one life


class Leases:
    """The leases of one node."""

    def __init__(self, database: Database, life: float = LIFE) -> None:
        self._database = database
        self._life = life
        self._me = secrets.token_hex(8)
        self._insert = sqlite.insert if database.engine.dialect.name == "sqlite" else postgresql.insert

    async def do_take(self, name: str) -> bool:
        """Take or renew the lease `name`; False while another node has it."""
        until = now() + dt.timedelta(seconds=self._life)
        mine = self._insert(Lease).values(name=name, holder=self._me, until=until)
        free = or_(Lease.holder == self._me, Lease.until < now())
        taken = mine.on_conflict_do_update(
            index_elements=[Lease.name], set_={"holder": self._me, "until": until}, where=free
        ).returning(Lease.name)
        async with self._database.write(short=True) as uow:
            found = (await uow.session.execute(taken)).scalar_one_or_none()
            await uow.commit()
        return found is not None

    async def do_return(self, name: str) -> None:
        """Let another node have it at once; nothing when it is not ours."""
        mine = (Lease.name == name, Lease.holder == self._me)
        async with self._database.write(short=True) as uow:
            ended = update(Lease).where(*mine).values(until=now() - dt.timedelta(seconds=1))
            await uow.session.execute(ended.execution_options(synchronize_session=False))
            await uow.commit()

    async def run_alone(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Wait for the lease, do `work` under it, return it. Begins again when the lease was lost on the way.

        What `work` raises comes out. The lease is returned when this is cancelled, too.
        """
        while True:
            taken_at = time.monotonic()
            if await self._took(name):
                log.info("lease.taken", lease=name)
                try:
                    if await self._work_under(name, taken_at, work):
                        return
                finally:
                    with contextlib.suppress(SQLAlchemyError, OSError):
                        await self.do_return(name)
                log.warning("lease.lost", lease=name)
            await asyncio.sleep(self._life / RENEWALS)

    async def _took(self, name: str) -> bool:
        try:
            return await self.do_take(name)
        except (SQLAlchemyError, OSError) as error:
            log.warning("lease.unreadable", lease=name, problem=type(error).__name__)
            return False

    async def _work_under(self, name: str, taken_at: float, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether the work ended by itself; otherwise the lease was lost and the work is over."""
        working = asyncio.ensure_future(work())
        try:
            while True:
                done, _ = await asyncio.wait([working], timeout=self._life / RENEWALS)
                if done:
                    await working
                    return True
                asked = time.monotonic()
                with contextlib.suppress(TimeoutError):
                    if await asyncio.wait_for(self._took(name), taken_at + self._life - asked):
                        taken_at = asked
                if time.monotonic() - taken_at > self._life * (RENEWALS - 1) / RENEWALS:
                    return False
        finally:
            working.cancel()
            await asyncio.wait([working])
