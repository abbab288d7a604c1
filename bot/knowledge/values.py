"""Single values in the files of the knowledge: times, days, words. What is wrong is said with what to write instead."""

import datetime as dt
import difflib
import re
import zoneinfo
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from bot.knowledge.accent import darker_until_legible, is_colour
from bot.knowledge.languages import LANGUAGES
from bot.knowledge.yearly import read_period

NEEDED_WORDS = "needed"  # in the context of a validation: the languages in which all words have to be there
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LOOKS_LIKE_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})|(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


def wrong(says: str) -> PydanticCustomError:
    """What a validator raises: `says` is a half sentence."""
    return PydanticCustomError("wrong", "{says}", {"says": says})


def _time(value: Any) -> str:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    text = str(value)
    if text in ("24:00", "24:00:00"):
        raise wrong('"24:00" is no time of a day, write "23:59"')
    if re.fullmatch(r"\d:[0-5]\d", text):
        raise wrong(f'"{text}" is no time, write "0{text}"')
    raise wrong(f'"{text}" is no time, write it as "08:00"')


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    text = str(value)
    if _DAY.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise wrong(f'"{text}" is in no calendar') from None
    raise wrong(f'"{text}" is no day, write "{day_meant(text) or "2026-12-08, the year first"}"')


def day_meant(text: str) -> str:
    """The day that a text tells, the year first, as 2026-11-25; empty for one that is in no calendar, or no day."""
    found = _LOOKS_LIKE_DAY.fullmatch(text.strip())
    if not found:
        return ""
    day, month, year, *other = found.groups()
    parts = (year, month, day) if year else tuple(other)
    try:
        return dt.date(*(int(str(part)) for part in parts)).isoformat()
    except ValueError:
        return ""


def a_year_after(day: str) -> str:
    """The same day, as 2026-11-25, a year later; the last of February for its 29th."""
    began = dt.date.fromisoformat(day)
    leap = (began.month, began.day) == (2, 29)
    return began.replace(year=began.year + 1, day=28 if leap else began.day).isoformat()


def _zone(value: Any) -> str:
    text = str(value)
    known = zoneinfo.available_timezones()
    if text in known:
        return text
    ends = sorted(name for name in known if name.lower().endswith("/" + text.lower()))
    near = ends or difflib.get_close_matches(text, known, 1) or ["Europe/Madrid"]
    raise wrong(f'there is no time zone "{text}", write for example "{near[0]}"')


def _accent(value: Any) -> str:
    text = str(value)
    if not is_colour(text):
        raise wrong(f'"{text}" is no colour, write it as "#1F5A8A"')
    legible = darker_until_legible(text)
    if legible != text:
        raise wrong(f'white letters cannot be read on "{text}", write a darker colour, as "{legible}"')
    return text


def _words(value: Any, info: ValidationInfo) -> dict[str, str]:
    """Words by language; those of `NEEDED_WORDS` in the context have to be there, further ones may."""
    needed = (info.context or {}).get(NEEDED_WORDS, LANGUAGES)
    if not isinstance(value, dict):
        raise wrong("the words of each language are needed, as {es: …, en: …}")
    for language in (*needed, *(one for one in value if one not in needed)):
        if not isinstance(value.get(language), str) or not value[language].strip():
            raise wrong(f'the words in "{language}" are missing, write {language}: "…"')
    return value


def _pattern(value: Any) -> str:
    try:
        re.compile(str(value))
    except re.error as error:
        raise wrong(f"this is no regular expression ({error}), mend or remove it") from None
    if not isinstance(value, str) or not value.strip():
        raise wrong("an empty pattern fits everything, remove it")
    return value


def _period(value: Any) -> str:
    try:
        read_period(str(value))
    except ValueError:
        raise wrong(f'"{value}" is no period of a year, write "09-01/11-05": month and day, from and to') from None
    return str(value)


def _interval(value: tuple[str, str]) -> tuple[str, str]:
    if value[0] >= value[1]:
        raise wrong(f'it opens at "{value[0]}" and closes at "{value[1]}", write the earlier one first')
    return value


Words = Annotated[dict[str, str], BeforeValidator(_words)]
Pattern = Annotated[str, BeforeValidator(_pattern)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Time = Annotated[str, BeforeValidator(_time)]
Interval = Annotated[tuple[Time, Time], AfterValidator(_interval)]
Text = Annotated[str, Field(min_length=1)]
Zone = Annotated[str, BeforeValidator(_zone)]
Accent = Annotated[str, BeforeValidator(_accent)]
Period = Annotated[str, BeforeValidator(_period)]
