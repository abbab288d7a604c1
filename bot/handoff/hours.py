"""When an agency's people are there: its own zone, several intervals a day, holidays. Computed in local time."""

import datetime as dt

from bot.knowledge.entries import Agency
from bot.knowledge.languages import in_words
from bot.knowledge.opening import DAYS

LOOK_AHEAD = 30


def is_open(agency: Agency, at: dt.datetime) -> bool:
    """Whether somebody is there at `at` (any zone). An agency without hours is always open."""
    hours = agency.data.get("hours")
    if not hours:
        return True
    local = at.astimezone(agency.zone)
    return any(start <= local.time() < end for start, end in _intervals(agency, local.date()))


def next_opening(agency: Agency, at: dt.datetime) -> dt.datetime | None:
    """The next time after `at` that the agency opens, in its own zone; None when not within a month."""
    hours = agency.data.get("hours")
    if not hours:
        return None
    local = at.astimezone(agency.zone)
    for ahead in range(LOOK_AHEAD):
        day = local.date() + dt.timedelta(days=ahead)
        for start, _ in _intervals(agency, day):
            opens = dt.datetime.combine(day, start, agency.zone)
            if opens > local:
                return opens
    return None


def opening_words(opens: dt.datetime, language: str) -> str:
    """`Thursday 26 November, 09:00` in the citizen's language."""
    return f"{in_words(opens, language, 'weekday')}, {opens:%H:%M}"


def _intervals(agency: Agency, day: dt.date) -> list[tuple[dt.time, dt.time]]:
    hours = agency.data["hours"]
    if any(str(holiday["date"]) == day.isoformat() for holiday in hours.get("holidays") or ()):
        return []
    weekly = hours.get("weekly") or {}
    return [
        (dt.time.fromisoformat(start), dt.time.fromisoformat(end)) for start, end in weekly.get(DAYS[day.weekday()], ())
    ]
