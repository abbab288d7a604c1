"""What a message speaks of besides what it is answered: another matter, or something that is wrong.

"Somebody took my ID card, and the bus pass was in the bag": one of the two is answered. The other is offered, and what is
asked next may be about it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Sequence, Tuple

from engine.acts import BEGIN
from engine.labels import Parsed, best, shares
from engine.naming import TOPIC
from engine.several import Clause
from engine.situation import listed

# A clause speaks of a matter, or tells what is wrong; a whole message names a matter that has this much of it, by its words too.
# Chosen on the first messages of 256 conversations (docs/understanding.md).
SPEAKS, TELLS = 0.6, 0.4
HAS, NAMES = 0.1, 0.6
MOST = 2
# Characters of such a report, and bytes of all that wait (as in actions/noted.py): the state has no room for more.
LONGEST, LARGEST = 600, 2_000


@dataclass(frozen=True)
class Heard:
    """The topics, the likeliest first, and the words that tell what is wrong (empty: none do), with the street, if one is told."""

    topics: Tuple[str, ...] = ()
    report: str = ""
    place: str = ""


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
    report = _wrong(clauses)
    streets = [str(one["value"]) for one in whole.get("entities") or () if one.get("entity") == "street"]
    place = streets[0] if report and len(streets) == 1 else ""
    return Heard(tuple(topic for topic in topics if topic not in known)[:MOST], report, place)


def waiting(before: Any, heard: Heard) -> str:
    """The slot `item_more`, which held `before`, with the report that was heard in front of what waits there (actions/matters.py);
    what has no room any more goes, the last first.
    """
    there = [one for one in listed(before) if (one.get("text") if isinstance(one, dict) else one) != heard.report]
    waits = [{"text": heard.report, "place": heard.place}, *there]
    while len((told := json.dumps(waits, ensure_ascii=False)).encode()) > LARGEST and len(waits) > 1:
        waits.pop()
    return told


def _wrong(clauses: Sequence[Tuple[Clause, Parsed]]) -> str:
    words: List[str] = []
    for clause, told in clauses:
        acts: Dict[str, float] = told.get("acts") or {}
        if not clause.marked and acts.get("text", 0.0) + acts.get(BEGIN, 0.0) >= TELLS:
            words.append(clause.text)
    told = " ".join(words)
    return told if len(told) <= LONGEST else ""
