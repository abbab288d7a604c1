"""Two matters told in one: they go apart when she says so, and what names one of them is about that one."""

import re

from rasa_sdk.interfaces import Tracker

from actions.clauses import clauses_of, refuses_asked
from actions.contact import part_contact
from actions.context import current
from actions.matters import BETWEEN, MORE, Matter, place_among, waiting, written
from actions.noted import (
    MAX_TEXT,
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
from actions.rewording import joined_text, level
from actions.words import content_words, entities_of, entity_of, listed_in_all, text_of
from bot.suggestions.guess import guess_named_subject

PARTED = ["utter_item_parted"]
BARE = 6  # words behind a matter's name that lead up to its number: "is in front of number 10"
PLACES = ("place", "fix_place")
MOST_OTHERS = 2  # words besides those that want things apart: "these are two reports"
LEAST_WORDS = 2  # of a matter
NAMED = re.compile(r"[:,;.]\s+|\s+(?:y|e|and)\s+", re.IGNORECASE)  # between the names of two
NUMBER = re.compile(r"\b\d{1,4}\b")


def note_apart(tracker: Tracker) -> Filled:
    """Another matter waits until this one is sent; "these are two things" parts what was told."""
    noted, said = noted_in(tracker, "item_text"), text_of(tracker)
    if not noted:
        return note_text(tracker)
    named, there = _subject(said), [_subject(text) for text in matters_of(noted)]
    is_command = _is_command(tracker, said)
    if is_command and waiting(tracker) and _counts_two(said):
        return kept(tracker), PARTED
    if len(there) > 1 and (named is None or named in there):
        return part(tracker, last=said), PARTED
    if is_command:
        return _parted_by(tracker, said) or _parted_anyway(tracker)
    if named is None and len(content_words(said)) < LEAST_WORDS:
        return kept(tracker), ["utter_item_ask_other"]
    if more := wait(tracker, said):
        return more, ["utter_item_more_noted"]
    filled, says = add(tracker)
    return filled, ["utter_item_more_full"] if says == ["utter_item_added"] else says


def is_parting(tracker: Tracker) -> bool:
    """Whether the message counts what was told as two, and tells nothing else."""
    told = [clause.text for clause in clauses_of(tracker) if not refuses_asked(tracker, clause)]
    said = " ".join(told)
    return bool(noted_in(tracker, "item_text")) and _counts_two(said) and _is_command(tracker, said)


def _parted_by(tracker: Tracker, said: str) -> Filled | None:
    """Parted by the names that a command gives them ("one of the post and one of the water"); None where it names one.

    A piece that none names goes with the one before it.
    """
    command = set[str]().union(*map(listed_in_all, ("parting", "two", "things", "apart")))
    named = [set(content_words(name)) - command for name in NAMED.split(said)]
    pieces = joined_matters(noted_in(tracker, "item_text"))
    words = [set(content_words(piece)) for piece in pieces]
    names = [name for name in named if any(name & said for said in words)]
    told: dict[int, str] = {}
    last = 0
    for piece, there in zip(pieces, words, strict=True):
        last = next((index for index, name in enumerate(names) if name & there), last)
        told[last] = joined_text(told[last], piece) if last in told else piece
    if len(told) < 2 or waiting(tracker):
        return None
    place = noted_in(tracker, "item_place")
    return _slots(tracker, [Matter(text, place_among(place, text)) for text in told.values()]), PARTED


def _is_command(tracker: Tracker, said: str) -> bool:
    """Whether `said` only wants things apart, or says that they are two, and tells no other matter than those."""
    there = [*matters_of(noted_in(tracker, "item_text")), *(matter.text for matter in waiting(tracker))]
    known = {_subject(text) for text in there} - {None}
    if {_subject(piece) for piece in NAMED.split(said)} - {None} - known:
        return False
    subjects = [current().knowledge.subjects[str(id)] for id in known]
    keys = [key for subject in subjects for words in subject.keywords.values() for key in words]
    names = {word for text in (*there, *keys) for word in content_words(text)}
    words = content_words(said)
    apart = listed_in_all("apart") | (listed_in_all("two") | listed_in_all("things") if _counts_two(said) else set())
    others = [word for word in words if word not in apart | names]
    only_parts = not set(others) - listed_in_all("parting")
    return bool(apart & set(words)) and (only_parts or len(others) <= MOST_OTHERS)


def _counts_two(said: str) -> bool:
    """Whether `said` counts what was told: "two reports", "dos cosas"."""
    words = set(re.findall(r"\w+", level(said)))
    return bool(listed_in_all("two") & words and listed_in_all("things") & words)


def _parted_anyway(tracker: Tracker) -> Filled:
    """Parted where "and" joins two of the same subject; where nothing joins any, the other matter is asked for."""
    if waiting(tracker):
        return kept(tracker), PARTED
    pieces = joined_matters(noted_in(tracker, "item_text"))
    if len(pieces) < 2:
        return kept(tracker), ["utter_item_ask_other"]
    place = noted_in(tracker, "item_place")
    return _slots(tracker, [Matter(piece, place_among(place, piece)) for piece in pieces]), PARTED


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
    return _slots(tracker, [*(Matter(text, place_among(place, text)) for text in there), *waiting(tracker)])


def by_name(tracker: Tracker, filled: Slots) -> Slots:
    """What is said of the places of matters that are named; empty where none is, or there is but one matter.

    `filled` is what the message changes as a whole. A contact beside them is the contact, and what says no place is
    added to the matter that it is said of.
    """
    text, place = (str(filled.get(slot) or noted_in(tracker, slot)) for slot in ("item_text", "item_place"))
    street = street_in(str(heard_place(tracker).get("item_place") or "") or place)
    before = street_in(noted_in(tracker, "item_place"))
    common = street if before != street else place
    there = [*(Matter(piece, place_among(common, piece)) for piece in matters_of(text)), *waiting(tracker)]
    if len(there) < 2 or _stands_elsewhere(tracker, there):
        return {}
    found = part_contact(text_of(tracker))
    places, more = _told_of(tracker, found.without if found else text_of(tracker), there, street)
    told = [Matter(_with(m.text, more.get(index, [])), places.get(index, m.place)) for index, m in enumerate(there)]
    if not places or _stays_one(tracker, places) or any(len(matter.text) > MAX_TEXT for matter in told):
        return {}
    return {**_slots(tracker, told), **({"item_contact": found.bare} if found else {})}


def _stays_one(tracker: Tracker, places: dict[int, str]) -> bool:
    """Whether what was told as one stays it: a house number that is corrected parts nothing, nor does a bare word."""
    if waiting(tracker) or len(places) > 1 or BETWEEN in noted_in(tracker, "item_place"):
        return False
    return bool(NUMBER.search(noted_in(tracker, "item_place"))) or _subject(text_of(tracker)) is None


def _told_of(
    tracker: Tracker, said: str, there: list[Matter], street: str
) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Of each of `there` that `said` names: where it is, and what else is said of it; what names none is the last's."""
    places, more, ahead = dict[int, str](), dict[int, list[str]](), list[str]()
    last: int | None = None
    for piece in CUT.split(said):
        index = _meant(piece, there)
        last = index if index is not None else last
        if last is None:
            ahead.append(piece)
            continue
        named = piece if index is not None else " ".join([*more.get(last, [])[-1:], piece])
        if last not in places and (place := _place_of(tracker, named, there[last], street)):
            places[last] = place
            more[last] = more.get(last, [])[: None if index is not None else -1]
        else:
            more.setdefault(last, []).append(piece)
    if last is not None and len(content_words(" ".join(ahead))) >= LEAST_WORDS:
        more[min(more | places)] = [*ahead, *more.get(min(more | places), [])]
    return places, more


def _stands_elsewhere(tracker: Tracker, there: list[Matter]) -> bool:
    """Whether a place is told of another matter than `there`: "it is not the bin, it is a lamp in Calle Luna"."""
    known, streets = {_subject(matter.text) for matter in there} | {None}, entities_of(tracker, "street")
    placed = [c for c in NAMED.split(text_of(tracker)) if NUMBER.search(c) or any(street in c for street in streets)]
    return any(_subject(clause) not in known for clause in placed)


def _with(text: str, more: list[str]) -> str:
    return joined_text(text, ". ".join(more)) if more else text


def _meant(piece: str, there: list[Matter]) -> int | None:
    """Which of the matters a piece names: by its subject, or by words that it alone has; None when it names none.

    No number names one: it is a house, a telephone, or a count.
    """
    subject, words = _subject(piece), {word for word in content_words(piece) if not word.isdigit()}
    texts = [set(content_words(matter.text)) - set(content_words(matter.place)) for matter in there]
    own = [text - set().union(*(other for other in texts if other is not text)) for text in texts]
    scores = [
        len(words & mine) + 2 * (subject is not None and _subject(matter.text) == subject)
        for mine, matter in zip(own, there, strict=True)
    ]
    most = max(scores)
    return scores.index(most) if most and scores.count(most) == 1 else None


def _place_of(tracker: Tracker, piece: str, matter: Matter, street: str) -> str:
    """The place that is said behind a matter's name; empty when none is.

    A number that something follows counts that ("3 weeks"), unless the engine has heard a place.
    """
    behind = piece[_end_of_name(piece, matter) :].strip(" ,.;:!")
    street = street_in(matter.place) if BETWEEN in noted_in(tracker, "item_place") and matter.place else street
    own = next((heard for heard in entities_of(tracker, "street") if heard in behind), "")
    if own:
        return own + behind.partition(own)[2]
    numbers = list(NUMBER.finditer(behind))
    if not numbers:
        return ""
    led, number, rest = behind[: numbers[0].start()], numbers[0].group(), behind[numbers[0].end() :]
    if re.match(r"\s*\w", rest) and entity_of(tracker, "act") not in PLACES:
        return ""
    if len(numbers) == 1 and len(led.split()) < BARE and street:
        detail = rest.strip(" ,.;:!")
        return f"{street} {number}, {detail}" if detail else f"{street} {number}"
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


def street_in(place: str) -> str:
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
    noted = noted_in(tracker, "item_place")
    changed = first.place != noted if first.place else BETWEEN in noted  # a street of the others is none of the first
    place = {"item_place": first.place or None} if changed else {}
    return {**matter_slots(tracker, first.text), **place, MORE: written(rest)}
