"""Agreeing in other words: "take it away" after "shall I withdraw it?", "send" after "your report is kept".

A yes or an ok is heard by the reader. Here a message counts that says again what was asked, or sends a report that was laid aside
while a person is waited for. What says no anywhere agrees to nothing: it is read as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Dict, List, Optional

from engine.acts import DANGER
from engine.closed import begins_with
from engine.gate import FALLBACK
from engine.labels import Parsed, labelled, pointed
from engine.reading import Presses, Reading
from engine.situation import Situation
from engine.state import State

TAKE_BACK = "/withdraw"
TAKES_BACK = ("withdraw", "cancel")
NO = re.compile(r"\b(?:no|nono|not|non|don.?t|do not|nunca|never|tampoco|ni)\b", re.IGNORECASE)
# What was told beside a report, and is offered when that is sent.
OTHER, LEAVES = '"item_more"', '/draft{"value": "other"}'
DENIES = ("deny", "affirm", "ack", FALLBACK)
CHANGING, HOW = ("add_filed", "fix_filed"), ("status", "number")
DRAFT = "/draft"
SENDS, SHOWS = '{"value": "send"}', '{"value": "show"}'
SEND, SURE = "send", 0.5


def agreed(reading: Reading, own: Parsed, situation: Situation, state: State, press: Presses) -> Reading:
    """`reading`, or what was asked, or laid aside, where the message agrees to it in its own words."""
    if _intent(reading.parsed) == DANGER:
        return reading
    reading = _about_filed(reading, own, situation)
    if OTHER in situation.asked and (left := press(LEAVES)) and begins_with("refuses", own["text"]):
        rest = [] if _intent(reading.parsed) in (*DENIES, *TAKES_BACK) else reading.parsed
        return replace(reading, parsed=[left, *rest])
    payload = _asked(reading, own, situation) or _laid_aside(reading, own, situation, state)
    pressed = press(payload) if payload else None
    return replace(reading, parsed=[pressed]) if pressed else reading


def _about_filed(reading: Reading, own: Parsed, situation: Situation) -> Reading:
    """`reading`; what was not understood after filing is about what was filed, where that is likelier than all else."""
    if situation.slot or not situation.filed or len(reading.parsed) != 1 or _intent(reading.parsed) != FALLBACK:
        return reading
    acts = situation.weighed(pointed(own))
    for names, label in ((CHANGING, max(CHANGING, key=lambda act: acts.get(act, 0.0))), (HOW, "check_status")):
        share = sum(acts.get(act, 0.0) for act in names)
        if share >= SURE:
            return replace(reading, parsed=[labelled(own, label, share)])
    return reading


def _asked(reading: Reading, own: Parsed, situation: Situation) -> str:
    """The withdrawal that was asked about, when it is said again; a message that names a reference means that one."""
    if len(reading.parsed) > 1 or _has(own, "reference"):
        return ""
    if OTHER in situation.asked:
        return situation.asked if begins_with("agrees", own["text"]) and "?" not in own["text"] else ""
    again = situation.asked.startswith(TAKE_BACK) and _intent(reading.parsed) in TAKES_BACK
    return situation.asked if again and not NO.search(own["text"]) else ""


def _laid_aside(reading: Reading, own: Parsed, situation: Situation, state: State) -> str:
    """The payload for a report that was begun and laid aside, when the message is about it; empty when it is not."""
    slots: Dict[str, Any] = state["slots"]
    if situation.slot or not situation.people or not slots.get("item_text") or not slots.get("item_kind"):
        return ""
    acts = own.get("acts") or {}
    likely = max(acts, key=lambda act: acts[act], default="")
    if likely == SEND and acts[SEND] >= SURE and not NO.search(own["text"]):
        return DRAFT + SENDS
    unclear = _intent(reading.parsed) in (FALLBACK, "affirm", "report_problem", "make_complaint", "make_suggestion")
    return DRAFT + SHOWS if unclear and likely in ("yes", "readback", "begin", SEND, "status") else ""


def _intent(parsed: List[Parsed]) -> Optional[str]:
    return parsed[0]["intent"]["name"] if parsed else None


def _has(parsed: Parsed, entity: str) -> bool:
    return any(found.get("entity") == entity for found in parsed.get("entities") or [])
