"""Signed-in browsers: a random token in a cookie, its hash in the table, an end after a long silence."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from bot.privacy.secrets import hash_token, new_token
from bot.store.database import Database
from bot.store.tables import Staff, StaffSession, now

LONGEST = dt.timedelta(hours=12)
IDLE = dt.timedelta(hours=2)
# A session in use is written down as such this often, not with every click.
STEP = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class SignedIn:
    """Who acts, in which signed-in browser, and the token that her forms must carry."""

    staff: Staff
    csrf: str
    token_hash: str


async def do_open_session(database: Database, staff: Staff) -> str:
    """A new session of `staff`: the token for her cookie. Sessions that have ended are removed on the way."""
    token = new_token()
    async with database.write() as uow:
        await uow.session.execute(delete(StaffSession).where(StaffSession.expires_at < now()))
        uow.session.add(
            StaffSession(token_hash=hash_token(token), staff_id=staff.id, csrf=new_token(), expires_at=now() + IDLE)
        )
        await uow.commit()
    return token


async def read_session(database: Database, token: str, *, active: bool) -> SignedIn | None:
    """Who this token stands for, or None. With `active` the silence begins anew: a person did something."""
    if not token:
        return None
    hashed = hash_token(token)
    async with database.read() as session:
        query = (
            select(StaffSession, Staff)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(StaffSession.token_hash == hashed, StaffSession.expires_at > now(), Staff.active.is_(True))
        )
        found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    row, staff = found
    if active:
        await _do_prolong(database, row)
    return SignedIn(staff, row.csrf, hashed)


async def do_end_session(database: Database, token_hash: str) -> None:
    """Sign out one browser."""
    async with database.write() as uow:
        await uow.session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))
        await uow.commit()


async def _do_prolong(database: Database, row: StaffSession) -> None:
    end = min(row.created_at + LONGEST, now() + IDLE)
    if end - row.expires_at < STEP:
        return
    async with database.write() as uow:
        await uow.session.execute(
            update(StaffSession).where(StaffSession.token_hash == row.token_hash).values(expires_at=end)
        )
        await uow.commit()
