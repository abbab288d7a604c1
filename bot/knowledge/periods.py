"""When something can be asked for or paid: how the yearly periods of an answer stand today."""

import datetime as dt

from bot.knowledge.entries import Answer
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.languages import in_words
from bot.knowledge.parts import Part
from bot.knowledge.yearly import LEAP, Period, read_period


def periods_of(answer: Answer) -> list[Period]:
    """The periods of an answer; none for most."""
    return [read_period(str(kept)) for kept in answer.custom.get("periods") or ()]


def names_period(part: Part, answer: Answer) -> bool:
    """Whether a part of an answer tells its period: the deadline, or a sentence that names the last day."""
    last = [_worded(period.end.of(LEAP), answer.language, LEAP) for period in periods_of(answer)]
    return bool(last) and (part.fact == "deadline" or any(day in part.words for day in last))


def line_about(knowledge: Knowledge, answer: Answer, language: str) -> str:
    """One line on how the answer's periods stand today, where its agency is; empty when it has none."""
    periods = periods_of(answer)
    if not periods:
        return ""
    today = knowledge.today(str(answer.custom.get("agency")))
    response, days = _standing(periods, today)
    words = {name: _worded(day, language, today.year) for name, day in days.items()}
    return knowledge.text(f"utter_period_{response}", language, **words)


def _standing(periods: list[Period], today: dt.date) -> tuple[str, dict[str, dt.date]]:
    """What is to be said of today, and the days that stand in it."""
    runs = sorted(run for period in periods for run in period.around(today.year))
    now = [end for start, end in runs if start <= today <= end]
    if now:
        return ("last_day", {}) if max(now) == today else ("open", {"until": max(now)})
    ended = max(end for _, end in runs if end < today)
    opens, until = min(run for run in runs if run[0] > today)
    over = ended.year == today.year
    if opens == until:
        return ("past", {"ended": ended, "until": until}) if over else ("due", {"until": until})
    return ("ended", {"ended": ended, "opens": opens}) if over else ("ahead", {"opens": opens, "until": until})


def _worded(day: dt.date, language: str, year: int) -> str:
    """`5 de noviembre`; with its year when that is another than `year`."""
    return in_words(day, language, "day" if day.year == year else "day_of_year")
