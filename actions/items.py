"""The form of suggestions, reports and complaints: begin, ask, summarise. It is filed in `filing.py`."""

import re
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.beside import answered
from actions.clauses import joined, parted
from actions.contact import find_contact
from actions.context import current, languages
from actions.earlier import earlier, place_before
from actions.matters import BETWEEN, MORE, Matter, waiting, written
from actions.pieces import matters_of
from actions.rewording import joined_text
from actions.words import (
    charge_of,
    choose,
    content_words,
    entities_of,
    entity_of,
    intent_of,
    language_of,
    listed_in_all,
    ranking_of,
    text_of,
)
from bot.suggestions.guess import guess_district, guess_named_subject, guess_subject
from bot.text import plain

KINDS = {"make_suggestion": "suggestion", "report_problem": "report", "make_complaint": "complaint"}
KIND_INTENTS = {kind: intent for intent, kind in KINDS.items()}
SLOTS = (
    "item_text",
    "item_place",
    "item_district",
    "item_lat",
    "item_lon",
    "item_contact",
    "item_subject",
    "item_agency",
    "item_confirm",
)
ENOUGH_WORDS = 3
NAMED_WORDS = 2
ANNOUNCES = 2  # words that announce a report without telling it
NONE = "none"
EARLIER = "earlier"  # the button for what was told before


class BeginItem(Action):
    """Starts the form, with what the message already said."""

    def name(self) -> str:
        return "action_begin_item"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Set the kind from the intent; a message that already tells the matter fills text, place and subject."""
        kind, text = KINDS.get(intent_of(tracker), "suggestion"), _told(tracker)
        events: list[EventType] = [SlotSet(slot, None) for slot in SLOTS]
        events.append(SlotSet("item_kind", kind))
        if entity_of(tracker, "slot") == MORE and (more := waiting(tracker)):
            events += [SlotSet(MORE, written(more[1:])), SlotSet("item_place", more[0].place or None)]
            told = _with_more(more[0].text, text_of(tracker))
            return [*events, SlotSet("item_text", told), *subject_slots(told, tracker)]
        events.append(SlotSet(MORE, None))  # it was offered, and this is another
        before = earlier(tracker)
        if text.startswith("/") or not _tells(text):
            return [*events, *offer_earlier(dispatcher, before), *_placed(before.place)]
        if len(matters := matters_of(text)) > 1:
            dispatcher.utter_message(response="utter_item_two_things", first=matters[0], second=matters[1])
        events.append(SlotSet("item_text", text))
        events += subject_slots(text, tracker)
        events += place_slots(tracker) or _placed(place_before(before, text))
        events += _placed(streets_of(tracker, text))
        if contact := find_contact(text):
            events.append(SlotSet("item_contact", contact))
        asked, answers = answered(tracker, {}, "text")
        for response in answers:
            dispatcher.utter_message(response=response)
        return [*events, *(SlotSet(name, value) for name, value in asked.items())]


def _with_more(text: str, said: str) -> str:
    """The matter that was offered, with what was told behind the yes to it ("yes please, it runs down the street")."""
    words = re.findall(r"\w+|\W+", said)
    agrees = {word for name in ("agrees", "thanks") for phrase in listed_in_all(name) for word in phrase.split()}
    while words and (plain(words[0]) in agrees or not words[0].isalnum()):
        words.pop(0)
    rest = "".join(words).strip()
    more = not said.startswith("/") and len(content_words(rest)) >= NAMED_WORDS
    return joined_text(text, rest) if more else text


def _tells(text: str) -> bool:
    """Whether a message tells the matter itself: by some words, or by a word of its subject and one more."""
    words = len(content_words(text))
    return words >= ENOUGH_WORDS or (
        words >= NAMED_WORDS and guess_named_subject(current().knowledge, text) is not None
    )


def _told(tracker: Tracker) -> str:
    """What the message tells; all of it, where that is little."""
    told = _unannounced(joined(text_of(tracker), parted(tracker, "text")[0]))
    return told if _tells(told) else text_of(tracker)


def _unannounced(told: str) -> str:
    """What is told behind "I should like to leave it as a suggestion now:"."""
    lead, colon, rest = told.partition(": ")
    kinds = {
        plain(current().knowledge.text(f"utter_item_kind_{kind}", lang))
        for kind in KINDS.values()
        for lang in languages()
    }
    announces = kinds & set(re.findall(r"\w+", plain(lead))) and len(content_words(lead)) <= ANNOUNCES
    return rest.strip() if colon and announces else told


def offer_earlier(dispatcher: CollectingDispatcher, before: Matter) -> list[EventType]:
    """Asks whether what was told before is what it is about; a yes fills it in."""
    if not before.text:
        return []
    dispatcher.utter_message(response="utter_item_earlier", matter=before.text)
    return [SlotSet("asked", choose("item_text", EARLIER))]


def _placed(street: str) -> list[EventType]:
    """The street that was told before; the summary shows it."""
    return [SlotSet("item_place", street)] if street else []


def subject_slots(text: str, tracker: Tracker) -> list[EventType]:
    """The guessed subject and its agency, for the author to confirm."""
    subject = guess_subject(current().knowledge, text, ranking_of(tracker))
    agency = entity_of(tracker, "agency") or (
        charge_of(tracker, subject) if subject else str(tracker.get_slot("agency"))
    )
    return [SlotSet("item_subject", subject.id if subject else "other"), SlotSet("item_agency", agency)]


def place_slots(tracker: Tracker) -> list[EventType]:
    """Street and district that the engine heard in the latest message."""
    street, district = entity_of(tracker, "street"), guess_district(current().knowledge, text_of(tracker))
    events: list[EventType] = []
    if district:
        events.append(SlotSet("item_district", district))
    if street or district:
        name = current().knowledge.districts[district]["name"] if district else {}
        language = language_of(tracker)
        events.append(SlotSet("item_place", street or name.get(language, district)))
    return events


def streets_of(tracker: Tracker, text: str) -> str:
    """The streets of the matters of `text`, where several are told and each has its own; else empty."""
    heard = entities_of(tracker, "street")
    firsts = [next((street for street in heard if street in matter), "") for matter in matters_of(text)]
    found = list(dict.fromkeys(street for street in firsts if street))
    return BETWEEN.join(found) if len(found) > 1 else ""


class ShareLocation(Action):
    """A location sent outside a report."""

    def name(self) -> str:
        return "action_share_location"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Offer to report something there."""
        dispatcher.utter_message(response="utter_location_alone")
        return []
