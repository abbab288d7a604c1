"""Corrections inside the form: each mends its part, and the text that it stands in."""

import re

from rasa_sdk.interfaces import Tracker

from actions.amending import mended, replaced
from actions.contact import find_contact
from actions.context import current
from actions.items import KINDS, subject_slots
from actions.matters import JOINS
from actions.noted import (
    NO_POINT,
    Filled,
    Slots,
    add,
    asked_of,
    beside_place,
    heard_place,
    in_text,
    note_contact,
    note_place,
    note_text,
    noted_in,
    nothing,
    tells_matter,
)
from actions.words import content_words, entity_of, ranking_of, text_of
from bot.knowledge.knowledge import LANGUAGES
from bot.suggestions.guess import guess_named_subject
from bot.text import plain

CORRECTED = ["utter_item_corrected"]
# "It is wrong, put: …": a few words, a colon with a space (10:30 has none, nor has an address), and several words.
DICTATED = re.compile(r"(?P<lead>(?:[^\s:]+\s+){0,4}[^\s:]+)\s?:\s+(?P<text>\S+\s.+)", re.DOTALL)
JOINED = re.compile(JOINS, re.IGNORECASE)


def fix_place(tracker: Tracker) -> Filled:
    """The place is mended, and the text where the old one stands in it."""
    said, old, text = text_of(tracker), noted_in(tracker, "item_place"), noted_in(tracker, "item_text")
    if heard := heard_place(tracker):
        return _moved(tracker, heard)
    if mend := mended(old, said):
        return {"item_place": mend, **_text_of(mended(text, said))}, CORRECTED
    if asked_of(tracker) == "item_place":
        return note_place(tracker)
    if mend := mended(text, said):
        return {"item_text": mend}, CORRECTED
    return add(tracker)


def fix_text(tracker: Tracker) -> Filled:
    """What was told is mended where that leaves no choice; else the correction stands beside it for who reads it."""
    text, said = noted_in(tracker, "item_text"), text_of(tracker)
    if not text:
        return note_text(tracker)
    if new := dictated(said, text):
        return {"item_text": new, **_subject(tracker, new)}, CORRECTED
    if mend := mended(text, said):
        place = str(tracker.get_slot("item_place") or "")
        return {"item_text": mend, "item_place": mended(place, said) or place or None}, CORRECTED
    return add(tracker)


def fix_contact(tracker: Tracker) -> Filled:
    """Another contact, or a mended one; else the wrong one goes, and is asked for."""
    said, old = text_of(tracker), noted_in(tracker, "item_contact")
    if find_contact(said):
        filled, says = note_contact(tracker)
        return filled, says or CORRECTED
    if mend := mended(old, said):
        return {"item_contact": mend}, CORRECTED
    return {"item_contact": None, "item_confirm": None}, []


def fix_kind(tracker: Tracker) -> Filled:
    """Another agency, kind or subject, when the words name one; else the subjects are offered."""
    if named := entity_of(tracker, "agency"):
        return {"item_agency": named}, CORRECTED
    if kind := _named_kind(tracker):
        filled, says = _told_behind(tracker)
        return {**filled, "item_kind": kind}, says or CORRECTED
    knowledge, said = current().knowledge, _without_subject(tracker)
    if subject := guess_named_subject(knowledge, said):
        return {"item_subject": subject.id, "item_agency": subject.agency}, CORRECTED
    if kind := _likely_kind(tracker):
        return {"item_kind": kind}, CORRECTED
    return ({"item_confirm": None}, []) if asked_of(tracker) == "item_confirm" else nothing(tracker)


def dictated(said: str, noted: str) -> str:
    """What somebody dictates behind a colon in place of what is noted; empty when that is something else.

    It stands for itself: it names a subject, or takes up a word of what is noted, and is not joined to it by "and".
    """
    match = DICTATED.fullmatch(said)
    if not match or JOINED.match(said):
        return ""
    new = match["text"].strip(" \"'«»“”")
    words = content_words(new)
    alike = set(words) & set(content_words(noted)) or guess_named_subject(current().knowledge, new)
    return new if len(words) > 1 and alike else ""


def _moved(tracker: Tracker, heard: Slots) -> Filled:
    """Another place, and the text where the old one stands in it."""
    said, old, text = text_of(tracker), noted_in(tracker, "item_place"), noted_in(tracker, "item_text")
    if tells_matter(tracker):
        filled, says = note_text(tracker)
        return {**filled, **NO_POINT, **heard}, says
    alike = mended(old, said) if old and not _is_new(heard["item_place"], old) else None
    new = alike or heard["item_place"]
    mend, right = mended(text, said), set(content_words(heard["item_place"])) & set(content_words(text))
    if mend is None or not right <= set(content_words(mend)):  # a number of the new place is not the wrong one
        mend = replaced(text, old, new) if old else text
    return beside_place(tracker, {**heard, "item_place": new, **_text_of(mend)})


def _text_of(text: str | None) -> Slots:
    return {"item_text": text} if text else {}


def _subject(tracker: Tracker, text: str) -> Slots:
    return {event["name"]: event["value"] for event in subject_slots(text, tracker)}


def _is_new(heard: str, old: str) -> bool:
    return heard.casefold() not in old.casefold() and old.casefold() not in heard.casefold()


def _without_subject(tracker: Tracker) -> str:
    """What was said without the subject that is noted: in a correction it is not the one that is meant."""
    said = plain(text_of(tracker))
    noted = current().knowledge.subjects.get(noted_in(tracker, "item_subject"))
    for word in (word for words in noted.keywords.values() for word in words) if noted else ():
        said = re.sub(rf"\b{re.escape(plain(word))}\w*", " ", said)
    return said


def _kinds_in(said: str) -> dict[str, int]:
    """The kinds that are named in plain words, by the form's own names for them, and where each name ends."""
    text, found = current().knowledge.text, dict[str, int]()
    for kind in KINDS.values():
        names = "|".join(re.escape(plain(text(f"utter_item_kind_{kind}", language))) for language in LANGUAGES)
        for match in re.finditer(rf"\b(?:{names})\b", said):
            found[kind] = match.end()
    return found


def _named_kind(tracker: Tracker) -> str:
    """The kind that is named and not noted; empty when there is none."""
    named = [kind for kind in _kinds_in(plain(text_of(tracker))) if kind != tracker.get_slot("item_kind")]
    ranked = [kind for kind in _ranked_kinds(tracker) if kind in named]
    return next(iter([*ranked, *named]), "")


def _likely_kind(tracker: Tracker) -> str:
    """The likeliest kind, when it is another than the one that is noted."""
    likely = next(iter(_ranked_kinds(tracker)), "")
    return "" if likely == tracker.get_slot("item_kind") else likely


def _ranked_kinds(tracker: Tracker) -> list[str]:
    return [KINDS[str(entry["name"])] for entry in ranking_of(tracker) if entry["name"] in KINDS]


def _told_behind(tracker: Tracker) -> Filled:
    """The matter that was told behind the names of kinds; nothing when none was."""
    said = text_of(tracker)
    ends = _kinds_in(said.lower()).values()
    told = said[max(ends, default=len(said)) :].strip(" ,.;:")
    return in_text(tracker, told) if len(content_words(told)) > 1 else ({}, [])
