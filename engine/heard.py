"""What a message speaks of besides what it is answered: another matter, or something that is wrong.

"Somebody took my ID card, and the bus pass was in the bag": one of the two is answered. The other is offered, and what is
asked next may be about it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Sequence, Tuple

from engine.acts import BEGIN
from engine.labels import Parsed, best, shares
from engine.naming import TOPIC
from engine.several import Clause

# A clause speaks of a matter, or tells what is wrong; a whole message names a matter that has this much of it, by its words too.
# Chosen on the first messages of 256 conversations (docs/understanding.md).
SPEAKS, TELLS = 0.6, 0.4
HAS, NAMES = 0.1, 0.6
MOST = 2


@dataclass(frozen=True)
class Heard:
    """The topics, the likeliest first, and the words that tell what is wrong (empty: none do)."""

    topics: Tuple[str, ...] = ()
    report: str = ""


NOTHING = Heard()


def unanswered(heard: Heard, before: Sequence[str], answered: Sequence[str]) -> str:
    """The slot `spoken`, which held `before`, after a turn that answered about `answered`; empty where it stays as it was."""
    left = [topic for topic in dict.fromkeys((*heard.topics, *before)) if topic not in answered][:MOST]
    return json.dumps(left) if left != list(before) else ""


def heard(whole: Parsed, clauses: Sequence[Tuple[Clause, Parsed]], known: FrozenSet[str]) -> Heard:
    """What `whole`, a message by itself, and its `clauses` speak of beside the topics that are `known`."""
    found: Dict[str, float] = {}
    for _, told in clauses:
        label, share = best(shares(told))
        if share >= SPEAKS:
            found[label] = max(share, found.get(label, 0.0))
    named: Dict[str, float] = whole.get("named") or {}
    for label, share in shares(whole).items():
        if share >= HAS and named.get(label, 0.0) >= NAMES:
            found.setdefault(label, share)
    topics = [label[len(TOPIC) :] for label in sorted(found, key=lambda one: -found[one]) if label.startswith(TOPIC)]
    return Heard(tuple(topic for topic in topics if topic not in known)[:MOST], _wrong(clauses))


def _wrong(clauses: Sequence[Tuple[Clause, Parsed]]) -> str:
    words: List[str] = []
    for clause, told in clauses:
        acts: Dict[str, float] = told.get("acts") or {}
        if not clause.marked and acts.get("text", 0.0) + acts.get(BEGIN, 0.0) >= TELLS:
            words.append(clause.text)
    return " ".join(words)
