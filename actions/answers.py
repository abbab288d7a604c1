"""Parts of answers: what was asked of the last one, and the last one once more in short."""

import json
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.words import answer_of, entity_of, language_of, listed_in, offered
from bot.knowledge.knowledge import Answer, Knowledge
from bot.knowledge.parts import Part, parts_of
from bot.knowledge.periods import line_about, names_period
from bot.knowledge.render import as_day, related

TOLD = "parts_told"  # the slot that names the parts which were told last
ANSWERED = "utter_faq"  # the action that gives a whole answer
NEAR = 2  # topics that are offered when an answer was not what she meant
PATIENCE = 2  # what was offered and refused counts as one
Buttons = list[dict[str, str]]
IN_SHORT = ("text:0", "step:0", "fact:fee", "fact:where", "fact:phone")


class TellPart(Action):
    """Answers a question about an answer with the parts of it that say it."""

    def name(self) -> str:
        return "action_tell_part"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The parts, the one that was asked for first; the whole answer when it was edited meanwhile."""
        topic, names = entity_of(tracker, "topic"), entity_of(tracker, "parts").split(",")
        answer, knowledge = answer_of(tracker, topic), current().knowledge
        known = {part.name: part for part in parts_of(answer)} if answer else {}
        found = [known[name] for name in names if name in known]
        if answer is None or not found:
            dispatcher.utter_message(response=f"utter_faq/{topic}")
            return []
        told = _told_just_now(tracker)
        new = [part for part in found if part.name not in told]
        others = _others(knowledge, answer.language, entity_of(tracker, "others"))
        if entity_of(tracker, "unsaid"):
            _say_unsaid(dispatcher, knowledge, answer, new[:1], others)
        elif new or found[0].fact:  # a fact may be asked for twice: it was forgotten
            _say(dispatcher, knowledge, answer, found, others)
        else:
            _say_unsaid(dispatcher, knowledge, answer, [], others)
        return [SlotSet(TOLD, json.dumps([part.name for part in found]))]


class Repeat(Action):
    """Says the last answer again in short, for whom it was too much or not clear."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Its first sentence and step and where to go; without an answer, what the assistant can do."""
        answer = answer_of(tracker, last_topic(tracker))
        if answer is None:
            dispatcher.utter_message(response="utter_capabilities")
            return []
        short = [part for part in parts_of(answer) if part.key in IN_SHORT]
        _say(dispatcher, current().knowledge, answer, short, [_person(current().knowledge, answer.language)])
        return []


class Rephrase(Action):
    """The answer, or none of what was offered, was what she meant: asks for other words, with what is near."""

    def name(self) -> str:
        return "action_rephrase"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """After that it offers a person."""
        knowledge, language = current().knowledge, language_of(tracker)
        if int(tracker.get_slot("misunderstood") or 0) >= PATIENCE:
            dispatcher.utter_message(response="utter_offer_person")
            return [SlotSet("asked", "/ask_human")]
        answer = answer_of(tracker, last_topic(tracker))
        near = related(knowledge, answer, language)[:NEAR] if answer else ()
        buttons = [*(_button(one.title, one.payload) for one in near), _person(knowledge, language)]
        dispatcher.utter_message(response="utter_rephrase", buttons=buttons)
        return [offered(buttons)]


def last_topic(tracker: Tracker) -> str:
    """The topic that was answered last; empty when there was none."""
    return next((str(topic) for turn in listed_in(tracker, "topics") for topic in reversed(turn)), "")


def _told_just_now(tracker: Tracker) -> set[str]:
    """The parts that were told last, a few turns ago at most and with no other answer since."""
    for event in reversed(tracker.events):
        name = str(event.get("name") or "") if event.get("event") == "action" else ""
        if name == TellPart().name():
            return set(listed_in(tracker, TOLD))
        if name.startswith(ANSWERED):
            return set()
    return set()


def in_words(knowledge: Knowledge, answer: Answer, parts: list[Part]) -> str:
    """Parts as lines: a fact behind its label, a sentence or a step as it stands; last, how a deadline stands today."""
    lines = []
    for part in parts:
        label = knowledge.text(f"utter_label_{part.fact}", answer.language) if part.fact else ""
        words = f"{label}: {part.words}" if label else part.words
        lines.append(words if words.endswith((".", "!", "?")) else f"{words}.")
    if any(names_period(part, answer) for part in parts):
        lines.append(line_about(knowledge, answer, answer.language))
    return "\n".join(lines)


def _button(title: str, payload: str) -> dict[str, str]:
    return {"title": title, "payload": payload}


def _person(knowledge: Knowledge, language: str) -> dict[str, str]:
    return _button(knowledge.text("utter_label_system.person", language), "/ask_human")


def _whole(knowledge: Knowledge, language: str, topic: str) -> dict[str, str]:
    return _button(knowledge.text("utter_part_whole_button", language), f"/faq/{topic}")


def _others(knowledge: Knowledge, language: str, topics: str) -> Buttons:
    """Buttons for the matters that may have been meant instead."""
    return [_button(knowledge.title_of(topic, language), f"/faq/{topic}") for topic in topics.split(",") if topic]


def ways_of(answer: Answer) -> str:
    """Who knows more: the unit of an answer, with its telephone and its page."""
    phone, link = (answer.custom.get("facts") or {}).get("phone"), answer.custom.get("link") or {}
    ways = [str(answer.custom.get("unit") or ""), str(phone or ""), str(link.get("url") or "")]
    return " · ".join(way for way in ways if way)


def _say_unsaid(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, answer: Answer, nearest: list[Part], others: Buttons
) -> None:
    """That the answer does not say it, who knows, and what comes nearest; that it says no more, when all was told."""
    language, topic = answer.language, str(answer.topic)
    dispatcher.utter_message(
        response="utter_part_unsaid" if nearest else "utter_part_unsaid_more",
        topic_id=topic,
        title=knowledge.title_of(topic, language),
        ways=ways_of(answer),
        parts=in_words(knowledge, answer, nearest),
        buttons=[_whole(knowledge, language, topic), *others, _person(knowledge, language)],
    )


def _say(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, answer: Answer, parts: list[Part], beside: Buttons
) -> None:
    """Parts of an answer; behind what is no fact, who knows more, for it may not be what was asked."""
    language, topic = answer.language, str(answer.topic)
    dispatcher.utter_message(
        response="utter_part" if parts[0].fact or not ways_of(answer) else "utter_part_passage",
        topic_id=topic,
        title=knowledge.title_of(topic, language),
        reviewed=as_day(answer.date("reviewed"), language),
        parts=in_words(knowledge, answer, parts),
        ways=ways_of(answer),
        buttons=[_whole(knowledge, language, topic), *beside],
    )
