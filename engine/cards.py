"""The answers as the reader needs them: title, parts that can be said alone, and which topics they name as related.

An answer may be edited at any time: a file that changed is read again. What is said in the end are the counter's words;
a part is named by its place and the digest of its words, so that nobody is told a part that has become another.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from rasa.shared.utils.io import read_yaml_file

logger = logging.getLogger(__name__)

Key = Tuple[str, str]  # topic and language
ANSWER = "utter_faq/"
LOOK_AGAIN = 1.0  # seconds between two looks at the files' times
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LABELS = Path("responses") / "system.yml"
LABEL = "utter_label_"
FACTS = ("fee", "deadline", "hours", "documents", "where", "phone")


@dataclass(frozen=True)
class Part:
    """A sentence, a step or a fact of an answer. `key` says which: `text:0`, `step:2`, `fact:fee`."""

    key: str
    words: str
    label: str = ""  # of a fact, as people read it: "Fee"

    @property
    def kind(self) -> str:
        """`text`, `step`, or the fact: `fact:fee`."""
        return self.key if self.key.startswith("fact:") else self.key.split(":")[0]

    @property
    def name(self) -> str:
        """The key with a digest of the words: `step:2:1f8a90c3`."""
        return f"{self.key}:{hashlib.blake2b(self.words.encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True)
class Card:
    """An answer in one language."""

    title: str
    parts: Tuple[Part, ...] = ()
    related: Tuple[str, ...] = ()

    @property
    def told(self) -> List[str]:
        """The sentences and steps behind the title; the facts are left out."""
        return [f"{self.title}. {part.words}" for part in self.parts if not part.key.startswith("fact:")]

    @property
    def titled(self) -> List[str]:
        """The parts as they are read under the title: "Passport. Fee: 30 euros"."""
        labels = [f"{part.label}: " if part.label else "" for part in self.parts]
        return [f"{self.title}. {label}{part.words}" for label, part in zip(labels, self.parts, strict=True)]


@dataclass
class Cards:
    """All answers under `folders` (`data/` of library and town), read when they are first asked for and when a file changes."""

    folders: Tuple[Path, ...]
    _stamp: Tuple[Tuple[str, int], ...] = ()
    _looked: float = float("-inf")
    _known: Dict[Key, Card] = field(default_factory=dict)
    _good: Dict[Tuple[Path, str], Dict[Any, Any]] = field(default_factory=dict)  # what was read last without a slip
    _passages: Dict[str, Tuple[Tuple[str, ...], Tuple[str, ...]]] = field(default_factory=dict)

    def get(self, topic: str, language: str) -> Optional[Card]:
        """The answer about a topic, in the language or else in any; None when there is none."""
        self._refresh()
        found = self._known.get((topic, language))
        return found or next((card for (id, _), card in self._known.items() if id == topic), None)

    def passages(self, language: str) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
        """All parts of the answers in a language, or else in any, and the topic of each.

        They are the same two objects until an answer changes.
        """
        self._refresh()
        if language not in self._passages:
            topics = sorted({topic for topic, _ in self._known})
            cards = [(topic, card) for topic in topics if (card := self.get(topic, language))]
            told = [(topic, part.words) for topic, card in cards for part in card.parts]
            self._passages[language] = tuple(topic for topic, _ in told), tuple(words for _, words in told)
        return self._passages[language]

    def title(self, topic: str, language: str) -> str:
        card = self.get(topic, language)
        return card.title if card else ""

    def _refresh(self) -> None:
        if time.monotonic() - self._looked < LOOK_AGAIN:
            return
        self._looked = time.monotonic()
        files = [path for folder in self.folders for path in sorted((folder / "responses").glob("*.yml"))]
        topics = [folder / "lookup" / "topics.yml" for folder in self.folders]
        stamp = tuple((str(path), path.stat().st_mtime_ns) for path in [*files, *topics] if path.exists())
        if stamp == self._stamp:
            return
        self._stamp = stamp  # also of files with a slip: they are read again when they change, not for every message
        titles: Dict[str, Dict[str, str]] = {}
        for path in topics:
            for topic, words in self._usable(path, "titles", read_titles).items():
                titles[topic] = {**titles.get(topic, {}), **words}
        labels: Dict[Key, str] = {}
        for folder in self.folders:
            labels.update(self._usable(folder / LABELS, "labels", read_labels))
        read = [self._usable(path, "cards", lambda path: read_cards(path, titles, labels)) for path in files]
        self._known = {key: card for cards in read for key, card in cards.items()}
        self._passages = {}

    def _usable(self, path: Path, what: str, read: Callable[[Path], Dict[Any, Any]]) -> Dict[Any, Any]:
        """What `read` makes of a file; what it made of it the last time, when there is a slip in it now."""
        try:
            self._good[path, what] = read(path)
        except OSError as error:
            self._stamp = ()  # it may be readable in a moment, and look the same
            logger.error("%s cannot be read: what it said before is kept (%s)", path, error)
        except Exception as error:  # nothing that a file holds may end a turn
            logger.error("%s%s cannot be used: what it said before is kept (%s)", path, line_of(error), kind_of(error))
        return self._good.get((path, what), {})


def line_of(error: Exception) -> str:
    """Where in its file an error is, for behind the file's name; empty where that is not known."""
    mark = getattr(getattr(error, "underlying_yaml_exception", None), "problem_mark", None)
    return f", line {mark.line + 1}," if mark else ""


def kind_of(error: Exception) -> str:
    """What is wrong with a file: the parser's words, else the kind of error."""
    return str(getattr(getattr(error, "underlying_yaml_exception", None), "problem", None) or type(error).__name__)


def read_titles(path: Path) -> Dict[str, Dict[str, str]]:
    """Topic → language → title; empty when there is no file."""
    if not path.exists():
        return {}
    return {str(topic["id"]): topic.get("title") or {} for topic in (read_yaml_file(path) or {}).get("topics", [])}


def read_labels(path: Path) -> Dict[Key, str]:
    """Fact and language → how people read it; empty when there is no file."""
    said = (read_yaml_file(path) or {}).get("responses") or {} if path.exists() else {}
    worded = [(name, variation) for name in FACTS for variation in said.get(f"{LABEL}{name}") or ()]
    return {(name, meant_for(variation, "language")): str(variation.get("text") or "") for name, variation in worded}


def read_cards(path: Path, titles: Dict[str, Dict[str, str]], labels: Dict[Key, str]) -> Dict[Key, Card]:
    """The common answers of one file by topic and language."""
    found = {}
    for name, variations in ((read_yaml_file(path) or {}).get("responses") or {}).items():
        if not name.startswith(ANSWER):
            continue
        topic = name[len(ANSWER) :]
        for variation in variations:
            if meant_for(variation, "agency"):
                continue  # the parts of its own wording are told by nobody: its citizens get the whole of it
            language = meant_for(variation, "language")
            title = titles.get(topic, {}).get(language, topic)
            names = {name: label for (name, written), label in labels.items() if written == language}
            found[topic, language] = made(title, variation, names)
    return found


def meant_for(variation: Dict[str, Any], slot: str) -> str:
    """The value of a slot under which a wording is said; empty where it is said under any."""
    conditions = variation.get("condition") or []
    return next((str(one["value"]) for one in conditions if one.get("name") == slot), "")


def made(title: str, variation: Dict[str, Any], labels: Dict[str, str]) -> Card:
    """A card from a wording of an answer; `labels` are the facts' in its language."""
    custom = variation.get("custom") or {}
    facts = custom.get("facts") or {}
    parts = [Part(f"text:{n}", words) for n, words in enumerate(sentences(str(variation.get("text") or "")))]
    parts += [Part(f"step:{n}", str(step)) for n, step in enumerate(custom.get("steps") or ())]
    parts += [Part(f"fact:{name}", in_words(facts[name]), labels.get(name, "")) for name in FACTS if facts.get(name)]
    return Card(title, tuple(parts), tuple(map(str, custom.get("related") or ())))


def sentences(text: str) -> List[str]:
    """The sentences of an answer; the counter cuts it alike (`bot/knowledge/parts.py`)."""
    return [sentence for sentence in SENTENCE_END.split(text.strip()) if sentence]


def in_words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
