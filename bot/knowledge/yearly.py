"""Periods that come every year, as files keep them and as administrators type them.

A file keeps `periods: ["09-01/11-05"]`, month and day, both included; `../01-31` has an end alone. An administrator
types `01/09-05/11`, several with commas.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

_KEPT = re.compile(r"(?:(\d\d)-(\d\d)|\.\.)/(\d\d)-(\d\d)")
_TYPED = re.compile(r"(?:(\d{1,2})/(\d{1,2}))?\s*[-–]\s*(\d{1,2})/(\d{1,2})")
LEAP = 2_000  # a year that has every day


@dataclass(frozen=True)
class Day:
    """A day of any year."""

    month: int
    day: int

    def __post_init__(self) -> None:
        dt.date(LEAP, self.month, self.day)

    def of(self, year: int) -> dt.date:
        """It in a year; the last of February where that has no 29th."""
        return dt.date(year, self.month, min(self.day, calendar.monthrange(year, self.month)[1]))


@dataclass(frozen=True)
class Period:
    """From a day to a day of every year, over its end where the second comes first; `start` None is an end alone."""

    start: Day | None
    end: Day

    def around(self, year: int) -> Iterable[tuple[dt.date, dt.date]]:
        """The period, and those of the years beside it."""
        start = self.start or self.end
        over = (start.month, start.day) > (self.end.month, self.end.day)
        return [(start.of(one), self.end.of(one + over)) for one in range(year - 2, year + 3)]


def read_period(kept: str) -> Period:
    """A period as a file keeps it. Raises ValueError when it is none."""
    if not (found := _KEPT.fullmatch(kept)):
        raise ValueError(kept)
    first, then, month, day = found.groups()
    return Period(Day(int(first), int(then)) if first else None, Day(int(month), int(day)))


def from_typed(typed: str) -> list[str]:
    """What an administrator typed, as a file keeps it. Raises ValueError when one of them is no period."""
    return [_kept(one.strip()) for one in typed.split(",")] if typed.strip() else []


def as_typed(kept: Iterable[object]) -> str:
    """What a file keeps, as an administrator types it."""
    periods = [read_period(str(one)) for one in kept]
    return ", ".join(f"{_slashed(one.start)}-{_slashed(one.end)}" for one in periods)


def _kept(typed: str) -> str:
    if not (found := _TYPED.fullmatch(typed)):
        raise ValueError(typed)
    day, month, last, of = (int(number) if number else 0 for number in found.groups())
    start = f"{month:02}-{day:02}" if month else ".."
    kept = f"{start}/{of:02}-{last:02}"
    read_period(kept)
    return kept


def _slashed(day: Day | None) -> str:
    return f"{day.day:02}/{day.month:02}" if day else ""
