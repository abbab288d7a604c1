"""The opening hours of an agency in words, as they stand in `agencies.yml`: an answer that nobody has to write."""

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names
from babel.lists import format_list

from bot.knowledge.languages import in_words

if TYPE_CHECKING:
    from bot.knowledge.entries import Agency
    from bot.knowledge.knowledge import Knowledge

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RUN = 3  # days in a row that are told as "from … to …"
SOON = 14  # days ahead in which a holiday is told


def hours_in_words(knowledge: "Knowledge", agency: "Agency", language: str) -> str:
    """`Monday to Wednesday: 9:00–14:00; Thursday: …`, and the holidays that are near; empty where none are written."""
    hours = agency.data.get("hours") or {}
    weekly, alike = hours.get("weekly") or {}, dict[str, list[int]]()
    for number, day in enumerate(DAYS):
        if told := ", ".join(f"{_short(start)}–{_short(end)}" for start, end in weekly.get(day, ())):
            alike.setdefault(told, []).append(number)
    lines = [f"{_days(knowledge, days, language)}: {told}" for told, days in alike.items()]
    near = [in_words(day, language, "weekday") for day in _holidays(hours, knowledge.today(agency.id))]
    if lines and near:
        days = format_list(near, locale=language)
        lines.append(knowledge.text("utter_topic_hours_closed", language, days=days))
    return "; ".join(lines)


def _days(knowledge: "Knowledge", days: list[int], language: str) -> str:
    names = get_day_names("wide", locale=language)
    if len(days) >= RUN and all(after == before + 1 for before, after in pairwise(days)):
        return knowledge.text("utter_topic_hours_run", language, first=names[days[0]], last=names[days[-1]])
    return str(format_list([names[day] for day in days], locale=language))


def _holidays(hours: dict[str, Any], today: dt.date) -> list[dt.date]:
    days = sorted(dt.date.fromisoformat(str(one["date"])) for one in hours.get("holidays") or ())
    return [day for day in days if today <= day <= today + dt.timedelta(days=SOON) and _opens(hours, day)]


def _opens(hours: dict[str, Any], day: dt.date) -> bool:
    """Whether it would be open on that day, were it no holiday."""
    return bool((hours.get("weekly") or {}).get(DAYS[day.weekday()]))


def _short(time: str) -> str:
    return time.removeprefix("0")
