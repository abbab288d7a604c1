"""Reads a citizen's words inside the form: an answer to what was asked, a correction, a button, or none of these."""

import re
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.items import NONE, place_slots, subject_slots
from actions.words import content_words, correction, intent_of, is_one_of, is_question
from bot.assistant.guards import plain
from bot.suggestions.guess import guess_district

Slots = dict[str, Any]
# Under this the message is rather an answer to the form. Danger is heard at any confidence.
SURE = 0.25
AT_ANY_CONFIDENCE = ("crisis",)
# Giving up loses what was typed: the words for it, or a message that is surely that.
SURE_TO_CANCEL = 0.5
# What the form's own lists hear is meant for the form, whatever else it looks like.
OWN_WORDS = ("send", "skip", "change")
# Not a slot: says that something given before has been replaced, so that the citizen is told.
CORRECTED = "corrected"
ASIDE = ("ask_human", "crisis", "check_status", "change_language", "my_data", "bot_challenge", "capabilities")
CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}|(?:\+?\d[\s.-]?){9,15}", re.IGNORECASE)
MAX_PLACE = 200
NO = "no "  # begins a refusal in both languages: "no quiero dejar contacto", "no contact please"
# A place in words replaces a location that was sent before.
NO_POINT: dict[str, Any] = {"item_lat": None, "item_lon": None}


class ValidateItemForm(Action):
    """Fills the form's slots. When it fills none, the form steps aside and the question is answered first."""

    def name(self) -> str:
        return "validate_item_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The slots that this message fills, as events; none when it is not meant for the form."""
        filled = read(tracker)
        if filled.pop(CORRECTED, False):
            dispatcher.utter_message(response="utter_item_corrected")
        return [SlotSet(name, value) for name, value in filled.items()]


def read(tracker: Tracker) -> Slots:
    """What the latest message fills: name → value."""
    message = tracker.latest_message
    text = (message.get("text") or "").strip()
    asked = tracker.get_slot("requested_slot")
    intent = intent_of(tracker)
    if intent == "choose":
        return _chosen(message, tracker)
    if intent == "share_location":
        return _location(message)
    if asked == "item_contact" and intent not in AT_ANY_CONFIDENCE and (found := CONTACT.search(text)):
        return {"item_contact": found.group().strip()}
    if text.startswith("/") or not asked or _is_aside(message, intent, asked, text):
        return {}
    corrected = correction(text) if asked != "item_text" else None
    if corrected and (filled := _corrected(tracker, corrected, asked)):
        return {**filled, CORRECTED: True}
    return _answer(tracker, asked, text, intent)


def _is_aside(message: Any, intent: str, asked: str, text: str) -> bool:
    """Whether the message is a question or a request of its own rather than an answer to the form."""
    confidence = float((message.get("intent") or {}).get("confidence") or 0)
    if _is_own(text) or (_refuses_contact(asked, text) and intent not in AT_ANY_CONFIDENCE):
        return False
    if intent == "cancel":
        return confidence >= SURE_TO_CANCEL or is_one_of(text, "cancel")
    if intent in ASIDE:
        return intent in AT_ANY_CONFIDENCE or confidence >= SURE
    if intent in ("faq", "ask_fact", "nlu_fallback"):
        return is_question(text)
    return False


def _refuses_contact(asked: str, text: str) -> bool:
    """Whether it says no to leaving a contact, and not to the whole."""
    no = plain(text).startswith(NO) and not is_question(text) and not is_one_of(text, "cancel")
    return no and asked == "item_contact"


def _is_own(text: str) -> bool:
    return any(is_one_of(text, words) for words in OWN_WORDS)


def _answer(tracker: Tracker, asked: str, text: str, intent: str) -> Slots:
    if _refuses_contact(asked, text):
        return {"item_contact": NONE}
    if intent in ("affirm", "cancel") and asked != "item_confirm" and not _is_own(text):
        return _nothing_new(tracker)
    if asked == "item_text":
        return _text(tracker, text, intent)
    if asked == "item_place":
        return _place(tracker, text, intent)
    if asked == "item_contact":
        return _contact(tracker, text, intent)
    return _confirm(tracker, text, intent)


def _text(tracker: Tracker, text: str, intent: str) -> Slots:
    if intent in ("deny", "thank", "greet") or not content_words(text):
        return {}
    return {"item_text": text, **_events(subject_slots(text, tracker)), **_place_if_new(tracker)}


def _place(tracker: Tracker, text: str, intent: str) -> Slots:
    if intent == "deny" or is_one_of(text, "skip"):
        return {"item_place": NONE}
    heard = _events(place_slots(tracker))
    return {**NO_POINT, **heard, "item_place": heard.get("item_place") or text[:MAX_PLACE]}


def _contact(tracker: Tracker, text: str, intent: str) -> Slots:
    if intent == "deny" or is_one_of(text, "skip") or is_one_of(text, "send"):
        return {"item_contact": NONE}
    heard = _events(place_slots(tracker))
    return {**NO_POINT, **heard, CORRECTED: True} if heard and intent in ("faq", "nlu_fallback", "out_of_scope") else {}


def _confirm(tracker: Tracker, text: str, intent: str) -> Slots:
    if intent == "affirm" or is_one_of(text, "send") or is_one_of(text, "agreed"):
        return {"item_confirm": "send"}
    if is_one_of(text, "change") or intent == "deny":
        return {"item_confirm": None}
    heard = _events(place_slots(tracker))
    if heard:
        return {**NO_POINT, **heard, CORRECTED: True}
    return _nothing_new(tracker) if intent == "cancel" else {}


def _nothing_new(tracker: Tracker) -> Slots:
    """For a message that is meant for the form and gives it nothing: it asks again, and says nothing else."""
    return {"item_kind": tracker.get_slot("item_kind")}


def _corrected(tracker: Tracker, words: str, asked: str) -> Slots:
    """A correction in free words: a place corrects the place, a contact the contact, other words the text."""
    if found := CONTACT.search(words):
        return {"item_contact": found.group().strip()}
    if heard := _events(place_slots(tracker)):
        if "item_district" not in heard:
            heard["item_district"] = guess_district(current().knowledge, words)
        return {**NO_POINT, **heard}
    if asked == "item_confirm" and len(content_words(words)) > 1:
        return {"item_text": words, **_events(subject_slots(words, tracker))}
    return {}


def _chosen(message: Any, tracker: Tracker) -> Slots:
    """A button of the form: a district, a skip, or what to do with the summary."""
    entities = {e.get("entity"): e.get("value") for e in message.get("entities") or []}
    slot, value = str(entities.get("slot") or ""), str(entities.get("value") or "")
    if slot == "item_district" and value in current().knowledge.districts:
        language = str(tracker.get_slot("language") or "es")
        name = current().knowledge.districts[value]["name"]
        return {**NO_POINT, "item_district": value, "item_place": name.get(language, value)}
    if slot == "item_subject" and value in current().knowledge.subjects:
        subject = current().knowledge.subjects[value]
        return {"item_subject": value, "item_agency": subject.agency}
    if slot == "change" and value in ("item_text", "item_place", "item_contact"):
        return {value: None, "item_confirm": None}
    if slot == "change":
        return {"item_confirm": None}
    if slot == "item_confirm" and value in ("send", "cancel", "change"):
        return {"item_confirm": None if value == "change" else value}
    if slot in ("item_place", "item_contact") and value == NONE:
        return {slot: NONE}
    return {}


def _location(message: Any) -> Slots:
    entities = {e.get("entity"): e.get("value") for e in message.get("entities") or []}
    try:
        latitude, longitude = float(entities["lat"]), float(entities["lon"])
    except (KeyError, TypeError, ValueError):
        return {}
    return {"item_lat": latitude, "item_lon": longitude, "item_place": f"{latitude:.5f}, {longitude:.5f}"}


def _place_if_new(tracker: Tracker) -> Slots:
    return {} if tracker.get_slot("item_place") else _events(place_slots(tracker))


def _events(events: list[EventType]) -> Slots:
    return {event["name"]: event["value"] for event in events}
