"""The form of suggestions, reports and complaints: begin, ask, summarise. It is filed in `filing.py`."""

import re
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.beside import answered
from actions.clauses import joined, parted
from actions.contact import find_contact
from actions.context import current
from actions.earlier import earlier, place_before
from actions.left import LEFT, LEFT_EMPTY, LEFT_UNSENT, say_what_was_left
from actions.matters import BETWEEN, MORE, Matter, in_json, waiting, written
from actions.pieces import matters_of
from actions.rewording import joined_text
from actions.unsure import ask_unsure
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
from bot.knowledge.knowledge import LANGUAGES, Knowledge
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
FILLED = ("item_text", "item_place", "item_contact", "item_subject", "item_agency")
ENOUGH_WORDS = 3
NAMED_WORDS = 2
ANNOUNCES = 2  # words that announce a report without telling it
NONE = "none"
GIVES_UP = "/cancel"
EARLIER = "earlier"  # the button for what was told before
MAX_DISTRICT_BUTTONS = 6


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
        for lang in LANGUAGES
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


class AskText(Action):
    """Asks what it is about, in the words of the kind."""

    def name(self) -> str:
        return "action_ask_item_text"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """One response per kind."""
        if _asks_other(dispatcher, tracker):
            return []
        await say_what_was_left(dispatcher, tracker, LEFT_EMPTY, **summary(tracker, current().knowledge))
        dispatcher.utter_message(response=f"utter_ask_item_text_{tracker.get_slot('item_kind') or 'suggestion'}")
        return []


class AskPlace(Action):
    """Asks where, with the districts as buttons."""

    def name(self) -> str:
        return "action_ask_item_place"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """On Telegram the question mentions that a location can be sent."""
        if _asks_other(dispatcher, tracker):
            return []
        knowledge, language = current().knowledge, language_of(tracker)
        await say_what_was_left(dispatcher, tracker, LEFT, **summary(tracker, knowledge))
        buttons = [
            {"title": entry["name"].get(language, id), "payload": choose("item_district", id)}
            for id, entry in list(knowledge.districts.items())[:MAX_DISTRICT_BUTTONS]
        ]
        response = "utter_ask_item_place_telegram" if tracker.get_slot("has_location") else "utter_ask_item_place"
        own = knowledge.answer(response, language)
        buttons += [{"title": b.title, "payload": b.payload} for b in (own.buttons if own else ())]
        dispatcher.utter_message(response=response, buttons=buttons)
        return []


class AskContact(Action):
    """Asks how to reach the author; skipping means that the answer comes in this chat."""

    def name(self) -> str:
        return "action_ask_item_contact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """One response with its skip button; after a "yes" it says how to go on."""
        if _asks_other(dispatcher, tracker):
            return []
        agreed = intent_of(tracker) == "form" and entity_of(tracker, "act") == "yes" and not _just_filled(tracker)
        knowledge = current().knowledge
        await say_what_was_left(dispatcher, tracker, LEFT, **summary(tracker, knowledge))
        notice = knowledge.notice.words[language_of(tracker)].contact
        response = "utter_item_write_contact" if agreed else "utter_ask_item_contact"
        dispatcher.utter_message(response=response, notice=notice)
        return []


class AskConfirm(Action):
    """The summary: send, change or cancel."""

    def name(self) -> str:
        return "action_ask_item_confirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Everything that will be sent, with the guessed subject and agency; or, asked to change, what to change."""
        if _asks_other(dispatcher, tracker):
            return []
        await say_what_was_left(dispatcher, tracker, LEFT_UNSENT)
        if _wants_subject(tracker):
            dispatcher.utter_message(response="utter_ask_item_subject", buttons=_subject_buttons(tracker))
            return []
        if _wants_change(tracker):
            dispatcher.utter_message(response="utter_ask_item_change")
            return []
        dispatcher.utter_message(response="utter_ask_item_confirm", **summary(tracker, current().knowledge))
        return []


def _asks_other(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Whether another question stands in the place of the form's: shall it be given up, does that replace the text?"""
    return tracker.get_slot("asked") == GIVES_UP or ask_unsure(dispatcher, tracker)


def _wants_subject(tracker: Tracker) -> bool:
    """Whether the latest message asked for another subject without naming one."""
    unnamed = entity_of(tracker, "act") == "fix_kind" and not _just_filled(tracker)
    return unnamed or _chosen_of(tracker) == ("change", "item_subject")


def _wants_change(tracker: Tracker) -> bool:
    """Whether the latest message asked to change something, without saying what."""
    if _just_filled(tracker):
        return False
    return entity_of(tracker, "act") in ("change", "no") or _chosen_of(tracker) == ("item_confirm", "change")


def _chosen_of(tracker: Tracker) -> tuple[str, str]:
    """The slot and value of the button that the latest message pressed; empty where it pressed none."""
    return entity_of(tracker, "slot"), entity_of(tracker, "value")


def _just_filled(tracker: Tracker) -> bool:
    """Whether the latest message gave the form something: then its "no" answered that question, not the summary."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "slot" and event.get("name") in FILLED:
            return event.get("value") is not None
    return False


def _subject_buttons(tracker: Tracker) -> list[dict[str, str]]:
    language = language_of(tracker)
    subjects = current().knowledge.subjects.values()
    return [{"title": s.title.get(language, s.id), "payload": choose("item_subject", s.id)} for s in subjects]


def summary(tracker: Tracker, knowledge: Knowledge, filled: dict[str, Any] | None = None) -> dict[str, Any]:
    """The summary's arguments, worded in the citizen's language; `filled` are slots that are about to be set."""
    noted = {**tracker.slots, **(filled or {})}
    language = str(noted.get("language") or "es")
    subject = knowledge.subjects.get(str(noted.get("item_subject")))
    agency = knowledge.agencies.get(str(noted.get("item_agency")))
    place, contact = noted.get("item_place"), noted.get("item_contact")
    return {
        "kind": knowledge.text(f"utter_item_kind_{noted.get('item_kind') or 'suggestion'}", language),
        "matter": str(noted.get("item_text") or ""),
        "others": " · ".join(_worded(matter, knowledge, language) for matter in in_json(noted.get(MORE))),
        "place": knowledge.text("utter_item_no_place", language) if place in (None, NONE) else str(place),
        "contact": knowledge.text("utter_item_no_contact", language) if contact in (None, NONE) else str(contact),
        "subject": subject.title.get(language, subject.id) if subject else "",
        "agency": agency.name.get(language, agency.id) if agency else "",
    }


def _worded(matter: Matter, knowledge: Knowledge, language: str) -> str:
    place = matter.place or knowledge.text("utter_item_no_place", language)
    return knowledge.text("utter_item_other", language, matter=matter.text, place=place)


class ShareLocation(Action):
    """A location sent outside a report."""

    def name(self) -> str:
        return "action_share_location"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Offer to report something there."""
        dispatcher.utter_message(response="utter_location_alone")
        return []
