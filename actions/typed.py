"""A button of the form that was pressed; its title that was typed presses it where its question was asked.

Elsewhere a title is a word like others, but one whose meaning is known: by it nothing is sent, cleared or given up
unseen.
"""

import json
import re
from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.beside import BLANKS
from actions.clauses import told_as
from actions.context import current, languages
from actions.earlier import earlier
from actions.fixes import chosen_text
from actions.items import EARLIER, NONE
from actions.matters import MORE
from actions.noted import NO_POINT, Filled, Slots, asked_of, matter_slots, noted_in
from actions.parting import PARTED, part
from actions.pieces import matters_of
from actions.words import charge_of, entity_of, language_of, text_of
from bot.text import plain

# Whose buttons may be typed.
TITLED = ("utter_item_two_things", "utter_ask_item_change", "utter_ask_item_confirm", "utter_item_earlier")
CHOOSE = "/choose"
AT_SUMMARY = ("item_confirm", "change")  # what the summary and its question what to change fill
# What the title says where its question was not asked.
ELSEWHERE = {"send": "send", "cancel": "perhaps_cancel", "part": "two"}
LOOKS = "readback"  # who wants to change something sees what there is


def typed(tracker: Tracker) -> Tracker | None:
    """The turn as what the title that was typed makes of it: a button, or an act of the form. None when none was."""
    for found in _titled(text_of(tracker)):
        if _was_asked(tracker, found):
            return _as(tracker, "choose", found)
        if found["slot"] in (*AT_SUMMARY, MORE) and tracker.latest_message["intent"]["name"] == "form":
            return _as(tracker, "form", {"act": ELSEWHERE.get(found["value"], LOOKS)})
    return None


def pressed(tracker: Tracker) -> Filled:
    """What the button fills that was pressed (name → value), and what is said: what goes separately."""
    filled = _chosen(tracker)
    return filled, PARTED if MORE in filled else []


def _chosen(tracker: Tracker) -> Slots:
    """A button of the form: a district, a skip, or what to do with the summary."""
    slot, value = entity_of(tracker, "slot"), entity_of(tracker, "value")
    if slot == "item_district" and value in current().knowledge.districts:
        name = current().knowledge.districts[value]["name"]
        return {**NO_POINT, "item_district": value, "item_place": name.get(language_of(tracker), value)}
    if slot == "item_subject" and value in current().knowledge.subjects:
        subject = current().knowledge.subjects[value]
        return {"item_subject": value, "item_agency": charge_of(tracker, subject)}
    if slot == "item_more" and len(matters_of(str(tracker.get_slot("item_text") or ""))) > 1:
        return part(tracker)
    if slot == "item_text" and value == EARLIER:
        return matter_slots(tracker, earlier(tracker).text) if earlier(tracker).text else {}
    if slot == "item_text":
        return chosen_text(tracker, value)
    if slot == "change" and value in ("item_text", "item_place", "item_contact"):
        return {value: None, "item_confirm": None}
    if slot == "change":
        return {"item_confirm": None}
    if slot == "item_confirm" and value == "send" and noted_in(tracker, "item_text"):
        return {"item_confirm": "send", **{blank: NONE for blank in BLANKS if not tracker.get_slot(blank)}}
    if slot == "item_confirm" and value in ("send", "cancel", "change"):
        return {"item_confirm": None if value == "change" else value}
    if slot in BLANKS and value == NONE:
        return {slot: NONE}
    return {}


def _titled(text: str) -> list[dict[str, str]]:
    """What the buttons fill whose title `text` is."""
    said = _bare(text)
    answers = [current().knowledge.answer(response, language) for response in TITLED for language in languages()]
    buttons = [button for answer in answers if answer for button in answer.buttons]
    payloads = [button.payload for button in buttons if said and said == _bare(button.title)]
    return [json.loads(payload[len(CHOOSE) :]) for payload in payloads if payload.startswith(CHOOSE + "{")]


def _was_asked(tracker: Tracker, found: dict[str, str]) -> bool:
    """Whether the button belongs to the question that was asked; two matters can go apart at any point."""
    asked = asked_of(tracker)
    if found["slot"] == MORE:
        return len(matters_of(noted_in(tracker, "item_text"))) > 1
    if found["slot"] in AT_SUMMARY:
        return asked == "item_confirm"
    return found["value"] != EARLIER or asked == found["slot"]


def _as(tracker: Tracker, intent: str, found: dict[str, Any]) -> Tracker:
    entities = [{"entity": name, "value": value} for name, value in found.items()]
    return told_as(tracker, {**tracker.latest_message, "intent": {"name": intent}, "entities": entities})


def _bare(words: str) -> str:
    """A title, or what may be one, without what explains it in brackets."""
    return plain(re.sub(r"\(.*?\)", "", words)).strip(" .!¡")
