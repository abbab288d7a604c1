"""Words that wait: told before a report began, or for which of several reports they are."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.context import current
from actions.matters import Matter
from bot.suggestions.guess import guess_named_subject

TOLD, UNSURE = "told", "unsure"
ASKING = ("action_add_filed", "action_fix_filed")  # what asks which report is meant
CLAUSE = re.compile(r"(?<=[.!?…,;:\n])\s+")


@dataclass(frozen=True)
class Words:
    """Words for something that was filed: the intent that they had, and the place that was heard in them."""

    text: str
    intent: str
    place: str | None = None
    district: str | None = None


def earlier(tracker: Tracker) -> Matter:
    """What was told before, with its street; an empty matter when nothing was."""
    kept = _kept(tracker)
    return Matter(str(kept.get("text") or ""), str(kept.get("place") or ""))


def place_before(before: Matter, text: str, *, offered: bool = False) -> str:
    """The street that was told before, where `text` is about that; empty where it names another matter.

    One story may name several. It is another where it stands against the first, or where the first was `offered`.
    """
    named, first = subjects_in(text), subjects_in(before.text)
    another = bool(first and named - first)
    return "" if another and (offered or named & first) else before.place


def subjects_in(text: str) -> set[str]:
    """The subjects that the clauses of a text name."""
    named = (guess_named_subject(current().knowledge, clause) for clause in CLAUSE.split(text))
    return {subject.id for subject in named if subject}


def waiting_words(tracker: Tracker) -> Words | None:
    """The words that wait for one of several reports; None when none do."""
    kept = _kept(tracker)
    if not kept.get("text") or not kept.get("intent"):
        return None
    return Words(str(kept["text"]), str(kept["intent"]), kept.get("place"), kept.get("district"))


def was_asked_which(tracker: Tracker) -> bool:
    """Whether the turn before this message asked for which report the words are."""
    turns = 0
    for event in reversed(tracker.events):
        turns += event.get("event") == "user"
        if turns == 1 and event.get("event") == "action" and event.get("name") in ASKING:
            return True
    return False


def keeping(words: Words) -> str:
    """What the slot holds of words that wait; `share` keeps the engine from writing a passing remark over them."""
    return json.dumps({**asdict(words), "share": 1.0}, ensure_ascii=False)


def unsure_of(tracker: Tracker) -> str:
    """Where what may replace the text begins, and where it ends, as it was kept; empty when nothing was."""
    return unsure_in(tracker.get_slot(TOLD))


def unsure_in(value: Any) -> str:
    """The same of what the slot holds."""
    return str(_read(value).get(UNSURE) or "")


def keeping_unsure(tracker: Tracker, where: str) -> str:
    """What the slot holds so that the answer to "does it replace the text?" is known; what was told before stays."""
    return json.dumps({**_kept(tracker), UNSURE: where}, ensure_ascii=False)


def _kept(tracker: Tracker) -> dict[str, Any]:
    return _read(tracker.get_slot(TOLD))


def _read(value: Any) -> dict[str, Any]:
    try:
        kept = json.loads(value or "{}")
    except (TypeError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
