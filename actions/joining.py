"""What went apart is one matter again when she says so, or says that she never wanted it apart."""

import re

from rasa_sdk.interfaces import Tracker

from actions.clauses import Clause, clauses_of
from actions.matters import MORE, waiting
from actions.noted import MAX_TEXT, Slots, matter_slots, noted_in
from actions.rewording import any_of, joined_text, level

JOINED = ["utter_item_joined"]


def said_to_be_one(tracker: Tracker) -> list[Clause]:
    """The clauses that say that it is one matter; none where it was never taken for several."""
    return [clause for clause in clauses_of(tracker) if _is_one(clause.text)]


def joined_again(tracker: Tracker) -> Slots:
    """What waits behind the text again, at the place of the first that has one; empty where nothing waits, or fits."""
    there = waiting(tracker)
    text = noted_in(tracker, "item_text")
    for matter in there:
        text = joined_text(text, matter.text)
    if not there or len(text) > MAX_TEXT:
        return {}
    place = noted_in(tracker, "item_place") or next((matter.place for matter in there if matter.place), "")
    return {**matter_slots(tracker, text), **({"item_place": place} if place else {}), MORE: None}


def _is_one(words: str) -> bool:
    said, no = level(words), rf"\b(?:{any_of('denies')}|don.?t)\b"
    if match := re.search(rf"\b(?:{any_of('one_thing')})\b", said):
        return not re.search(no, re.split(r"[,;.]", said[: match.start()])[-1])
    match = re.search(rf"\b(?:{any_of('splitting')})\w*", said)
    return bool(match and re.search(no, said[: match.start()]))
