"""Corrections inside the form: each mends its part, and the text that it stands in."""

import re

from rasa_sdk.interfaces import Tracker

from actions.amending import mended
from actions.clauses import clauses_of
from actions.contact import find_contact
from actions.context import current, languages
from actions.items import ENOUGH_WORDS, KINDS
from actions.moving import CORRECTED as CORRECTED
from actions.noted import (
    NO_POINT,
    Filled,
    Slots,
    add,
    asked_of,
    heard_place,
    in_text,
    kept,
    matter_slots,
    note_contact,
    note_text,
    noted_in,
    nothing,
)
from actions.parting import PARTED, by_name
from actions.pieces import JOINS
from actions.rewording import (
    Dictated,
    adds,
    bare_addition,
    dictated_in,
    exchanged,
    joined_text,
    names_text,
    swapped,
    takes_out,
    told_behind,
    what_goes,
    without,
    writes,
)
from actions.unsure import UNSURE
from actions.words import charge_of, content_words, entity_of, ranking_of, text_of
from bot.suggestions.guess import guess_named_subject
from bot.text import plain

NOT_TAKEN = ["utter_item_not_taken"]  # what is to go was not found
MAYBE = [UNSURE]  # it was added, and may have been meant to replace
CORRECTING = ("fix_text", "change", "no", "leave_out")
ENOUGH_LEFT = 2  # words of a text that is left, to stand before what is dictated
CHOSEN = re.compile(r"(?P<does>[a-z]+):(?P<start>\d{1,4})/(?P<whole>\d{1,4})")
JOINED = re.compile(JOINS, re.IGNORECASE)


def fix_text(tracker: Tracker) -> Filled:
    """What was told is mended where that leaves no choice; else the correction stands beside it, and that is asked."""
    text, said = noted_in(tracker, "item_text"), text_of(tracker)
    if not text:
        return note_text(tracker)
    if named := by_name(tracker, {}):
        return named, PARTED
    street = {**NO_POINT, **heard_place(tracker)} if entity_of(tracker, "street") else {}
    if filled := reworded(tracker):
        return {**filled, **street}, CORRECTED
    if mend := mended(text, said):
        place = str(tracker.get_slot("item_place") or "")
        return {"item_text": mend, "item_place": mended(place, said) or place or None, **street}, CORRECTED
    dictated = dictated_in(said)
    few = dictated is None or len(content_words(dictated.text)) < ENOUGH_WORDS
    if what_goes(said) and few:
        return kept(tracker), NOT_TAKEN
    filled, says = add_or_replace(tracker)
    return {**filled, **street}, says


def add_text(tracker: Tracker) -> Filled:
    """An addition, unless the words are about the text; what may be the whole matter in other words is asked about."""
    if not noted_in(tracker, "item_text"):
        return add(tracker)
    if named := by_name(tracker, {}):
        return named, PARTED
    if filled := reworded(tracker):
        return filled, CORRECTED
    dictated = dictated_in(text_of(tracker))
    meant = dictated is not None and dictated.apart and writes(dictated.lead)
    retold = entity_of(tracker, "act") == "text" and asked_of(tracker) == "item_confirm"
    return add_or_replace(tracker) if meant or retold else add(tracker)


def add_or_replace(tracker: Tracker) -> Filled:
    """What was said stands behind the text, without the command; she is asked whether it replaces it."""
    dictated = dictated_in(text_of(tracker), sure=entity_of(tracker, "act") in CORRECTING)
    words = bare_addition(text_of(tracker))
    if words == text_of(tracker) and dictated and (writes(dictated.lead) or names_text(dictated.lead)):
        words = dictated.text
    words = told_behind(words)
    filled, says = in_text(tracker, words)
    if adds(text_of(tracker)):
        return filled, says
    return filled, MAYBE if says == ["utter_item_added"] else says


def chosen_text(tracker: Tracker, value: str) -> Slots:
    """The text as one of `unsure_buttons` leaves it; empty when it has changed since."""
    text, match = noted_in(tracker, "item_text"), CHOSEN.fullmatch(value)
    if not match or int(match["whole"]) != len(text):
        return {}
    before, behind = text[: int(match["start"])], text[int(match["start"]) :].lstrip(" .")
    left = {"replace": behind, "leave": before}.get(match["does"], text)
    return matter_slots(tracker, left) if left else {}


def reworded(tracker: Tracker) -> Slots:
    """The text as the words about it leave it; empty when they are none, or leave a choice."""
    text, said = noted_in(tracker, "item_text"), text_of(tracker)
    if new := exchanged(text, said) or (swapped(text, said) if corrects(tracker) else None):
        return matter_slots(tracker, new)
    dictated = dictated_in(said)
    dictates = dictated is not None and _replaces(tracker, dictated)
    lead = dictated.lead if dictated and dictates else said
    goes = what_goes(lead) if corrects(tracker) else ""
    goes = goes or (lead if entity_of(tracker, "act") == "leave_out" else "")
    left = (without(text, goes) or "") if goes else ""
    if dictated and dictates:
        if not left and dictated.exchanges and len(content_words(dictated.text)) < ENOUGH_WORDS:
            return {}  # a few words take no other's place than that of what was named
        enough = len(content_words(left)) >= ENOUGH_LEFT
        return matter_slots(tracker, joined_text(left, dictated.text) if enough else dictated.text)
    return matter_slots(tracker, left) if left else {}


def corrects(tracker: Tracker) -> bool:
    """Whether the message, or a clause of it, is about what is noted, and no addition to it."""
    clauses = [clause.act for clause in clauses_of(tracker) if clause.is_act(clause.act)]
    return any(act in CORRECTING for act in (entity_of(tracker, "act"), *clauses))


def _replaces(tracker: Tracker, dictated: Dictated) -> bool:
    """Whether what is dictated stands in place of the text, and not behind it."""
    act, start = entity_of(tracker, "act"), len(dictated.lead)
    if JOINED.match(text_of(tracker)) or adds(dictated.lead):
        return False
    if takes_out(dictated.lead) and not writes(dictated.lead):
        return False  # what stands in quotation marks is what goes
    leads = [clause for clause in clauses_of(tracker) if clause.end <= start + 2]
    wrong = any(clause.is_act(name) for clause in leads for name in ("no", "fix_text", "leave_out", "change"))
    if not dictated.apart:
        return (act in CORRECTING and names_text(dictated.lead)) or (corrects(tracker) and dictated.exchanges)
    command = writes(dictated.lead) or names_text(dictated.lead) or takes_out(dictated.lead)
    if act in CORRECTING:
        return command or _is_alike(dictated.text, noted_in(tracker, "item_text"))
    return wrong or (command and names_text(dictated.lead))


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
        return {"item_subject": subject.id, "item_agency": charge_of(tracker, subject)}, CORRECTED
    if kind := _likely_kind(tracker):
        return {"item_kind": kind}, CORRECTED
    return ({"item_confirm": None}, []) if asked_of(tracker) == "item_confirm" else nothing(tracker)


def _is_alike(new: str, noted: str) -> bool:
    """Whether `new` may stand for what is noted: it names a subject, or takes up a word of it."""
    words = content_words(new)
    alike = set(words) & set(content_words(noted)) or guess_named_subject(current().knowledge, new)
    return len(words) > 1 and bool(alike)


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
        names = "|".join(re.escape(plain(text(f"utter_item_kind_{kind}", language))) for language in languages())
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
    likely = KINDS.get(str(next(iter(ranking_of(tracker)), {}).get("name")), "")
    return "" if likely == tracker.get_slot("item_kind") else likely


def _ranked_kinds(tracker: Tracker) -> list[str]:
    return [KINDS[str(entry["name"])] for entry in ranking_of(tracker) if entry["name"] in KINDS]


def _told_behind(tracker: Tracker) -> Filled:
    """The matter that was told behind the names of kinds; nothing when none was."""
    said = text_of(tracker)
    ends = _kinds_in(said.lower()).values()
    told = said[max(ends, default=len(said)) :].strip(" ,.;:")
    return in_text(tracker, told) if len(content_words(told)) > 1 else ({}, [])
