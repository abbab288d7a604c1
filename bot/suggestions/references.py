"""References that people can say aloud: `ALD-2026-000123-K`. Not a secret; the last letter catches slips."""

import datetime as dt
import re

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.store.database import UnitOfWork
from bot.store.tables import ReferenceCounter

# The alphabet without I, O and U: 23 letters, a prime, so that every weight below keeps its value apart.
LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
_WRITTEN = re.compile(r"\b([A-Z]{3})[\s\-–./]*(\d{4})[\s\-–./]*(\d{1,6})[\s\-–./]*([A-Z])\b", re.IGNORECASE)


def make_reference(prefix: str, year: int, number: int) -> str:
    """The reference of an item: `prefix` of the agency, year, six digits, check letter."""
    body = f"{prefix}-{year}-{number:06d}"
    return f"{body}-{check_letter(body)}"


def check_letter(body: str) -> str:
    """The letter for `ALD-2026-000123`: the position-weighted sum modulo 23.

    Any single wrong digit, and any two neighbouring digits swapped, change it.
    """
    total = sum(weight * ord(c) for weight, c in enumerate(body.replace("-", ""), 2))
    return LETTERS[total % len(LETTERS)]


def find_reference(text: str) -> str | None:
    """The first reference in `text`, however it is spaced or written, in its proper form; letter not yet checked."""
    found = _WRITTEN.search(text)
    if not found:
        return None
    prefix, year, number, letter = found.groups()
    return f"{prefix.upper()}-{year}-{int(number):06d}-{letter.upper()}"


def is_valid(reference: str) -> bool:
    """Whether the check letter fits."""
    body, _, letter = reference.rpartition("-")
    return check_letter(body) == letter


async def do_next_number(uow: UnitOfWork, agency: str, today: dt.date) -> int:
    """The next number of `agency` in this year; two callers never get the same."""
    mine = (ReferenceCounter.agency == agency, ReferenceCounter.year == today.year)
    if not await uow.session.scalar(select(ReferenceCounter.year).where(*mine)):
        try:
            async with uow.session.begin_nested():
                uow.session.add(ReferenceCounter(agency=agency, year=today.year, last=0))
                await uow.session.flush()
        except IntegrityError:
            pass  # another node has just made this year's row
    taken = await uow.session.execute(
        update(ReferenceCounter)
        .where(*mine)
        .values(last=ReferenceCounter.last + 1)
        .returning(ReferenceCounter.last)
        .execution_options(synchronize_session=False)
    )
    return int(taken.scalar_one())
