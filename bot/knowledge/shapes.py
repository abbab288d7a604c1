"""What each file of the knowledge has to look like. What is wrong is said with what to write instead."""

import datetime as dt
import difflib
import re
import zoneinfo
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.knowledge.accent import darker_until_legible, is_colour
from bot.knowledge.languages import LANGUAGES
from bot.knowledge.yearly import read_period

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
    raise wrong(f'"{text}" is no day, write "{_meant(text) or "2026-12-08, the year first"}"')


def _meant(text: str) -> str:
    found = _LOOKS_LIKE_DAY.fullmatch(text.strip())
    if not found:
        return ""
    day, month, year, *other = found.groups()
    parts = (year, month, day) if year else tuple(other)
    try:
        return dt.date(*(int(str(part)) for part in parts)).isoformat()
    except ValueError:
        return ""


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


def _words(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise wrong("the words of each language are needed, as {es: …, en: …}")
    for language in LANGUAGES:
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


class Shape(BaseModel):
    """A part of a file. A key that nobody knows may stand there, unless it looks like a slip of one that is known."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _no_slips(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            raise wrong("key: value lines are expected here")
        for key in given:
            if key not in cls.model_fields and (near := difflib.get_close_matches(str(key), cls.model_fields, 1, 0.8)):
                raise wrong(f'nobody knows "{key}", write "{near[0]}"')
        return given


class Holiday(Shape):
    """A day on which nobody is there."""

    date: Day
    name: Words | None = None


class Hours(Shape):
    """When people are there."""

    time_zone: Annotated[str, BeforeValidator(_zone)] = "Europe/Madrid"
    weekly: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[Interval]] = {}
    holidays: list[Holiday] = []


class AgencyShape(Shape):
    """An entry of `agencies.yml`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    level: Text
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    name: Words
    parent: str | None = None
    accent: Annotated[str, BeforeValidator(_accent)] | None = None
    aliases: list[Text] = []
    hours: Hours | None = None


class PlaceShape(Shape):
    """Who does what none of the town's agencies does."""

    name: Words
    phone: Text | None = None
    url: Text | None = None


class TopicShape(Shape):
    """An entry of `topics.yml`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    agency: Text | None = None
    level: Text | None = None
    title: Words | None = None
    done_at: PlaceShape | None = None
    off: bool = False


class SubjectShape(Shape):
    """An entry of `subjects.yml`."""

    id: Text
    agency: Text | None = None
    level: Text | None = None
    title: Words
    keywords: dict[str, list[Text]] = {}
    topics: list[Text] = []


class DistrictShape(Shape):
    """An entry of `districts.yml`."""

    id: Text
    name: Words
    aliases: list[Text] = []


class Agencies(Shape):
    """`agencies.yml`."""

    agencies: Annotated[list[AgencyShape], Field(min_length=1)]


class Topics(Shape):
    """`topics.yml`."""

    topics: list[TopicShape] = []


class Subjects(Shape):
    """`subjects.yml`."""

    subjects: list[SubjectShape] = []


class Districts(Shape):
    """`districts.yml`."""

    districts: list[DistrictShape] = []


class ElsewhereShape(Shape):
    """An entry of `elsewhere.yml`."""

    id: Text
    says: Words
    examples: Annotated[list[Text], Field(min_length=2)]


class Elsewhere(Shape):
    """`elsewhere.yml`: whose business it is when it is no agency's."""

    elsewhere: list[ElsewhereShape] = []


class WordLists(BaseModel):
    """`words.yml`: the patterns of danger above all."""

    model_config = ConfigDict(extra="allow")
    crisis: Annotated[list[Pattern], Field(min_length=1)]
    crisis_lines: dict[str, list[Pattern]] = {}
    shorthand: dict[str, str] = {}


class Titled(Shape):
    """A link or a source."""

    title: Text
    url: str | None = None


class Custom(Shape):
    """What stands beside an answer's text."""

    agency: str | None = None
    reviewed: Day | None = None
    next_review: Day | None = None
    unit: str | None = None
    steps: list[Any] = []
    related: list[str] = []
    periods: list[Annotated[str, BeforeValidator(_period)]] = []
    facts: dict[str, Any] = {}
    link: Titled | None = None
    source: Titled | None = None


class Condition(BaseModel):
    """For whom a wording is: a language, perhaps one agency."""

    name: Literal["language", "agency"]
    value: str


class PressButton(Shape):
    """A button below a text."""

    title: Text
    payload: Text


class Variation(Shape):
    """One wording of a response."""

    text: Text
    condition: list[Condition] = []
    buttons: list[PressButton] = []
    custom: Custom | None = None


class Responses(BaseModel):
    """A file of `responses`."""

    model_config = ConfigDict(extra="allow")
    responses: dict[str, Annotated[list[Variation], Field(min_length=1)]] | None = None


LOOKUP: dict[str, type[BaseModel]] = {
    "agencies": Agencies,
    "topics": Topics,
    "subjects": Subjects,
    "districts": Districts,
    "words": WordLists,
    "elsewhere": Elsewhere,
}
NEEDED = ("agencies", "topics", "words")
