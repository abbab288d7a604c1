"""Parts of answers: what was asked of the last one, and the last one once more in short."""

from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.words import entity_of, language_of, listed_in
from bot.knowledge.knowledge import Answer, Knowledge
from bot.knowledge.parts import Part, parts_of
from bot.knowledge.periods import line_about, names_period
from bot.knowledge.render import as_day

PATIENCE = 2  # what was offered and refused counts as one
IN_SHORT = ("text:0", "step:0", "fact:fee", "fact:where", "fact:phone")


class TellPart(Action):
    """Answers a question about an answer with the parts of it that say it."""

    def name(self) -> str:
        return "action_tell_part"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The parts, the one that was asked for first; the whole answer when it was edited meanwhile."""
        knowledge, language = current().knowledge, language_of(tracker)
        topic, names = entity_of(tracker, "topic"), entity_of(tracker, "parts").split(",")
        answer = knowledge.answer(f"utter_faq/{topic}", language)
        known = {part.name: part for part in parts_of(answer)} if answer else {}
        found = [known[name] for name in names if name in known]
        if answer is None or not found:
            dispatcher.utter_message(response=f"utter_faq/{topic}")
            return []
        if entity_of(tracker, "unsaid"):
            _say_unsaid(dispatcher, knowledge, answer, found[:1])
        else:
            _say(dispatcher, knowledge, answer, found)
        return []


class Repeat(Action):
    """Says the last answer again in short, for whom it was too much or not clear."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Its first sentence and step and where to go; without an answer, what the assistant can do."""
        knowledge, language = current().knowledge, language_of(tracker)
        topic = last_topic(tracker)
        answer = knowledge.answer(f"utter_faq/{topic}", language)
        if answer is None:
            dispatcher.utter_message(response="utter_capabilities")
            return []
        _say(dispatcher, knowledge, answer, [part for part in parts_of(answer) if part.key in IN_SHORT], person=True)
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
        answer = knowledge.answer(f"utter_faq/{last_topic(tracker)}", language)
        near = (answer.custom.get("related") or ())[:2] if answer else ()
        buttons = [{"title": knowledge.title_of(topic, language), "payload": f"/faq/{topic}"} for topic in near]
        person = {"title": knowledge.text("utter_label_system.person", language), "payload": "/ask_human"}
        dispatcher.utter_message(response="utter_rephrase", buttons=[*buttons, person])
        return []


def last_topic(tracker: Tracker) -> str:
    """The topic that was answered last; empty when there was none."""
    return next((str(topic) for turn in listed_in(tracker, "topics") for topic in reversed(turn)), "")


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


def _say_unsaid(dispatcher: CollectingDispatcher, knowledge: Knowledge, answer: Answer, nearest: list[Part]) -> None:
    """That the answer does not say it, who knows, and what of it comes nearest."""
    language, topic, custom = answer.language, str(answer.topic), answer.custom
    phone = (custom.get("facts") or {}).get("phone")
    link = custom.get("link") or {}
    ways = [str(custom.get("unit") or ""), str(phone or ""), str(link.get("url") or "")]
    dispatcher.utter_message(
        response="utter_part_unsaid",
        topic_id=topic,
        title=knowledge.title_of(topic, language),
        ways=" · ".join(way for way in ways if way),
        parts=in_words(knowledge, answer, nearest),
        buttons=[
            {"title": knowledge.text("utter_part_whole_button", language), "payload": f"/faq/{topic}"},
            {"title": knowledge.text("utter_label_system.person", language), "payload": "/ask_human"},
        ],
    )


def _say(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, answer: Answer, parts: list[Part], *, person: bool = False
) -> None:
    language, topic = answer.language, str(answer.topic)
    buttons = [{"title": knowledge.text("utter_part_whole_button", language), "payload": f"/faq/{topic}"}]
    if person:
        buttons.append({"title": knowledge.text("utter_label_system.person", language), "payload": "/ask_human"})
    dispatcher.utter_message(
        response="utter_part",
        topic_id=topic,
        title=knowledge.title_of(topic, language),
        reviewed=as_day(answer.date("reviewed"), language),
        parts=in_words(knowledge, answer, parts),
        buttons=buttons,
    )
