"""Words that wait: told before a report began, or for which of several reports they are."""

import json

from rasa_sdk.interfaces import Tracker

from actions.matters import Matter

TOLD = "told"


def earlier(tracker: Tracker) -> Matter:
    """What was told before, with its street; an empty matter when nothing was."""
    try:
        kept = json.loads(tracker.get_slot(TOLD) or "{}")
    except ValueError:
        return Matter("")
    return Matter(str(kept.get("text") or ""), str(kept.get("place") or "")) if isinstance(kept, dict) else Matter("")


def keeping(text: str) -> str:
    """What the slot holds of words that wait."""
    return json.dumps({"text": text}, ensure_ascii=False)
