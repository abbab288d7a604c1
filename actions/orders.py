"""Orders about the text of a report, whatever the message as a whole was taken for: they are done, or asked about.

The words of an order are said to the clerk. They never become part of the report.
"""

import re

from rasa_sdk.interfaces import Tracker

from actions.choosing import answer_in, only_answers
from actions.clauses import told_as
from actions.earlier import TOLD, keeping_unsure, unsure_of
from actions.exchanging import Exchange, denied_in, exchanges_in
from actions.fixes import CORRECTED, chosen_text, corrects
from actions.noted import Filled, Slots, kept, matter_slots, noted_in
from actions.rewording import adds, any_of, dictated_in, level, names_text, only_to_clerk, writes
from actions.sentences import SENTENCE, spans
from actions.unsure import AGAIN, is_open
from actions.words import content_words, entity_of, text_of

NOT_REPLACED = ["utter_item_not_replaced"]
NODS = ("yes", "ack", "no", "skip", "change", "nothing")


def ordered(tracker: Tracker, act: str) -> Filled | None:
    """What an order about the text makes of it, and what is said; None where the message is none."""
    if not noted_in(tracker, "item_text"):
        return None
    return _answered(tracker, act) or _done(tracker)


def _done(tracker: Tracker) -> Filled | None:
    """A text that is dictated, or words exchanged; those that are not there are asked for."""
    if text := _whole_text(text_of(tracker)):
        return matter_slots(tracker, text), CORRECTED
    about_text = corrects(tracker)
    told_to_clerk = about_text or entity_of(tracker, "act") == "say"
    exchanges = [exchange for exchange in exchanges_in(text_of(tracker)) if exchange.sure or told_to_clerk]
    denied = denied_in(text_of(tracker)) if about_text else []
    for exchange in sorted([*exchanges, *denied], key=lambda one: -len(one.goes)):
        if filled := _exchanged(tracker, exchange):
            return filled, CORRECTED
    does = answer_in(text_of(tracker)) if about_text and only_answers(text_of(tracker)) else ""
    if does and does != "add":
        return kept(tracker), NOT_REPLACED if does == "replace" else []
    elsewhere = entity_of(tracker, "street") or entity_of(tracker, "agency")
    return (kept(tracker), NOT_REPLACED) if exchanges and not elsewhere else None


def _whole_text(said: str) -> str:
    """The text that `said` dictates as all of it ("put only: …"); empty where it dictates none, or adds to it."""
    dictated = dictated_in(said)
    if not dictated or not dictated.apart or adds(dictated.lead):
        return ""
    lead = level(dictated.lead)
    command = writes(dictated.lead) and re.search(rf"\b(?:{any_of('instead')}|{any_of('should')})\b", lead)
    ordered = re.search(rf"\b(?:{any_of('writes')}|{any_of('should')})\b", lead) or only_to_clerk(dictated.lead)
    return dictated.text if command or (names_text(dictated.lead) and ordered) else ""


def _exchanged(tracker: Tracker, exchange: Exchange) -> Slots:
    """Text and place with the words exchanged; empty where what goes stands in neither."""
    text, place = exchange.done(noted_in(tracker, "item_text")), exchange.done(noted_in(tracker, "item_place"))
    return {**(matter_slots(tracker, text) if text else {}), **({"item_place": place} if place else {})}


def _answered(tracker: Tracker, act: str) -> Filled | None:
    """The answer to whether what was added replaces the text, and the order that stands behind it.

    A nod answers none of three: she is asked again, in other words, and so is who names the choices and takes none.
    """
    where, said = unsure_of(tracker), text_of(tracker)
    if not where:
        return None
    sentences = [said[start:end] for start, end in spans(said, SENTENCE)]
    does = [answer_in(sentence) for sentence in sentences]
    answers = [answer for answer in does if answer]
    if not does[0] or len(set(answers)) != 1:
        return (kept(tracker), [AGAIN]) if is_open(tracker) and (act in NODS or only_answers(said)) else None
    filled = {**kept(tracker), **chosen_text(tracker, f"{answers[0]}:{where}")}
    if "item_text" not in filled:
        return None
    filled[TOLD] = keeping_unsure(tracker, "")
    rest = " ".join(sentence for sentence, answer in zip(sentences, does, strict=True) if not answer)
    after = told_as(tracker, {**tracker.latest_message, "text": rest})
    after.slots = {**tracker.slots, **filled}
    done = _done(after) if content_words(rest) else None
    return ({**filled, **done[0]}, done[1]) if done else (filled, CORRECTED)
