"""Parts of answers: what was asked of the last one, and the last one once more in short."""

import json
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.words import answer_of, entity_of, language_of, listed_in, offered
from bot.knowledge.entries import Answer
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.parts import Part, parts_of
from bot.knowledge.periods import line_about, names_period
from bot.knowledge.render import as_day, related

TOLD = "parts_told"  # the slot that names the parts which were told last
ANSWERED = "utter_faq"  # the action that gives a whole answer
PARTS, WHOLE = "parts", "whole"
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
        if against := answer_of(tracker, entity_of(tracker, "against")):
            return _compare(dispatcher, knowledge, tracker, [answer, against])
        found = _named(answer, names)
        again = bool(entity_of(tracker, "again"))
        if answer is None or not found or (again and _told_last(tracker) != WHOLE):
            dispatcher.utter_message(response=f"utter_faq/{topic}")
            return []
        told = _told_just_now(tracker)
        new = [part for part in found if part.name not in told]
        others = _others(knowledge, answer.language, entity_of(tracker, "others"))
        if again:
            _say(dispatcher, knowledge, answer, found, others, "utter_part_passage")
        elif entity_of(tracker, "unsaid"):
            _say_unsaid(dispatcher, knowledge, answer, [part for part in found[:1] if part in new], others)
        elif new:
            lines = [*new, *(part for part in found if part not in new)]  # what was told just now comes last
            _say(dispatcher, knowledge, answer, lines, others, _manner(tracker, lines, answer))
        else:
            _say_all(dispatcher, knowledge, answer, found[:1], others)
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
        knowledge = current().knowledge
        _say(dispatcher, knowledge, answer, short, [_person(knowledge, answer.language)], "utter_part")
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
    return set(listed_in(tracker, TOLD)) if _told_last(tracker) == PARTS else set()


def _told_last(tracker: Tracker) -> str:
    """What the last answer was: `PARTS`, a `WHOLE`, or none, which is empty."""
    for event in reversed(tracker.events):
        name = str(event.get("name") or "") if event.get("event") == "action" else ""
        if name == TellPart().name():
            return PARTS
        if name.startswith(ANSWERED):
            return WHOLE
    return ""


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


def _say_all(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, answer: Answer, told: list[Part], others: Buttons
) -> None:
    """That what was told just now is all that the answer says of it, and who knows more."""
    language, topic = answer.language, str(answer.topic)
    dispatcher.utter_message(
        response="utter_part_all",
        topic_id=topic,
        title=knowledge.title_of(topic, language),
        ways=ways_of(answer),
        parts=in_words(knowledge, answer, told),
        buttons=[_whole(knowledge, language, topic), *others, _person(knowledge, language)],
    )


def _manner(tracker: Tracker, parts: list[Part], answer: Answer) -> str:
    """The response that introduces parts: how surely they say what is asked, and whether that wants a yes or a no."""
    if not ways_of(answer):
        return "utter_part"
    if entity_of(tracker, "perhaps"):
        return "utter_part_perhaps"
    if parts[0].fact:
        return "utter_part"
    return "utter_part_yes_no" if entity_of(tracker, "closed") else "utter_part_passage"


def _say(
    dispatcher: CollectingDispatcher,
    knowledge: Knowledge,
    answer: Answer,
    parts: list[Part],
    beside: Buttons,
    response: str,
) -> None:
    """Parts of an answer; behind what may not be what was asked, who knows more."""
    language, topic = answer.language, str(answer.topic)
    dispatcher.utter_message(
        response=response,
        topic_id=topic,
        title=knowledge.title_of(topic, language),
        reviewed=as_day(answer.date("reviewed"), language),
        parts=in_words(knowledge, answer, parts),
        ways=ways_of(answer),
        buttons=[_whole(knowledge, language, topic), *beside],
    )


def _named(answer: Answer | None, names: list[str]) -> list[Part]:
    """The parts of an answer that still have these names."""
    known = {part.name: part for part in parts_of(answer)} if answer else {}
    return [known[name] for name in names if name in known]


def _compare(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, tracker: Tracker, answers: list[Answer | None]
) -> list[EventType]:
    """What is asked of two answers, title by title, with both whole ones behind the second."""
    both = [answer for answer in answers if answer]
    names = [entity_of(tracker, slot).split(",") for slot in ("parts", "against_parts")]
    wholes = [_button(knowledge.title_of(str(one.topic), one.language), f"/faq/{one.topic}") for one in both]
    for place, (answer, some) in enumerate(zip(answers, names, strict=True)):
        if answer is None:
            continue
        found = _named(answer, some)
        dispatcher.utter_message(
            response="utter_part_compared" if found else "utter_part_compared_unsaid",
            topic_id=str(answer.topic),
            title=knowledge.title_of(str(answer.topic), answer.language),
            parts=in_words(knowledge, answer, found),
            ways=ways_of(answer),
            buttons=wholes if place else [],
        )
    return [SlotSet(TOLD, None)]
