"""Signed-in browsers: a random token in a cookie, its hash in the table, an end after a long silence."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.tries import Place
from bot.privacy.secrets import hash_token, new_token
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Staff, StaffSession, now

LONGEST = dt.timedelta(hours=12)
IDLE = dt.timedelta(hours=2)
UNFINISHED = dt.timedelta(minutes=10)  # how long the second step of a sign-in may take
# A session in use is written down as such this often, not with every click.
STEP = dt.timedelta(minutes=5)
OPEN = "open"
CODE = "code"
SET_UP = "set_up"


@dataclass(frozen=True)
class SignedIn:
    """Who acts, in which browser, signed in since when, and the token that her forms must carry."""

    staff: Staff
    csrf: str
    token_hash: str
    since: dt.datetime


async def do_open_session(database: Database, staff: Staff, place: Place | None = None, stage: str = OPEN) -> str:
    """A new session of `staff`: the token for her cookie. Sessions that have ended are removed on the way.

    With another `stage` than `open` it is good for the next step of the sign-in alone.
    """
    async with database.write() as uow:
        token = add_session(uow, staff, place, stage)
        await uow.session.execute(delete(StaffSession).where(StaffSession.expires_at < now()))
        await uow.commit()
    return token


def add_session(uow: UnitOfWork, staff: Staff, place: Place | None = None, stage: str = OPEN) -> str:
    """The same within a unit of work."""
    token, place = new_token(), place or Place()
    uow.session.add(
        StaffSession(
            token_hash=hash_token(token),
            staff_id=staff.id,
            csrf=new_token(),
            stage=stage,
            browser=place.browser[:80],
            address=place.address[:64],
            expires_at=now() + (IDLE if stage == OPEN else UNFINISHED),
        )
    )
    return token


async def read_session(database: Database, token: str, *, active: bool, stage: str = OPEN) -> SignedIn | None:
    """Who this token stands for, or None. With `active` the silence begins anew: a person did something."""
    if not token:
        return None
    hashed = hash_token(token)
    async with database.read() as session:
        query = (
            select(StaffSession, Staff)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(
                StaffSession.token_hash == hashed,
                StaffSession.stage == stage,
                StaffSession.expires_at > now(),
                Staff.active.is_(True),
            )
        )
        found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    row, staff = found
    if active and stage == OPEN:
        await _do_prolong(database, row)
    return SignedIn(staff, row.csrf, hashed, row.created_at)


async def read_sessions(session: AsyncSession, staff: Staff) -> list[StaffSession]:
    """The browsers in which `staff` is signed in, the newest first."""
    mine = select(StaffSession).where(
        StaffSession.staff_id == staff.id, StaffSession.stage == OPEN, StaffSession.expires_at > now()
    )
    return list((await session.scalars(mine.order_by(StaffSession.created_at.desc()))).all())


async def do_end_session(database: Database, token_hash: str) -> None:
    """Sign out one browser."""
    async with database.write() as uow:
        await uow.session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))
        await uow.commit()


async def do_end_own(database: Database, staff: Staff, token_hash: str) -> None:
    """Sign out one of the browsers of `staff`; another person's is left alone."""
    async with database.write() as uow:
        mine = (StaffSession.token_hash == token_hash, StaffSession.staff_id == staff.id)
        await uow.session.execute(delete(StaffSession).where(*mine))
        await uow.commit()


async def do_end_all(uow: UnitOfWork, staff_id: int) -> None:
    """Sign `staff_id` out everywhere, with this unit of work: what she may do, or how she gets in, has changed."""
    await uow.session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))


async def _do_prolong(database: Database, row: StaffSession) -> None:
    end = min(row.created_at + LONGEST, now() + IDLE)
    if end - row.expires_at < STEP:
        return
    async with database.write() as uow:
        await uow.session.execute(
            update(StaffSession).where(StaffSession.token_hash == row.token_hash).values(expires_at=end)
        )
        await uow.commit()
