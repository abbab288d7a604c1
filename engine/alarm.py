"""Judges whether a message is danger, sure or perhaps, in the moment in which it is written (design §9.5)."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from engine.situation import Situation

# Probability from which it is sure, and perhaps; the first message of a conversation is heard sooner
# than a turn of one, that sooner than what is told in a form or after the numbers were given ("the firemen are here"), and
# all where a rule of the counter has heard it too. One sentence of several counts from HIDDEN on.
SURE_DANGER = {"fresh": (0.4, 0.02), "later": (0.5, 0.05), "form": (0.65, 0.05), "after": (0.8, 0.3)}
PERHAPS = {"fresh": 0.1, "later": 0.2, "form": 0.2, "after": 0.5}
HIDDEN = 0.8


def danger_of(parsed: Dict[str, Any]) -> float:
    """The probability of danger: of the whole message, or of the one sentence that has most of it."""
    hidden = float(parsed.get("hidden_danger") or 0.0)
    return max(float(parsed.get("danger") or 0.0), hidden if hidden >= HIDDEN else 0.0)


def danger_in(parsed: Dict[str, Any], situation: Situation) -> Tuple[bool, bool]:
    """Whether a message is danger, and whether it may be."""
    when, share = situation.moment, danger_of(parsed)
    alone, alarmed = SURE_DANGER[when]
    sure = share >= alone or (situation.alarmed and share >= alarmed)
    return sure, not sure and (situation.alarmed or share >= PERHAPS[when])
