"""What each clause of a message for the form does: part of it may tell, part of it may be said to the clerk.

The reader (`reading.py`) says what the whole message is. The form wants to know more: "in the square, I told you already.
And who reads this?" is a place, but not all of it is. Only places and acts travel, no words.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Dict, Tuple

from engine.beginning import BEGINS
from engine.labels import Parsed, best, labelled, pointed
from engine.reading import Reading, Understands
from engine.several import spans
from engine.situation import SAY, Situation

CLAUSES = "clauses"
FORM, STATUS, TWO, AGAIN = "form", "status", "two", "again_filed"
# Acts by which the form is told something; a question about a matter may be one in the author's words.
TELLS = frozenset(
    {
        "text",
        "place",
        "contact",
        "add",
        "fix_text",
        "fix_place",
        "fix_contact",
        "fix_kind",
        "leave_out",
        "topic",
        TWO,
        SAY,
    }
)


async def told(reading: Reading, own: Parsed, situation: Situation, understand: Understands) -> Reading:
    """`reading`, with what each clause of a message for the form does. `own` is the message by itself."""
    first = reading.parsed[0]
    name = first["intent"]["name"]
    text = own["text"]
    found = spans(text)
    asks_whether = name == "faq" and len(found) == 1
    if len(reading.parsed) > 1 or not (name in BEGINS or (situation.slot and (name == FORM or asks_whether))):
        return reading
    inside = situation if situation.slot else replace(situation, slot="item_text")
    parts = [own] if len(found) == 1 else [await understand(text[start:end]) for start, end in found]
    read = [(*span, *answering(judged(part, inside), situation)) for span, part in zip(found, parts, strict=True)]
    if asks_whether:
        if read[0][2] != STATUS:
            return reading
        first = labelled(own, FORM, read[0][3], {"act": STATUS})
    value = json.dumps([[start, end, act, round(share, 2), round(tells, 2)] for start, end, act, share, tells in read])
    entity = {"entity": CLAUSES, "value": value, "start": 0, "end": 0}
    return replace(reading, parsed=[{**first, "entities": [*first["entities"], entity]}])


def judged(parsed: Parsed, situation: Situation) -> Tuple[str, float, float]:
    """The act of a clause in the form, how likely it is, and how likely it tells the form something.

    Inside a form it may also be asked whether it was sent; "another report" is another matter, and none that was filed.
    """
    shares = judged_acts(parsed, situation)
    if not shares:
        return "", 0.0, 1.0
    act, share = best(shares)
    return act, share, sum(share for act, share in shares.items() if act in TELLS)


def answering(judgement: Tuple[str, float, float], situation: Situation) -> Tuple[str, float, float]:
    """The same, where a no is an answer to "are you in danger?" and none to the form's question."""
    act, share, tells = judgement
    return ("safe" if situation.wary and act == "no" else act), share, tells


def judged_acts(parsed: Parsed, situation: Situation) -> Dict[str, float]:
    """Act → how likely a clause does it in the form; empty where it does nothing that is known."""
    acts: Dict[str, float] = pointed(parsed)
    acts = {**acts, TWO: acts.get(TWO, 0.0) + acts.get(AGAIN, 0.0)}
    weighed = situation.weighed(acts)
    if not weighed:
        return {}
    possible = sum(acts.get(act, 0.0) for act in situation.possible())
    asked = acts.get(STATUS, 0.0) / (acts.get(STATUS, 0.0) + possible)
    return {**{act: share * (1 - asked) for act, share in weighed.items()}, STATUS: asked}
