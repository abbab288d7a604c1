"""What the files of the knowledge hold, one entry at a time: agencies, topics, subjects, answers."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.knowledge.check import ANSWER
from bot.knowledge.languages import LANGUAGES

ZONE = "Europe/Madrid"


@dataclass(frozen=True)
class Agency:
    """A public body. `data` holds what the file says beyond the names: hours, phone, accent."""

    id: str
    level: str
    prefix: str
    name: dict[str, str]
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def accent(self) -> str:
        """The agency's colour, as `#rrggbb`."""
        return str(self.data.get("accent", "#1f5f8b"))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its people live and its office opens."""
        return ZoneInfo(str((self.data.get("hours") or {}).get("time_zone", ZONE)))


class Agencies(dict[str, Agency]):
    """Agencies by id. One that is gone may still have staff and conversations: it goes by its id, and is closed."""

    def __missing__(self, agency: str) -> Agency:
        never: dict[str, Any] = {"hours": {"weekly": {}}}
        return Agency(agency, "", agency[:3].upper(), dict.fromkeys(LANGUAGES, agency), never)


@dataclass(frozen=True)
class Topic:
    """Something that citizens ask about.

    `agency` has it in its charge, `level` is where it usually belongs. `done_at` says who does it when none of the
    town's agencies does (`name` per language, `phone`, `url`); `off`: it is not done in this town at all. `tells`: what
    of an agency's entry answers it where nobody has written an answer (`hours`).
    """

    id: str
    agency: str
    title: dict[str, str]
    level: str = ""
    done_at: dict[str, Any] | None = None
    off: bool = False
    tells: str = ""


@dataclass(frozen=True)
class Subject:
    """What a suggestion or report is about, and which agency looks after it."""

    id: str
    agency: str
    title: dict[str, str]
    keywords: dict[str, tuple[str, ...]]
    topics: tuple[str, ...]
    level: str = ""


@dataclass(frozen=True)
class Button:
    """A quick reply: its title, and the payload that pressing it stands for."""

    title: str
    payload: str


@dataclass(frozen=True)
class Answer:
    """One wording of one response in one language, with the facts that stand beside it."""

    response: str
    language: str
    text: str
    buttons: tuple[Button, ...]
    custom: dict[str, Any]

    @property
    def topic(self) -> str | None:
        """The topic's id when this answers a topic."""
        return self.response[len(ANSWER) :] if self.response.startswith(ANSWER) else None

    @property
    def agency(self) -> str:
        """The agency whose answer it is; empty for what all of them say."""
        return str(self.custom.get("agency") or "")

    def told_as(self, response: str, args: dict[str, Any], custom: dict[str, Any]) -> "Answer":
        """These words, filled, as those of another response."""
        return replace(self, response=response, text=fill(self.text, args), custom=custom)

    def date(self, name: str) -> dt.date | None:
        """`reviewed` or `next_review` as a date."""
        value = self.custom.get(name)
        return dt.date.fromisoformat(str(value)) if value else None


def agency_of(entry: dict[str, Any]) -> Agency:
    """An entry of `agencies.yml`."""
    known = {"id", "level", "prefix", "name"}
    rest = {key: value for key, value in entry.items() if key not in known}
    return Agency(entry["id"], entry["level"], entry["prefix"], entry["name"], rest)


def topic_of(entry: dict[str, Any], agencies: Agencies) -> Topic:
    """Where a town does not say who is in charge, it is its first agency of the topic's level, else its first."""
    level, agency = str(entry.get("level", "")), _in_charge(entry, agencies)
    done_at, tells = entry.get("done_at"), str(entry.get("tells") or "")
    return Topic(entry["id"], agency, entry["title"], level, done_at, bool(entry.get("off")), tells)


def _in_charge(entry: dict[str, Any], agencies: Agencies) -> str:
    of_level = [agency.id for agency in agencies.values() if agency.level == entry.get("level")]
    return str(entry.get("agency") or (of_level or list(agencies))[0])


def subject_of(entry: dict[str, Any], agencies: Agencies) -> Subject:
    """An entry of `subjects.yml`, in the charge of somebody as a topic is."""
    keywords = {language: tuple(words) for language, words in (entry.get("keywords") or {}).items()}
    topics, level = tuple(entry.get("topics") or ()), str(entry.get("level", ""))
    return Subject(entry["id"], _in_charge(entry, agencies), entry["title"], keywords, topics, level)


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def fill(text: str, args: dict[str, Any]) -> str:
    """`text` with `{name}` replaced from `args`; a name that nobody gave becomes empty. Braces in values stay."""
    try:
        return text.format_map(_Blank(args))
    except (ValueError, IndexError, AttributeError):
        return text
