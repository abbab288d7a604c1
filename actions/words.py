"""What actions read of a turn: the message as the engine understood it, and the slots that hold lists."""

import json
import re
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.context import current, languages
from bot.knowledge.entries import Answer, Subject
from bot.suggestions.references import Written, find_reference
from bot.text import plain

STREET = "street"


def intent_of(tracker: Tracker) -> str:
    """What the engine took the latest message for; `nlu_fallback` when it was unsure.

    The SDK's own helper reads the ranking, which does not know that the engine was unsure.
    """
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def text_of(tracker: Tracker) -> str:
    """What the citizen wrote, or the payload of the button that she pressed."""
    return str(tracker.latest_message.get("text") or "").strip()


def entity_of(tracker: Tracker, name: str) -> str:
    """The value of the first entity of that name; empty when there is none."""
    return next(iter(entities_of(tracker, name)), "")


def entities_of(tracker: Tracker, name: str) -> list[str]:
    """The values of all entities of that name, as they stand in the message."""
    entities = tracker.latest_message.get("entities") or []
    values = [str(found.get("value")) for found in entities if found.get("entity") == name]
    return [value for value in values if not _is_nameless(tracker, value)] if name == STREET else values


def _is_nameless(tracker: Tracker, street: str) -> bool:
    """Whether what was heard as a street is somebody's street with a count behind it: "this street fifty-two years"."""
    before, _, _ = plain(text_of(tracker)).partition(plain(street))
    owned = set(re.findall(r"\w+", before)[-1:]) & listed_in_all("owners")
    return bool(owned) and plain(street).split()[-1] in listed_in_all("counts")


def ranking_of(tracker: Tracker) -> list[dict[str, Any]]:
    """What else the engine could take the latest message for, the likeliest first: `name` and `confidence`."""
    return tracker.latest_message.get("intent_ranking") or []


def language_of(tracker: Tracker) -> str:
    """The conversation's language."""
    return str(tracker.get_slot("language") or "es")


def charge_of(tracker: Tracker, subject: Subject) -> str:
    """The agency that looks after a subject for somebody who talks to the conversation's agency."""
    return current().knowledge.in_charge(subject, agency_of(tracker))


def agency_of(tracker: Tracker) -> str:
    """The agency that the conversation is with; empty where none is known."""
    return str(tracker.get_slot("agency") or "")


def answer_of(tracker: Tracker, topic: str) -> Answer | None:
    """What the conversation's agency answers about a topic, in its language; None when nobody answers it."""
    return current().knowledge.answer(f"utter_faq/{topic}", language_of(tracker), agency_of(tracker))


def prefixes() -> set[str]:
    """What the agencies' references begin with."""
    return {agency.prefix for agency in current().knowledge.agencies.values()}


def reference_in(tracker: Tracker) -> Written | None:
    """The reference in what the citizen wrote; None when nothing in it looks like one."""
    return find_reference(text_of(tracker), prefixes())


def listed_in(tracker: Tracker, slot: str) -> list[Any]:
    """The list that a slot holds as JSON; empty when there is none, or when the state was cut within it."""
    try:
        found = json.loads(tracker.get_slot(slot) or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def offered(buttons: list[dict[str, str]]) -> EventType:
    """The slot that lets the next message choose one of these buttons by its place: "the second one"."""
    pairs = [[button["payload"], button["title"]] for button in buttons]
    return SlotSet("offered", json.dumps(pairs, ensure_ascii=False))


def choose(slot: str, value: str) -> str:
    """The payload of a button that fills `slot` of the form."""
    return f'/choose{{"slot": "{slot}", "value": "{value}"}}'


def listed(name: str, language: str) -> list[str]:
    """The words of a list, in one language, plain (lower case, no accents)."""
    entry = current().knowledge.words.get(name) or []
    words = entry.get(language, []) if isinstance(entry, dict) else entry
    return [plain(str(word)) for word in words]


def listed_in_all(name: str) -> set[str]:
    """The words of a list, in every language, plain."""
    return {word for language in languages() for word in listed(name, language)}


def content_words(text: str) -> list[str]:
    """The words of `text` that say something: those of "I want to make a suggestion" are all taken away."""
    generic = listed_in_all("generic_item")
    return [
        word
        for word in re.findall(r"\w+", plain(text))
        if word not in generic and (len(word) > 2 or word.isdigit() or not word.isascii())
    ]
