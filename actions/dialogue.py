"""What the assistant does when it is unsure, when a person is wanted, and when the language changes."""

from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.answers import last_topic
from actions.context import current, languages
from actions.words import entity_of, language_of, offered, ranking_of, text_of
from bot.knowledge.languages import about
from bot.text import plain

CANDIDATES = 3
# Below this a candidate is noise rather than a guess worth showing.
WORTH_ASKING = 0.08
OFFERABLE = ("faq/", "make_suggestion", "report_problem", "make_complaint", "check_status", "ask_human")


class Clarify(Action):
    """Asks which topic was meant; the second time in a row it offers a person."""

    def name(self) -> str:
        return "action_clarify"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Buttons with the likeliest topics, when there are any worth showing."""
        if int(tracker.get_slot("misunderstood") or 0) >= 1:
            dispatcher.utter_message(response="utter_offer_person")
            return [SlotSet("asked", "/ask_human")]
        buttons = _candidates(tracker)
        dispatcher.utter_message(response="utter_clarify" if buttons else "utter_not_found", buttons=buttons)
        return [offered(buttons[:-1])] if buttons else []


class OutOfScope(Action):
    """Says that it is none of our business, and whose it is where that is known (`data/lookup/elsewhere.yml`)."""

    def name(self) -> str:
        return "action_out_of_scope"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """One response, with a sentence about whose it is."""
        says = current().knowledge.elsewhere(entity_of(tracker, "whose"), language_of(tracker))
        dispatcher.utter_message(response="utter_out_of_scope", whose=f"{says} " if says else "")
        return []


class Handoff(Action):
    """A person is wanted. The counter opens the case when it stores the turn."""

    def name(self) -> str:
        return "action_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Names the response; the counter knows the queue and the hours and words it."""
        dispatcher.utter_message(response="utter_handed_over")
        return []


class ChangeLanguage(Action):
    """Goes on in the other language, or in the one that was named, in which the last answer is said again."""

    def name(self) -> str:
        return "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The counter reads the slot after the turn."""
        before = language_of(tracker)
        language = _wanted(text_of(tracker), before)
        dispatcher.utter_message(response="utter_language_changed")
        topic = last_topic(tracker)
        if topic and language != before and not tracker.get_slot("requested_slot"):
            dispatcher.utter_message(response=f"utter_faq/{topic}")
        return [SlotSet("language", language)]


def _candidates(tracker: Tracker) -> list[dict[str, str]]:
    knowledge, language = current().knowledge, language_of(tracker)
    buttons = []
    for entry in ranking_of(tracker):
        name = str(entry["name"])
        if entry["confidence"] < WORTH_ASKING or not name.startswith(OFFERABLE):
            continue
        title = knowledge.title_of(name, language)
        if title == name and name.startswith("faq/"):
            continue  # a topic that this model knows and the files do not have any more
        if title == name:
            title = knowledge.text(f"utter_label_{name}", language)
        buttons.append({"title": title, "payload": f"/{name}"})
    if not buttons:
        return []
    none = knowledge.text("utter_clarify_none_button", language)
    return [*buttons[:CANDIDATES], {"title": none, "payload": "/rephrase"}]


def _wanted(text: str, current_language: str) -> str:
    """The language that is named; else the next one of the town's."""
    said, spoken = plain(text), languages()
    others = [language for language in spoken if language != current_language]
    # "In English please, my Spanish is bad": the one that is not spoken already is meant.
    for language in (*others, current_language):
        if any(name in said for name in about(language)["called"]):
            return language
    place = spoken.index(current_language) if current_language in spoken else 0
    return others[place % len(others)] if others else current_language
