"""What may be answered and by whom, read from the training data and read again when a file changes."""

import datetime as dt
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.knowledge.check import ANSWER, Speaks, addressed_to, check
from bot.knowledge.entries import Agencies, Answer, Button, Subject, Topic, agency_of, fill, subject_of, topic_of
from bot.knowledge.instead import instead
from bot.knowledge.languages import LANGUAGES as LANGUAGES
from bot.knowledge.languages import completed, in_all, known_languages, languages_of, told_languages
from bot.knowledge.notice import PrivacyNotice, read_notice
from bot.knowledge.shelves import TOWN, Shelves, joined
from bot.knowledge.slips import sentences
from bot.settings import ROOT

log = structlog.get_logger()
READ = ("responses", "lookup", "privacy")  # the folders of `data` that the counter reads


class KnowledgeError(Exception):
    """A file of the training data cannot be used; the sentence names the file and, where known, the line."""


@dataclass(frozen=True)
class _Contents:
    agencies: Agencies
    topics: dict[str, Topic]
    subjects: dict[str, Subject]
    districts: dict[str, dict[str, Any]]
    words: dict[str, Any]
    elsewhere: dict[str, dict[str, str]]
    answers: dict[tuple[str, str, str], Answer]
    notice: PrivacyNotice
    languages: tuple[str, ...]


class Knowledge:
    """The answers and look-up lists of the town's folder `root`, behind those of the library. Reading never blocks on a
    file: `reload_if_changed` does.

    What is served has passed `check` as a whole; what does not is told in `problem`, and the last good state serves.
    """

    def __init__(self, root: Path, agency: str = "", library: Path = ROOT) -> None:
        """Read for a counter that opens with `agency`. Raises KnowledgeError when the files do not pass."""
        self.root = root
        self.shelves = Shelves(root, library)
        self.clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
        self._wanted = (agency,) if agency else ()
        self._wrong: str | None = None
        self._unreadable: str | None = None
        self._reading = threading.Lock()
        self._stamp = self._files()
        self._contents = self._load()

    @property
    def problem(self) -> str | None:
        """Why the files are not what is served, with file, line and what to write; None when they are."""
        return self._unreadable or self._wrong

    @property
    def agencies(self) -> Agencies:
        """Agencies by id."""
        return self._contents.agencies

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that this town is spoken to in; the first is taken where none is known."""
        return self._contents.languages

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

    def elsewhere(self, whose: str, language: str) -> str:
        """The sentence about whose business it is; empty for an id that is not known."""
        return self._contents.elsewhere.get(whose, {}).get(language, "")

    @property
    def notice(self) -> PrivacyNotice:
        """What citizens are told about their data."""
        return self._contents.notice

    def answer(self, response: str, language: str, agency: str = "") -> Answer | None:
        """The wording of `response` in `language`, the agency's own before the common one; else in another language.

        Of a topic an answer is the agency's own, or that of one above it; never that of another town. What nobody has
        answered, or is done elsewhere or not at all, is told instead.
        """
        topic = self.topics.get(response.removeprefix(ANSWER)) if response.startswith(ANSWER) else None
        if topic and (topic.off or topic.done_at):
            return instead(self, topic, language, agency)
        written, chain = self._contents.answers, self.chain(agency)
        for wanted in dict.fromkeys((language, *self.languages, *LANGUAGES)):
            for whose in chain if topic else chain[:1]:
                if (common := written.get((response, wanted, ""))) and common.agency == whose:
                    return written.get((response, wanted, whose), common)
                if found := written.get((response, wanted, whose)):
                    return found
            if (found := written.get((response, wanted, ""))) and (not topic or self._is_for(found.agency, chain)):
                return found
        return instead(self, topic, language, agency) if topic else None

    def own_answer(self, topic: str, language: str, agency: str) -> Answer | None:
        """What this agency itself has written about a topic in just this language."""
        written, response = self._contents.answers, ANSWER + topic
        common = written.get((response, language, ""))
        whose = (common.agency or self._in_charge_of(topic)) if common else ""
        return written.get((response, language, agency), common if whose == agency else None)

    def _in_charge_of(self, topic: str) -> str:
        return self.topics[topic].agency if topic in self.topics else ""

    def concerns(self, topic: Topic, agency: str) -> bool:
        """Whether a topic is this agency's to answer: its own, or one of an agency above it."""
        charge, levels = self.in_charge(topic, agency), {one.level for one in self.agencies.values()}
        if charge not in self.chain(agency):
            return False
        return charge == topic.agency or topic.level not in levels or self.agencies[charge].level == topic.level

    def _is_for(self, whose: str, chain: tuple[str, ...]) -> bool:
        """Whether what `whose` has written may be said by the first of the chain: nobody else is of that level."""
        level = self.agencies[whose].level if whose else ""
        return not whose or not chain or [one.level for one in self.agencies.values()].count(level) == 1

    def chain(self, agency: str) -> tuple[str, ...]:
        """The agency and those above it; nothing for none."""
        found: list[str] = []
        while agency and agency not in found:
            found.append(agency)
            agency = str(self.agencies[agency].data.get("parent") or "")
        return tuple(found)

    def in_charge(self, matter: Topic | Subject, agency: str) -> str:
        """Whose business a matter is for who talks to `agency`: of those above it, or the only one of its level."""
        chain = self.chain(agency)
        if not matter.level or matter.agency in chain:
            return matter.agency
        above = next((one for one in chain if self.agencies[one].level == matter.level), "")
        return above or (matter.agency if self._is_for(matter.agency, chain) else agency)

    def text(self, response: str, language: str, **args: object) -> str:
        """The words of `response` with its placeholders filled; the response's name when nobody wrote it."""
        answer = self.answer(response, language)
        return fill(answer.text, args) if answer else response

    def today(self, agency: str) -> dt.date:
        """The day that it is where the agency is."""
        return self.clock().astimezone(self.agencies[agency].zone).date()

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
            try:
                return self._reload()
            except OSError as error:
                self._unreadable = f"data: {error.strerror or error} ({error.filename})"
                raise

    def _reload(self) -> bool:
        stamp = self._files()
        self._unreadable = None
        if stamp == self._stamp:
            return False
        before, self._stamp = self._wrong, stamp
        try:
            self._contents = self._load(self._contents.agencies)
            self._wrong = None
        except KnowledgeError as error:
            self._wrong = str(error)
            if isinstance(error.__cause__, OSError):
                self._stamp = ()  # the file may be readable in a moment, and look the same
        except OSError:
            self._stamp = ()
            raise
        except Exception as error:
            # Nothing that a file holds may end the reading of files.
            self._wrong = f"data: it cannot be used ({type(error).__name__})"
            log.exception("knowledge.unusable")
        if self._wrong and self._wrong != before:
            log.error("knowledge.broken", problem=self._wrong)
        return self._wrong is None

    def _files(self) -> tuple[tuple[str, int, int], ...]:
        found = []
        town = [self.root / TOWN] if (self.root / TOWN).is_file() else []
        for paths in (town, *([path for _, path in self.shelves.files(folder)] for folder in READ)):
            for path in paths:
                status = path.stat()
                found.append((str(path), status.st_mtime_ns, status.st_size))
        return tuple(found)

    def _load(self, served: Iterable[str] = ()) -> _Contents:
        """What the files say. Raises KnowledgeError when they do not pass; `served` agencies may not be gone."""
        files = {name: read_yaml(path) for name, path in self.shelves.files("lookup")}
        responses = {name: read_yaml(path) for name, path in self.shelves.files("responses")}
        languages, known = languages_of(self.root), known_languages(self.shelves.library)
        speaks = Speaks(told_languages(self.root), known)
        if slips := check(files, responses, self._wanted, tuple(served), speaks):
            raise KnowledgeError(sentences(self.shelves.path_of, slips))
        lists = joined(files)
        words = lists.pop("words")
        lookup = completed(lists, languages, known)
        agencies = Agencies((entry["id"], agency_of(entry)) for entry in lookup["agencies"]["agencies"])
        return _Contents(
            agencies=agencies,
            topics={entry["id"]: topic_of(entry, agencies) for entry in lookup["topics"]["topics"]},
            subjects={entry["id"]: subject_of(entry, agencies) for entry in _listed(lookup, "subjects")},
            districts={entry["id"]: entry for entry in _listed(lookup, "districts")},
            words=words,
            elsewhere={entry["id"]: entry["says"] for entry in _listed(lookup, "elsewhere")},
            answers=_answers(responses),
            notice=self._notice(languages),
            languages=languages,
        )

    def _notice(self, languages: tuple[str, ...]) -> PrivacyNotice:
        """The town's notice, or the library's. Further languages come with the library's own text alone."""
        path = self.shelves.one("privacy/notice.yml")
        ours = path == self.shelves.library / "data" / "privacy" / "notice.yml"
        more = {name: self.shelves.pack(name) / "privacy" / "notice.yml" for name in self.shelves.packs if ours}
        try:
            contents = read_yaml(path)
            added = {name: read_yaml(file)[name] for name, file in more.items() if file.is_file()}
            notice = read_notice(contents, LANGUAGES, added)
        except (ValueError, KeyError) as error:
            raise KnowledgeError(str(error)) from error
        return replace(notice, words=in_all(notice.words, languages))


def _answers(responses: dict[str, Any]) -> dict[tuple[str, str, str], Answer]:
    answers = {}
    for contents in responses.values():
        for response, variations in ((contents or {}).get("responses") or {}).items():
            for variation in variations:
                language, agency = addressed_to(variation)
                buttons = tuple(Button(b["title"], b["payload"]) for b in variation.get("buttons") or ())
                custom = variation.get("custom") or {}
                answer = Answer(response, language, variation["text"].strip(), buttons, custom)
                answers[response, language, agency] = answer
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


def _listed(lookup: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The entries of a file that an agency may do without."""
    return list((lookup.get(name) or {}).get(name) or ())
