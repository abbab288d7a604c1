"""What each file of the knowledge has to look like."""

import difflib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.knowledge.values import Accent, Day, Interval, Pattern, Period, Text, Words, Zone, wrong


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

    time_zone: Zone = "Europe/Madrid"
    weekly: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[Interval]] = {}
    holidays: list[Holiday] = []


class AgencyShape(Shape):
    """An entry of `agencies.yml`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    level: Text
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    name: Words
    parent: str | None = None
    accent: Accent | None = None
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
    tells: Literal["hours"] | None = None


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
    periods: list[Period] = []
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
