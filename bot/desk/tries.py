"""What guessers meet: tries are counted by account and place, so that whoever guesses closes the door to herself alone.

Three counts, each with its own end (decisions/0019): of an account from one address, of an account from all browsers
that never signed in to it, and of a browser that did. A browser that has been let in before is not closed out by what
strangers do elsewhere.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import BotError
from bot.metrics import SIGN_IN_FAILURES
from bot.privacy.secrets import hash_token
from bot.store.database import Database, UnitOfWork
from bot.store.tables import SignInTry, now

MAX_FAILURES = 5
MAX_STRANGERS = 15
LOCKED_FOR = dt.timedelta(minutes=15)
COUNTED_FOR = dt.timedelta(hours=1)  # failures older than this are forgotten


@dataclass(frozen=True)
class Place:
    """Where a sign-in comes from: network address, browser in words, and the mark of one that was let in before."""

    address: str = ""
    browser: str = ""
    known: str = ""


@dataclass(frozen=True)
class Count:
    """One of the counts that a try adds to."""

    key: str
    most: int = MAX_FAILURES


def counts_of(account: str, place: Place) -> list[Count]:
    """What a try at `account` (its e-mail) from `place` adds to."""
    if place.known:
        return [Count(hash_token(f"known:{account}:{place.known}"))]
    return [
        Count(hash_token(f"pair:{account}:{place.address}")),
        Count(hash_token(f"strangers:{account}"), MAX_STRANGERS),
    ]


async def do_count_try(database: Database, counts: Sequence[Count]) -> bool:
    """Count a try before anything is looked at, so that many at once get no more than their number.

    False when one of the counts is closed.
    """
    async with database.write() as uow:
        await uow.session.execute(delete(SignInTry).where(SignInTry.at < now() - COUNTED_FOR))
        rows = [(await _row(uow, count.key), count.most) for count in sorted(counts, key=lambda count: count.key)]
        if any(row.locked_until and row.locked_until > now() for row, _ in rows):
            return False
        for row, most in rows:
            if row.locked_until:
                row.failures, row.locked_until = 0, None
            row.failures, row.at = row.failures + 1, now()
            if row.failures >= most:
                row.locked_until = now() + LOCKED_FOR
        await uow.commit()
    return True


async def read_wait(database: Database, counts: Sequence[Count]) -> int:
    """Seconds until all of the counts are open again; 0 when they are."""
    async with database.read() as session:
        ends = await session.scalars(
            select(SignInTry.locked_until).where(SignInTry.key.in_([count.key for count in counts]))
        )
        waits = [(end - now()).total_seconds() for end in ends if end]
    return max(0, math.ceil(max(waits, default=0)))


async def check_open(database: Database, counts: Sequence[Count]) -> None:
    """Count a try. Raises BotError `sign_in_wait` with `retry_after` in seconds when one of the counts is closed."""
    if not await do_count_try(database, counts):
        SIGN_IN_FAILURES.inc()
        raise BotError("sign_in_wait", retry_after=max(1, await read_wait(database, counts)))


async def do_forget_tries(database: Database, counts: Sequence[Count], *, several: bool = False) -> None:
    """Somebody was let in: her own count begins anew, and the others lose the try that was no guess.

    Where `several` accounts share a count, none begins anew: the right password of one is no proof for another.
    """
    mine = [count.key for count in counts if count.most == MAX_FAILURES and not several]
    shared = [count.key for count in counts if count.key not in mine]
    async with database.write() as uow:
        await uow.session.execute(delete(SignInTry).where(SignInTry.key.in_(mine)))
        await uow.session.execute(
            update(SignInTry)
            .where(SignInTry.key.in_(shared), SignInTry.failures > 0)
            .values(failures=SignInTry.failures - 1, locked_until=None)
            .execution_options(synchronize_session=False)
        )
        await uow.commit()


async def _row(uow: UnitOfWork, key: str) -> SignInTry:
    """The count's row, made when there is none, and held until this unit of work ends."""
    mine = select(SignInTry).where(SignInTry.key == key).with_for_update()
    if (row := await uow.session.scalar(mine)) is not None:
        return row
    try:
        async with uow.session.begin_nested():
            uow.session.add(SignInTry(key=key, failures=0))
            await uow.session.flush()
    except IntegrityError:
        pass  # somebody else has just made it
    return (await uow.session.execute(mine)).scalar_one()
