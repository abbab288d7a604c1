"""What a message means after the one before it: a choice among what was offered, a question about the last answer, or two
questions at once. Nothing is learned here: the words are those of `data/lookup/words.yml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Optional

from rasa.shared.utils.io import read_yaml_file

from engine.classifier import fold

WORDS = Path(__file__).resolve().parent.parent / "data" / "lookup" / "words.yml"
LONGEST = 9  # words of a question about the last answer
MOST_PARTS = 3
SPACES = re.compile(r"[^\S\n]+")
SENTENCE = re.compile(r"(?<=[?!.;\n…])\s+")
JOINED = re.compile(r",?\s+(?:y|e|and|tambien|también|also|ademas|además)\s+(?=\S)", re.IGNORECASE)


def plain(text: str) -> str:
    """Folded, with words and digits only, single spaces."""
    return " ".join(re.findall(r"\w+", fold(text)))


class Context:
    """The lists, ready to compare with. Made once per process."""

    def __init__(self, path: Path = WORDS) -> None:
        words: Dict[str, Any] = (read_yaml_file(path) or {}) if path.exists() else {}
        self.facts = {
            name: re.compile(rf"\b(?:{'|'.join(sorted(patterns, key=len, reverse=True))})\b")
            for name, patterns in (words.get("facts") or {}).items()
        }
        self.fillers = set(map(str, words.get("fact_fillers") or ()))
        self.ordinals = [{plain(str(one)) for one in names} for names in words.get("ordinals") or ()]
        self.last = {plain(one) for one in words.get("last_of_all") or ()}
        self.none = {plain(one) for one in words.get("none_of_these") or ()}
        self.starts = tuple(f"{one} " for one in words.get("question_starts") or ())
        self.reach = 2 * max(map(len, self.starts), default=0)  # characters that tell whether a question starts

    def chosen(self, text: str, offered: List[str]) -> Optional[str]:
        """The payload of `offered` that the words choose by its place; `/out_of_scope` for "none of these"."""
        said = plain(text)
        if not offered:
            return None
        if said in self.none:
            return "/out_of_scope"
        if said in self.last:
            return offered[-1]
        return next((payload for payload, names in zip(offered, self.ordinals, strict=False) if said in names), None)

    def fact(self, text: str) -> Optional[str]:
        """The fact of the last answer that is asked for, when the text asks for nothing else."""
        said = plain(text)
        if not said or len(said.split()) > LONGEST:
            return None
        for name, pattern in self.facts.items():
            rest = pattern.sub(" ", said)
            if rest != said and all(word in self.fillers for word in rest.split()):
                return name
        return None

    def questions(self, text: str) -> List[str]:
        """The questions of a text, when they are at least two; else nothing. Sentences that ask nothing are left out."""
        sentences = SENTENCE.split(SPACES.sub(" ", text.strip()))
        parts = [part for sentence in sentences for part in self._joined(sentence)]
        asked = [part for part in parts if self._asks(part) and len(part.split()) > 1 and self.fact(part) is None]
        return asked[:MOST_PARTS] if len(asked) > 1 else []

    def _joined(self, sentence: str) -> List[str]:
        """A sentence cut where "and" leads to another question."""
        cuts = [
            m
            for m in JOINED.finditer(sentence)
            if f"{fold(sentence[m.end() : m.end() + self.reach])} ".lstrip("¿").startswith(self.starts)
        ]
        edges = [0, *(m.end() for m in cuts), len(sentence)]
        ends = [*(m.start() for m in cuts), len(sentence)]
        return [sentence[begin:end].strip() for begin, end in zip(edges, ends, strict=False)]

    def _asks(self, part: str) -> bool:
        return "?" in part or "¿" in part or f"{plain(part)} ".startswith(self.starts)
