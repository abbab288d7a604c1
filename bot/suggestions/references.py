"""References that people can say aloud: `ALD-2026-000123-K`. Not a secret; the last letter catches slips."""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.store.database import UnitOfWork
from bot.store.tables import ReferenceCounter

# The alphabet without I, O and U: 23 letters, a prime, so that every weight below keeps its value apart.
LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
# Between two parts stands whatever is no letter and no digit, a few signs of it; a letter O is a zero.
_BETWEEN = r"[\W_]{0,4}"
_WRITTEN = re.compile(
    rf"(?<![^\W_])(?P<prefix>[A-Z]{{3}})(?P<sign>{_BETWEEN})(?P<year>2[0O][0-9O]{{2}}){_BETWEEN}"
    rf"(?P<number>[0-9O](?:[ ]?[0-9O]){{0,5}})(?:(?P<before>{_BETWEEN})(?P<letter>[A-Z]))?(?![^\W_])",
    re.IGNORECASE,
)
# What cannot be read as a reference and can hardly be anything else.
_BROKEN = re.compile(r"(?<![^\W_])(?:20\d\d[\W_]{1,4}\d{4,}|0\d{3,7})[\W_]{0,4}[A-Z]?(?![^\W_])", re.IGNORECASE)
_WORDS = frozenset("aeouy")  # words of one letter: "ALD-2026-000123 y mi sugerencia"


@dataclass(frozen=True)
class Written:
    """A reference as somebody wrote it, in its proper form: `ALD-2026-000123` and the letter, if there is one.

    Without a body it looks like a reference and cannot be read.
    """

    body: str
    letter: str = ""

    @property
    def whole(self) -> str:
        """With its letter, if it has one."""
        return f"{self.body}-{self.letter}" if self.letter else self.body

    @property
    def fits(self) -> bool:
        """Whether the letter is the one that belongs to it."""
        return bool(self.letter) and check_letter(self.body) == self.letter


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


def find_reference(text: str, prefixes: Collection[str] = ()) -> Written | None:
    """The first reference in `text`, however it is spelt; one of an agency among `prefixes` before any other.

    None when nothing in it looks like one.
    """
    text = unicodedata.normalize("NFKC", text)
    found = [match for match in _WRITTEN.finditer(text) if _is_meant(match, prefixes)]
    for match in sorted(found, key=lambda match: match["prefix"].upper() not in prefixes):
        return _read(match)
    known = "|".join(re.escape(prefix) for prefix in sorted(prefixes))
    begun = known and re.search(rf"(?<![^\W_])(?:{known}){_BETWEEN}[0-9]", text, re.IGNORECASE)
    return Written("") if begun or _BROKEN.search(text) else None


def without_references(text: str, prefixes: Collection[str] = ()) -> str:
    """`text` with blanks for each reference in it, so that all else keeps its place."""

    def blanked(match: re.Match[str]) -> str:
        if not _is_meant(match, prefixes):
            return match[0]
        behind = match[0][match.end("number") - match.start() :] if _is_word_behind(match) else ""
        return " " * (len(match[0]) - len(behind)) + behind

    return _WRITTEN.sub(blanked, text)


def _is_meant(match: re.Match[str], prefixes: Collection[str]) -> bool:
    """Whether it is more than a word before a year: "del 2026"."""
    return match["prefix"].upper() in prefixes or bool(match["letter"] and match["sign"].strip())


def _read(match: re.Match[str]) -> Written:
    year, number = (match[name].upper().replace("O", "0").replace(" ", "") for name in ("year", "number"))
    letter = "" if _is_word_behind(match) else match["letter"] or ""
    return Written(f"{match['prefix'].upper()}-{year}-{int(number):06d}", letter.upper())


def _is_word_behind(match: re.Match[str]) -> bool:
    """Whether its letter is a word of what goes on behind it."""
    goes_on = match.string[match.end() :].strip(" ?!.,") != ""
    return goes_on and match["letter"] in _WORDS and str(match["before"]).isspace()


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
