"""The parts of an answer that can be said alone: its sentences, its steps, its facts.

The engine cuts an answer in the same way (`engine/cards.py`) and names a part by its place and a digest of its words:
one that was edited meanwhile is not found under its old name, and is not said for another.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from bot.knowledge.entries import Answer

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
FACTS = ("fee", "deadline", "hours", "documents", "where", "phone")


@dataclass(frozen=True)
class Part:
    """A sentence, a step or a fact. `key` says which: `text:0`, `step:2`, `fact:fee`."""

    key: str
    words: str

    @property
    def name(self) -> str:
        """The key with a digest of the words: `step:2:1f8a90c3`."""
        return f"{self.key}:{hashlib.blake2b(self.words.encode(), digest_size=4).hexdigest()}"

    @property
    def fact(self) -> str | None:
        """The name of the fact, `fee`; None of a sentence or a step."""
        return self.key.removeprefix("fact:") if self.key.startswith("fact:") else None


def parts_of(answer: Answer) -> list[Part]:
    """All parts, in the order in which the answer says them."""
    facts = answer.custom.get("facts") or {}
    return [
        *(Part(f"text:{place}", words) for place, words in enumerate(sentences_of(answer.text))),
        *(Part(f"step:{place}", str(step)) for place, step in enumerate(answer.custom.get("steps") or ())),
        *(Part(f"fact:{name}", in_words(facts[name])) for name in FACTS if facts.get(name)),
    ]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each with its stop."""
    return [sentence for sentence in SENTENCE_END.split(text.strip()) if sentence]


def in_words(value: Any) -> str:
    """A fact's value as it is said; a list with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
