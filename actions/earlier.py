"""Words that wait: told before a report began, or for which of several reports they are."""

import json
import re

from rasa_sdk.interfaces import Tracker

from actions.context import current
from actions.matters import Matter
from bot.suggestions.guess import guess_named_subject

TOLD = "told"
CLAUSE = re.compile(r"(?<=[.!?…,;:\n])\s+")


def earlier(tracker: Tracker) -> Matter:
    """What was told before, with its street; an empty matter when nothing was."""
    try:
        kept = json.loads(tracker.get_slot(TOLD) or "{}")
    except ValueError:
        return Matter("")
    return Matter(str(kept.get("text") or ""), str(kept.get("place") or "")) if isinstance(kept, dict) else Matter("")


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


def keeping(text: str) -> str:
    """What the slot holds of words that wait."""
    return json.dumps({"text": text}, ensure_ascii=False)
