"""Two matters told in one: they go apart when she says so, and what names one of them is about that one."""

import re

from rasa_sdk.interfaces import Tracker

from actions.context import current
from actions.items import matters_of
from actions.matters import MORE, Matter, waiting, written
from actions.noted import (
    MOST_MORE,
    Filled,
    Slots,
    add,
    heard_place,
    kept,
    matter_slots,
    note_text,
    noted_in,
    wait,
)
from actions.rewording import level
from actions.words import text_of
from bot.knowledge.knowledge import Subject
from bot.suggestions.guess import guess_named_subject

PARTED = ["utter_item_parted"]
BARE = 6  # words behind a matter's name that are no more than its number: "is in front of number 10"
NUMBER = re.compile(r"\b\d{1,4}\b")


def note_apart(tracker: Tracker) -> Filled:
    """Another matter waits until this one is sent; "these are two things" parts what was told."""
    noted, said = noted_in(tracker, "item_text"), text_of(tracker)
    if not noted:
        return note_text(tracker)
    named, there = _subject(said), [_subject(text) for text in matters_of(noted)]
    if len(there) > 1 and (named is None or named in there):
        return part(tracker, last=said), PARTED
    if named is None and waiting(tracker):
        return kept(tracker), PARTED
    if more := wait(tracker, said):
        return more, ["utter_item_more_noted"]
    filled, says = add(tracker)
    return filled, ["utter_item_more_full"] if says == ["utter_item_added"] else says


def part(tracker: Tracker, last: str = "") -> Slots:
    """The first matter in the form, the others beside it, all at its place; the one that `last` names comes last."""
    there, place = matters_of(noted_in(tracker, "item_text")), noted_in(tracker, "item_place")
    there.sort(key=lambda text: _subject(last) is not None and _subject(text) == _subject(last))
    return _slots(tracker, [*(Matter(text, place) for text in there), *waiting(tracker)])


def by_name(tracker: Tracker, filled: Slots) -> Slots:
    """What is said of the places of matters that are named; empty where none is, or there is but one matter.

    `filled` is what the message changes as a whole.
    """
    text, place = (str(filled.get(slot) or noted_in(tracker, slot)) for slot in ("item_text", "item_place"))
    street = str(heard_place(tracker).get("item_place") or "") or _street(place)
    before = _street(noted_in(tracker, "item_place"))
    there = [*(Matter(piece, street if before != street else place) for piece in matters_of(text)), *waiting(tracker)]
    if len(there) < 2:
        return {}
    places = {index: new for index, piece in _pieces(tracker, there) if (new := _place_of(piece, street))}
    if not places:
        return {}
    return _slots(tracker, [Matter(m.text, places.get(index, m.place)) for index, m in enumerate(there)])


def _pieces(tracker: Tracker, there: list[Matter]) -> list[tuple[int, str]]:
    """The pieces of the message that name one of `there`, each with which one."""
    subjects, found = [_subject(matter.text) for matter in there], list[tuple[int, str]]()
    for piece in matters_of(text_of(tracker)):
        subject = _subject(piece)
        if subject is not None and subjects.count(subject) == 1:
            found.append((subjects.index(subject), piece))
    return found


def _place_of(piece: str, street: str) -> str:
    """The place that is said behind a matter's name; empty when none is."""
    subject = guess_named_subject(current().knowledge, piece)
    behind = piece[_end_of_name(subject, piece) :].strip(" ,.;:!") if subject else ""
    numbers = NUMBER.findall(behind)
    if not numbers:
        return ""
    if len(numbers) == 1 and len(behind.split()) <= BARE and street:
        return f"{street} {numbers[0]}"
    return ", ".join(part for part in (street, behind) if part)


def _end_of_name(subject: Subject, piece: str) -> int:
    said = level(piece)
    words = {level(word) for words in subject.keywords.values() for word in words}
    ends = [match.end() for word in words for match in re.finditer(rf"\b{re.escape(word)}\w*", said)]
    return min(ends, default=0)


def _street(place: str) -> str:
    """A place without its number and what stands behind that."""
    return re.split(r",|\s+\d", place)[0].strip()


def _subject(text: str) -> str | None:
    subject = guess_named_subject(current().knowledge, text)
    return subject.id if subject else None


def _slots(tracker: Tracker, matters: list[Matter]) -> Slots:
    """The first matter in the form and the others beside it: the last ones as one, where they are too many."""
    first, *rest = matters
    last = rest[MOST_MORE - 1 :]
    rest[MOST_MORE - 1 :] = [Matter(" ".join(m.text for m in last), last[0].place)] if last else []
    place = {"item_place": first.place} if first.place and first.place != noted_in(tracker, "item_place") else {}
    return {**matter_slots(tracker, first.text), **place, MORE: written(rest)}
