"""Corrections of the place: the text where the old one stands in it, and the matters that wait there, move along."""

import re

from rasa_sdk.interfaces import Tracker

from actions.amending import mended, replaced
from actions.matters import MORE, Matter, waiting, written
from actions.noted import (
    NO_POINT,
    Filled,
    Slots,
    add,
    asked_of,
    beside_place,
    heard_place,
    kept,
    note_place,
    note_text,
    noted_in,
    tells_matter,
)
from actions.parting import NUMBER, PARTED, by_name, street_in
from actions.words import content_words, listed_in_all, text_of

CORRECTED = ["utter_item_corrected"]


def fix_place(tracker: Tracker) -> Filled:
    """The place is mended, and the text where the old one stands in it."""
    said, old, text = text_of(tracker), noted_in(tracker, "item_place"), noted_in(tracker, "item_text")
    heard = heard_place(tracker)
    moved = _moved(tracker, heard) if heard else ({}, [])
    if named := by_name(tracker, moved[0]):
        return named, PARTED
    if heard:
        filled, says = moved
        return {**filled, **_others_moved(tracker, old, str(filled.get("item_place") or old))}, says
    if numbered := _numbered(old, said):
        return {"item_place": numbered, **_text_of(mended(text, said))}, CORRECTED
    if mend := mended(old, said):
        return {"item_place": mend, **_text_of(mended(text, said))}, CORRECTED
    if asked_of(tracker) == "item_place":
        return note_place(tracker)
    if _says_again(old, said):
        return kept(tracker), CORRECTED
    if mend := mended(text, said):
        return {"item_text": mend}, CORRECTED
    return add(tracker)


def _moved(tracker: Tracker, heard: Slots) -> Filled:
    """Another place, and the text where the old one stands in it."""
    said, old, text = text_of(tracker), noted_in(tracker, "item_place"), noted_in(tracker, "item_text")
    if tells_matter(tracker):
        filled, says = note_text(tracker)
        return {**filled, **NO_POINT, **heard}, says
    alike = mended(old, said) if old and not _is_new(heard["item_place"], old) else None
    alike = alike if alike and heard["item_place"].casefold() in alike.casefold() else None
    new = alike or heard["item_place"]
    mend, right = mended(text, said), set(content_words(heard["item_place"])) & set(content_words(text))
    elsewhere = old and _is_new(street_in(heard["item_place"]), street_in(old)) and _digits(mend) != _digits(text)
    if mend is None or elsewhere or not right <= set(content_words(mend)):  # its number is not the wrong one
        mend = replaced(text, old, new) if old else text
    return beside_place(tracker, {**heard, "item_place": new, **_text_of(mend)})


def _others_moved(tracker: Tracker, old: str, new: str) -> Slots:
    """The matters that wait at the place that was wrong, at the new one; empty where none does."""
    there = waiting(tracker)
    moved = [Matter(replaced(m.text, old, new), new) if old and m.place == old else m for m in there]
    return {MORE: written(moved)} if moved != there else {}


def _digits(text: str | None) -> list[str]:
    return re.findall(r"\d+", text or "")


def _numbered(old: str, said: str) -> str:
    """A street that had no number with the one that is said by itself ("it is number 41"); empty where more is said."""
    numbers = NUMBER.findall(said)
    known = listed_in_all("house") | set(numbers)
    others = [word for word in content_words(said) if word not in known]
    bare = bool(old) and not NUMBER.search(old) and len(numbers) == 1 and len(others) <= 1
    return f"{old} {numbers[0]}" if bare else ""


def _says_again(old: str, said: str) -> bool:
    """Whether `said` only names a number that is noted: "the number 41 is missing"."""
    numbers = NUMBER.findall(said)
    known = listed_in_all("house") | set(content_words(old))
    return bool(numbers) and set(numbers) <= set(NUMBER.findall(old)) and not set(content_words(said)) - known


def _is_new(heard: str, old: str) -> bool:
    return heard.casefold() not in old.casefold() and old.casefold() not in heard.casefold()


def _text_of(text: str | None) -> Slots:
    return {"item_text": text} if text else {}
