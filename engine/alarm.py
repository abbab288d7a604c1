"""Judges whether a message is danger, sure or perhaps, in the moment in which it is written (design §9.5)."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from engine.naming import TOPIC
from engine.situation import Situation

# Probability from which it is sure, and perhaps, in each moment. The first message of a conversation is heard sooner than a
# turn of one, that sooner than what is told in a form or after the numbers were given ("the firemen are here").
# JOINED is of the classifier's opinion and its second one (`neighbours.py`), ALONE of the classifier's where there is no
# encoder to ask; WITH_RULE of it where a rule of the counter has heard danger too.
Limits = Dict[str, Tuple[float, float]]
JOINED: Limits = {"fresh": (0.46, 0.28), "later": (0.6, 0.4), "form": (0.6, 0.4), "after": (0.85, 0.55)}
ALONE: Limits = {"fresh": (0.4, 0.1), "later": (0.5, 0.2), "form": (0.65, 0.2), "after": (0.8, 0.5)}
WITH_RULE = {"fresh": 0.02, "later": 0.05, "form": 0.05, "after": 0.3}
# A topic that is likelier by the classifier, and has so much at least, makes what is less dangerous than that a perhaps. Chosen so
# that none of 809 dangers is lost.
LIKELIER: Limits = {"fresh": (0.58, 0.6), "later": (0.0, 0.8)}
HIDDEN = 0.8  # one sentence of several counts from here on


def danger_of(parsed: Dict[str, Any]) -> float:
    """The probability of danger: of the whole message, or of the one sentence that has most of it."""
    joined, hidden = parsed.get("joined_danger"), float(parsed.get("hidden_danger") or 0.0)
    whole = float(parsed.get("danger") or 0.0) if joined is None else float(joined)
    return max(whole, hidden if hidden >= HIDDEN else 0.0)


def danger_in(parsed: Dict[str, Any], situation: Situation) -> Tuple[bool, bool]:
    """Whether a message is danger, and whether it may be."""
    when, share = situation.moment, danger_of(parsed)
    surely, perhaps = (ALONE if parsed.get("joined_danger") is None else JOINED)[when]
    first = max(share, float(parsed.get("danger") or 0.0))
    sure = share >= max(surely, likelier(parsed, when)) or (situation.alarmed and first >= WITH_RULE[when])
    return sure, not sure and (situation.alarmed or share >= perhaps)


def likelier(parsed: Dict[str, Any], when: str) -> float:
    """From where on danger is sure although a topic is likelier; 0.0 where none is, or one opinion has to do."""
    least, needed = LIKELIER.get(when, (1.0, 0.0)) if parsed.get("joined_danger") is not None else (1.0, 0.0)
    ranking = parsed.get("intent_ranking") or []
    topic = max((float(one["confidence"]) for one in ranking if one["name"].startswith(TOPIC)), default=0.0)
    return needed if topic >= least and topic > float(parsed.get("danger") or 0.0) else 0.0
