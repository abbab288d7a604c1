"""The clauses of a message that asks several things, and of a long story which of them only tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Tuple

MOST, LEAST_WORDS = 8, 2  # clauses that are read, and words of one
# Of a matter that has less in the whole, a clause before the question only tells; sooner where a mark says which one asks.
BACKGROUND, BESIDE_MARK = 0.03, 0.1
BLANKS = re.compile(r"\s+")
SENTENCE = re.compile(r"(?<=[?!.;\n…])\s+")
COMMA = re.compile(r"(?<=[?!.;:\n…,])\s+|(?<!\s)\s+(?=(?:y|e|and)\s)", re.IGNORECASE)
AND = re.compile(r",?\s+(?:y|e|and|tambien|también|also|ademas|además|aparte|plus)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """A clause, and whether its sentence has a question mark."""

    text: str
    marked: bool


def single_spaced(text: str) -> str:
    """The text without runs of spaces, in which what cuts it would look about again and again."""
    return BLANKS.sub(_one_blank, text)


def _one_blank(blanks: "re.Match[str]") -> str:
    return "\n" if "\n" in blanks.group() else " "


def clauses_of(text: str) -> List[Clause]:
    """A text cut after sentences, and where "and" joins two of them."""
    sentences = SENTENCE.split(single_spaced(text))
    cut = [(part.strip(), "?" in sentence) for sentence in sentences for part in AND.split(sentence)]
    return [Clause(part, marked) for part, marked in cut if part]


def spans(text: str) -> List[Tuple[int, int]]:
    """Where the clauses of a text, commas between them, begin and end; those past the last that is read are one."""
    found, start = [], 0
    for match in COMMA.finditer(text):
        if len(found) == MOST - 1:
            break
        if match.start() > start:
            found.append((start, match.start()))
        start = match.end()
    return [*found, (start, len(text))] if start < len(text) else found


def asking_of(text: str) -> List[Clause]:
    """The clauses of which each is read by itself; empty where there is but one."""
    clauses = [clause for clause in clauses_of(text) if len(clause.text.split()) >= LEAST_WORDS]
    return clauses[:MOST] if len(clauses) > 1 else []


def only_tells(clause: Clause, label: str, whole: Dict[str, float], clauses: List[Clause]) -> bool:
    """Whether a clause that looks like `label`, and stands before the question, is but the story that leads to it ("my aunt
    has died. When do you fetch her sofa?"). `whole` are the labels' probabilities in the whole message.
    """
    needed = BESIDE_MARK if any(one.marked for one in clauses) else BACKGROUND
    return not clause.marked and whole.get(label, 0.0) < needed
