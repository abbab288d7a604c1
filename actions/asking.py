"""The questions of the form, each in its place: what happens, where, a contact, and shall it be sent."""

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.items import NONE
from actions.left import LEFT, LEFT_EMPTY, LEFT_UNSENT, say_what_was_left
from actions.matters import MORE, Matter, in_json
from actions.unsure import ask_unsure
from actions.words import choose, entity_of, intent_of, language_of
from bot.knowledge.knowledge import Knowledge

FILLED = ("item_text", "item_place", "item_contact", "item_subject", "item_agency")
MAX_DISTRICT_BUTTONS = 6
GIVES_UP = "/cancel"


class Question(Action):
    """A question of the form; another one may stand in its place."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Ask, unless something else is asked first: shall it be given up, does that replace the text?"""
        if tracker.get_slot("asked") != GIVES_UP and not ask_unsure(dispatcher, tracker):
            await self.ask(dispatcher, tracker)
        return []

    async def ask(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Say the question."""
        raise NotImplementedError


class AskText(Question):
    """Asks what it is about, in the words of the kind."""

    def name(self) -> str:
        return "action_ask_item_text"

    async def ask(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """One response per kind."""
        await say_what_was_left(dispatcher, tracker, LEFT_EMPTY, **summary(tracker, current().knowledge))
        dispatcher.utter_message(response=f"utter_ask_item_text_{tracker.get_slot('item_kind') or 'suggestion'}")


class AskPlace(Question):
    """Asks where, with the districts as buttons."""

    def name(self) -> str:
        return "action_ask_item_place"

    async def ask(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """On Telegram the question mentions that a location can be sent."""
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


class AskContact(Question):
    """Asks how to reach the author; skipping means that the answer comes in this chat."""

    def name(self) -> str:
        return "action_ask_item_contact"

    async def ask(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """One response with its skip button; after a "yes" it says how to go on."""
        agreed = intent_of(tracker) == "form" and entity_of(tracker, "act") == "yes" and not _just_filled(tracker)
        knowledge = current().knowledge
        await say_what_was_left(dispatcher, tracker, LEFT, **summary(tracker, knowledge))
        notice = knowledge.notice.words[language_of(tracker)].contact
        response = "utter_item_write_contact" if agreed else "utter_ask_item_contact"
        dispatcher.utter_message(response=response, notice=notice)


class AskConfirm(Question):
    """The summary: send, change or cancel."""

    def name(self) -> str:
        return "action_ask_item_confirm"

    async def ask(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Everything that will be sent, with the guessed subject and agency; or, asked to change, what to change."""
        await say_what_was_left(dispatcher, tracker, LEFT_UNSENT)
        if _wants_subject(tracker):
            dispatcher.utter_message(response="utter_ask_item_subject", buttons=_subject_buttons(tracker))
        elif _wants_change(tracker):
            dispatcher.utter_message(response="utter_ask_item_change")
        else:
            dispatcher.utter_message(response="utter_ask_item_confirm", **summary(tracker, current().knowledge))


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
