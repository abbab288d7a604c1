"""Parts of answers: what was asked of the last one, and the last one once more in short."""

import json
from dataclasses import dataclass
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
        answer, teller = answer_of(tracker, topic), Teller(dispatcher, current().knowledge, language_of(tracker))
        if against := answer_of(tracker, entity_of(tracker, "against")):
            return _compare(teller, tracker, [answer, against])
        found = _named(answer, names)
        again = bool(entity_of(tracker, "again"))
        if answer is None or not found or (again and _told_last(tracker) != WHOLE):
            dispatcher.utter_message(response=f"utter_faq/{topic}")
            return []
        told = _told_just_now(tracker)
        new = [part for part in found if part.name not in told]
        others = teller.others(entity_of(tracker, "others"))
        if again:
            teller.say(answer, found, others, "utter_part_passage")
        elif entity_of(tracker, "unsaid"):
            teller.say_unsaid(answer, [part for part in found[:1] if part in new], others)
        elif new:
            lines = [*new, *(part for part in found if part not in new)]  # what was told just now comes last
            teller.say(answer, lines, others, _manner(tracker, lines, answer))
        else:
            teller.say_all(answer, found[:1], others)
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
        teller = Teller(dispatcher, current().knowledge, language_of(tracker))
        teller.say(answer, short, [_person(teller.knowledge, teller.language)], "utter_part")
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


@dataclass(frozen=True)
class Teller:
    """Tells parts of answers in the conversation's language, which an answer may not be written in."""

    dispatcher: CollectingDispatcher
    knowledge: Knowledge
    language: str

    def say(self, answer: Answer, parts: list[Part], beside: Buttons, response: str) -> None:
        """Parts of an answer; behind what may not be what was asked, who knows more."""
        reviewed = as_day(answer.date("reviewed"), self.language)
        self._utter(response, answer, parts, [self._whole(answer), *beside], reviewed=reviewed)

    def say_unsaid(self, answer: Answer, nearest: list[Part], others: Buttons) -> None:
        """That the answer does not say it, or no more when all was told; who knows it, and what comes nearest."""
        buttons = [self._whole(answer), *others, _person(self.knowledge, self.language)]
        self._utter("utter_part_unsaid" if nearest else "utter_part_unsaid_more", answer, nearest, buttons)

    def say_all(self, answer: Answer, told: list[Part], others: Buttons) -> None:
        """That what was told just now is all that the answer says of it, and who knows more."""
        buttons = [self._whole(answer), *others, _person(self.knowledge, self.language)]
        self._utter("utter_part_all", answer, told, buttons)

    def say_compared(self, answer: Answer, found: list[Part], buttons: Buttons) -> None:
        """What one of two answers says."""
        response = "utter_part_compared" if found else "utter_part_compared_unsaid"
        self._utter(response, answer, found, buttons)

    def others(self, topics: str) -> Buttons:
        """Buttons for the matters that may have been meant instead."""
        title_of = self.knowledge.title_of
        return [_button(title_of(topic, self.language), f"/faq/{topic}") for topic in topics.split(",") if topic]

    def title(self, answer: Answer) -> str:
        """What an answer is about."""
        return self.knowledge.title_of(str(answer.topic), self.language)

    def _whole(self, answer: Answer) -> dict[str, str]:
        title = self.knowledge.text("utter_part_whole_button", self.language)
        return _button(title, f"/faq/{answer.topic}")

    def _utter(self, response: str, answer: Answer, parts: list[Part], buttons: Buttons, **more: Any) -> None:
        self.dispatcher.utter_message(
            response=response,
            topic_id=str(answer.topic),
            title=self.title(answer),
            ways=ways_of(answer),
            parts=in_words(self.knowledge, answer, parts, self.language),
            buttons=buttons,
            **more,
        )


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


def in_words(knowledge: Knowledge, answer: Answer, parts: list[Part], language: str) -> str:
    """Parts as lines: a fact behind its label, a sentence or a step as it stands; last, how a deadline stands today."""
    lines = []
    for part in parts:
        label = knowledge.text(f"utter_label_{part.fact}", language) if part.fact else ""
        words = f"{label}: {part.words}" if label else part.words
        lines.append(words if words.endswith((".", "!", "?")) else f"{words}.")
    if any(names_period(part, answer) for part in parts):
        lines.append(line_about(knowledge, answer, language))
    return "\n".join(lines)


def _button(title: str, payload: str) -> dict[str, str]:
    return {"title": title, "payload": payload}


def _person(knowledge: Knowledge, language: str) -> dict[str, str]:
    return _button(knowledge.text("utter_label_system.person", language), "/ask_human")


def ways_of(answer: Answer) -> str:
    """Who knows more: the unit of an answer, with its telephone and its page."""
    phone, link = (answer.custom.get("facts") or {}).get("phone"), answer.custom.get("link") or {}
    ways = [str(answer.custom.get("unit") or ""), str(phone or ""), str(link.get("url") or "")]
    return " · ".join(way for way in ways if way)


def _manner(tracker: Tracker, parts: list[Part], answer: Answer) -> str:
    """The response that introduces parts: how surely they say what is asked, and whether that wants a yes or a no."""
    if not ways_of(answer):
        return "utter_part"
    if entity_of(tracker, "perhaps"):
        return "utter_part_perhaps"
    if parts[0].fact:
        return "utter_part"
    return "utter_part_yes_no" if entity_of(tracker, "closed") else "utter_part_passage"


def _named(answer: Answer | None, names: list[str]) -> list[Part]:
    """The parts of an answer that still have these names."""
    known = {part.name: part for part in parts_of(answer)} if answer else {}
    return [known[name] for name in names if name in known]


def _compare(teller: Teller, tracker: Tracker, answers: list[Answer | None]) -> list[EventType]:
    """What is asked of two answers, title by title, with both whole ones behind the second."""
    names = [entity_of(tracker, slot).split(",") for slot in ("parts", "against_parts")]
    wholes = [_button(teller.title(answer), f"/faq/{answer.topic}") for answer in answers if answer]
    for place, (answer, some) in enumerate(zip(answers, names, strict=True)):
        if answer is not None:
            teller.say_compared(answer, _named(answer, some), wholes if place else [])
    return [SlotSet(TOLD, None)]
