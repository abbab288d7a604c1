"""What may be answered and by whom, read from the training data and read again when a file changes."""

import datetime as dt
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.knowledge.notice import PrivacyNotice, read_notice

LANGUAGES = ("es", "en")
ZONE = "Europe/Madrid"
log = structlog.get_logger()


class KnowledgeError(Exception):
    """A file of the training data cannot be used; the sentence names the file and, where known, the line."""


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


@dataclass(frozen=True)
class Topic:
    """Something that citizens ask about."""

    id: str
    agency: str
    title: dict[str, str]


@dataclass(frozen=True)
class Subject:
    """What a suggestion or report is about, and which agency looks after it."""

    id: str
    agency: str
    title: dict[str, str]
    keywords: dict[str, tuple[str, ...]]
    topics: tuple[str, ...]


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
        prefix = "utter_faq/"
        return self.response[len(prefix) :] if self.response.startswith(prefix) else None

    def date(self, name: str) -> dt.date | None:
        """`reviewed` or `next_review` as a date."""
        value = self.custom.get(name)
        return dt.date.fromisoformat(str(value)) if value else None


@dataclass(frozen=True)
class _Contents:
    agencies: dict[str, Agency]
    topics: dict[str, Topic]
    subjects: dict[str, Subject]
    districts: dict[str, dict[str, Any]]
    words: dict[str, Any]
    answers: dict[tuple[str, str], Answer]
    notice: PrivacyNotice


class Knowledge:
    """The answers and look-up lists under `root/data`. Reading never blocks on a file: `reload_if_changed` does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problem: str | None = None
        self._reading = threading.Lock()
        self._stamp = self._files()
        self._contents = self._load()

    @property
    def agencies(self) -> dict[str, Agency]:
        """Agencies by id."""
        return self._contents.agencies

    @property
    def topics(self) -> dict[str, Topic]:
        """Topics by id."""
        return self._contents.topics

    @property
    def subjects(self) -> dict[str, Subject]:
        """Subjects of suggestions and reports by id."""
        return self._contents.subjects

    @property
    def districts(self) -> dict[str, dict[str, Any]]:
        """Districts by id: `name` per language and `aliases`."""
        return self._contents.districts

    @property
    def words(self) -> dict[str, Any]:
        """Lists of words by language that the forms and the guards use."""
        return self._contents.words

    @property
    def notice(self) -> PrivacyNotice:
        """What citizens are told about their data."""
        return self._contents.notice

    def answer(self, response: str, language: str) -> Answer | None:
        """The wording of `response` in `language`, or in the other language when this one is missing."""
        for wanted in (language, *LANGUAGES):
            if found := self._contents.answers.get((response, wanted)):
                return found
        return None

    def text(self, response: str, language: str, **args: object) -> str:
        """The words of `response` with its placeholders filled; the response's name when nobody wrote it."""
        answer = self.answer(response, language)
        return fill(answer.text, args) if answer else response

    def title_of(self, label: str, language: str) -> str:
        """How people read a label: a topic's title, or the dialogue act's name."""
        topic = self.topics.get(label.removeprefix("faq/"))
        return topic.title.get(language, topic.id) if topic else label

    def reload_if_changed(self) -> bool:
        """Read the files again when one has changed; a broken file keeps the last good contents and is logged.

        Whoever returns from here sees the files as they were when he came, also when another thread was reading them
        just then. Blocks for that long; raises OSError when a file cannot be read, and the next call tries again.
        """
        with self._reading:
            stamp = self._files()
            if stamp == self._stamp:
                return False
            try:
                self._contents = self._load()
                self.problem = None
            except KnowledgeError as error:
                self.problem = str(error)
                log.error("knowledge.broken", problem=str(error))
            self._stamp = stamp
            return self.problem is None

    def _files(self) -> tuple[tuple[str, int, int], ...]:
        found = []
        for path in sorted((*self._in("responses"), *self._in("lookup"), *self._in("privacy"))):
            status = path.stat()
            found.append((str(path), status.st_mtime_ns, status.st_size))
        return tuple(found)

    def _in(self, folder: str) -> Iterable[Path]:
        return (self.root / "data" / folder).glob("*.yml")

    def _load(self) -> _Contents:
        lookup = {path.stem: read_yaml(path) for path in self._in("lookup")}
        try:
            agencies = {entry["id"]: _agency(entry) for entry in lookup["agencies"]["agencies"]}
            topics = {entry["id"]: Topic(entry["id"], entry["agency"], entry["title"]) for entry in _topics(lookup)}
            subjects = {entry["id"]: _subject(entry) for entry in lookup.get("subjects", {}).get("subjects", [])}
            districts = {entry["id"]: entry for entry in lookup.get("districts", {}).get("districts", [])}
        except (KeyError, TypeError) as error:
            raise KnowledgeError(f"data/lookup: {error} is missing") from error
        words, answers = lookup.get("words", {}), self._answers()
        return _Contents(agencies, topics, subjects, districts, words, answers, self._notice())

    def _notice(self) -> PrivacyNotice:
        try:
            return read_notice(read_yaml(self.root / "data" / "privacy" / "notice.yml"), LANGUAGES)
        except ValueError as error:
            raise KnowledgeError(str(error)) from error

    def _answers(self) -> dict[tuple[str, str], Answer]:
        answers = {}
        for path in sorted(self._in("responses")):
            contents = read_yaml(path) or {}
            for response, variations in (contents.get("responses") or {}).items():
                for variation in variations:
                    answer = _answer(path, response, variation)
                    answers[response, answer.language] = answer
        return answers


def read_yaml(path: Path) -> Any:
    """The contents of a YAML file. Raises KnowledgeError naming the file and the line."""
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise KnowledgeError(f"{path.parent.name}/{path.name}{line}: {getattr(error, 'problem', error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path.parent.name}/{path.name}: {error}") from error


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def fill(text: str, args: dict[str, Any]) -> str:
    """`text` with `{name}` replaced from `args`; a name that nobody gave becomes empty. Braces in values stay."""
    try:
        return text.format_map(_Blank(args))
    except (ValueError, IndexError, AttributeError):
        return text


def _topics(lookup: dict[str, Any]) -> list[dict[str, Any]]:
    return list(lookup["topics"]["topics"])


def _agency(entry: dict[str, Any]) -> Agency:
    known = {"id", "level", "prefix", "name"}
    rest = {key: value for key, value in entry.items() if key not in known}
    return Agency(entry["id"], entry["level"], entry["prefix"], entry["name"], rest)


def _subject(entry: dict[str, Any]) -> Subject:
    keywords = {language: tuple(words) for language, words in (entry.get("keywords") or {}).items()}
    return Subject(entry["id"], entry["agency"], entry["title"], keywords, tuple(entry.get("topics") or ()))


def _answer(path: Path, response: str, variation: dict[str, Any]) -> Answer:
    conditions = variation.get("condition") or []
    language = next((c["value"] for c in conditions if c.get("name") == "language"), LANGUAGES[0])
    try:
        buttons = tuple(Button(b["title"], b["payload"]) for b in variation.get("buttons") or ())
        return Answer(response, language, variation["text"].strip(), buttons, variation.get("custom") or {})
    except (KeyError, AttributeError) as error:
        raise KnowledgeError(f"responses/{path.name}: {response} ({language}) lacks {error}") from error
