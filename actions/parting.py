"""Two matters told in one: they go apart when she says so, and what names one of them is about that one."""

import re

from rasa_sdk.interfaces import Tracker

from actions.context import current
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
from actions.pieces import CUT, matters_of
from actions.rewording import level
from actions.words import content_words, listed_in_all, text_of
from bot.suggestions.guess import guess_named_subject

PARTED = ["utter_item_parted"]
BARE = 6  # words behind a matter's name that are no more than its number: "is in front of number 10"
MOST_OTHERS = 2  # words besides those that want things apart: "these are two reports"
LEAST_WORDS = 2  # of a matter
NUMBER = re.compile(r"\b\d{1,4}\b")


def note_apart(tracker: Tracker) -> Filled:
    """Another matter waits until this one is sent; "these are two things" parts what was told."""
    noted, said = noted_in(tracker, "item_text"), text_of(tracker)
    if not noted:
        return note_text(tracker)
    named, there = _subject(said), [_subject(text) for text in matters_of(noted)]
    if len(there) > 1 and (named is None or named in there):
        return part(tracker, last=said), PARTED
    if _is_command(said):
        return _parted_anyway(tracker)
    if more := wait(tracker, said):
        return more, ["utter_item_more_noted"]
    filled, says = add(tracker)
    return filled, ["utter_item_more_full"] if says == ["utter_item_added"] else says


def _is_command(said: str) -> bool:
    """Whether `said` only wants things apart, or says that they are two, and tells no other matter."""
    words, two, things = content_words(said), listed_in_all("two"), listed_in_all("things")
    apart = listed_in_all("apart") | (
        two | things if two & set(words) and things & set(re.findall(r"\w+", level(said))) else set()
    )
    others = [word for word in words if word not in apart]
    return len(others) < len(words) and len(others) <= MOST_OTHERS and _subject(said) is None


def _parted_anyway(tracker: Tracker) -> Filled:
    """Parted where "and" joins two of the same subject; where nothing joins any, the other matter is asked for."""
    if waiting(tracker):
        return kept(tracker), PARTED
    pieces = joined_matters(noted_in(tracker, "item_text"))
    if len(pieces) < 2:
        return kept(tracker), ["utter_item_ask_other"]
    place = noted_in(tracker, "item_place")
    return _slots(tracker, [Matter(piece, place) for piece in pieces]), PARTED


def joined_matters(text: str) -> list[str]:
    """The pieces of a text that "and" or a sentence's end joins, each with words of its own."""
    pieces: list[str] = []
    for piece in CUT.split(text):
        if pieces and len(content_words(piece)) < LEAST_WORDS:
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    return [piece.strip() for piece in pieces]


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
    places = {index: new for index, piece in _pieces(tracker, there) if (new := _place_of(piece, there[index], street))}
    if not places:
        return {}
    return _slots(tracker, [Matter(m.text, places.get(index, m.place)) for index, m in enumerate(there)])


def _pieces(tracker: Tracker, there: list[Matter]) -> list[tuple[int, str]]:
    """The pieces of the message that name one of `there`, each with which one; what names none goes with the last."""
    found = list[tuple[int, str]]()
    for piece in CUT.split(text_of(tracker)):
        index = _meant(piece, there)
        if index is not None:
            found.append((index, piece))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {piece}")
    return found


def _meant(piece: str, there: list[Matter]) -> int | None:
    """Which of the matters a piece names: by its subject, or by words that it alone has; None when it names none."""
    subject, words = _subject(piece), set(content_words(piece))
    texts = [set(content_words(matter.text)) for matter in there]
    own = [text - set().union(*(other for other in texts if other is not text)) for text in texts]
    scores = [
        len(words & mine) + 2 * (subject is not None and _subject(matter.text) == subject)
        for mine, matter in zip(own, there, strict=True)
    ]
    most = max(scores)
    return scores.index(most) if most and scores.count(most) == 1 else None


def _place_of(piece: str, matter: Matter, street: str) -> str:
    """The place that is said behind a matter's name; empty when none is."""
    behind = piece[_end_of_name(piece, matter) :].strip(" ,.;:!")
    numbers = NUMBER.findall(behind)
    if not numbers:
        return ""
    if len(numbers) == 1 and len(behind.split()) <= BARE and street:
        return f"{street} {numbers[0]}"
    return ", ".join(part for part in (street, behind) if part)


def _end_of_name(piece: str, matter: Matter) -> int:
    """Where what names the matter ends: a key word of its subject, else a word of its text."""
    subject, said = guess_named_subject(current().knowledge, piece), level(piece)
    keys = {level(word) for words in (subject.keywords.values() if subject else ()) for word in words}
    texts = set(content_words(matter.text)) - set(content_words(matter.place))
    for names in (keys, texts):
        if ends := [match.end() for word in names for match in re.finditer(rf"\b{re.escape(word)}\w*", said)]:
            return min(ends)
    return 0


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
