"""Which topics the words of a message name: "how much off for the *car*" names the matters whose examples talk of cars.

A classifier says what a whole message looks like; one that asks about an answer looks like nothing, or like another matter.
Here single words speak: each for the topics in whose examples it stands more often than in other topics' and than in
questions about any answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from typing import Dict, FrozenSet, Mapping, Sequence

WORD = re.compile(r"[^\W_]+")
TOPIC = "faq/"
RARE = 3  # in fewer examples a word stands by chance
ASKED = 3.0  # how much a word counts against all topics that stands in questions about any answer
LEAST = 0.002  # what is added to a word's rates, so that one that is rare everywhere names little
NAMING = 0.2  # from here on a word names something by itself
Names = Dict[str, Dict[str, float]]  # word → topic's label → how much it names it, from 0 to 1


def words_of(text: str) -> FrozenSet[str]:
    """The words of a text without accents and capitals, each once."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return frozenset(WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


def names_of(texts: Sequence[str], labels: Sequence[str], asking: FrozenSet[str]) -> Names:
    """Word → topic → its share of the word's rates. `asking` are the labels of questions about any answer."""
    examples, holding = Counter(labels), _holding(texts, labels)
    about_any = sum(examples[label] for label in asking) or 1
    return {
        word: _shares(counts, examples, sum(counts[label] for label in asking) / about_any)
        for word, counts in holding.items()
        if sum(counts.values()) >= RARE and any(label.startswith(TOPIC) for label in counts)
    }


def named(text: str, names: Names) -> Dict[str, float]:
    """Topic's label → how much the words of a text name it: the sum over its words."""
    found: Dict[str, float] = {}
    for word in words_of(text):
        for label, share in names.get(word, {}).items():
            found[label] = found.get(label, 0.0) + share
    return found


def naming(text: str, names: Names) -> Names:
    """The words of a text that name something, each with what it names and how much."""
    found = {word: names.get(word, {}) for word in words_of(text)}
    told = {word: {label: share for label, share in some.items() if share >= NAMING} for word, some in found.items()}
    return {word: some for word, some in told.items() if some}


def without(text: str, label: str, naming: Mapping[str, Mapping[str, float]]) -> str:
    """A text without the words that name a topic: what it does, whatever it is about."""
    return " ".join(word for word in text.split() if not any(label in naming.get(one, {}) for one in words_of(word)))


def _holding(texts: Sequence[str], labels: Sequence[str]) -> Mapping[str, "Counter[str]"]:
    """Word → label → in how many of its examples the word stands."""
    holding: Dict[str, Counter[str]] = defaultdict(Counter)
    for text, label in zip(texts, labels, strict=True):
        for word in words_of(text):
            holding[word][label] += 1
    return holding


def _shares(counts: "Counter[str]", examples: "Counter[str]", about_any: float) -> Dict[str, float]:
    rates = {label: count / examples[label] for label, count in counts.items() if label.startswith(TOPIC)}
    total = sum(rates.values()) + ASKED * about_any + LEAST
    return {label: round(rate / total, 4) for label, rate in rates.items()}
