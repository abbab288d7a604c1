"""Several matters in one conversation: one is in the form, the others wait beside it, each with the place it has."""

import json
from dataclasses import dataclass
from typing import Any

from rasa_sdk.interfaces import Tracker

MORE = "item_more"
BETWEEN = " · "  # the streets of two matters that stand in one text


@dataclass(frozen=True)
class Matter:
    """What was told of a matter, and where it is; no place when none was told."""

    text: str
    place: str = ""


def place_among(place: str, text: str) -> str:
    """Of a place that is several streets the one that stands in `text`, none when none does; else the place."""
    streets = place.split(BETWEEN)
    return next((street for street in streets if street in text), "") if len(streets) > 1 else place


def waiting(tracker: Tracker) -> list[Matter]:
    """The matters that wait beside the one in the form, the next one first."""
    return in_json(tracker.get_slot(MORE))


def in_json(value: Any) -> list[Matter]:
    """The matters that `written` has made `value` of; none when it is empty, or was cut."""
    try:
        found = json.loads(value or "[]")
    except (TypeError, ValueError):
        return []
    return [_read(entry) for entry in found] if isinstance(found, list) else []


def written(matters: list[Matter]) -> str | None:
    """What the slot `item_more` holds of them; None when there are none."""
    entries = [{"text": matter.text, "place": matter.place} if matter.place else matter.text for matter in matters]
    return json.dumps(entries, ensure_ascii=False) if entries else None


def _read(entry: Any) -> Matter:
    if isinstance(entry, dict):
        return Matter(str(entry.get("text") or ""), str(entry.get("place") or ""))
    return Matter(str(entry))
