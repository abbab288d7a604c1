"""What each act of a message does to the form: what it fills, and what is said about it."""

from collections.abc import Callable

from rasa_sdk.interfaces import Tracker

from actions.amending import mended
from actions.beside import AGREED, ANSWERS, BLANKS
from actions.fixes import (
    CORRECTED,
    NOT_TAKEN,
    add_text,
    fix_contact,
    fix_kind,
    fix_text,
    reworded,
)
from actions.items import NONE
from actions.moving import fix_place
from actions.named import named_slots
from actions.noted import (
    Filled,
    Slots,
    asked_of,
    given,
    heard_place,
    kept,
    note_contact,
    note_place,
    noted_in,
    nothing,
    say,
    shown,
)
from actions.parting import PARTED, by_name, note_apart
from actions.rewording import names_in, what_goes
from actions.words import text_of


def left_open(tracker: Tracker, act: str) -> Slots:
    """What is still open, left so: who wants it sent behind what she tells sees the summary next."""
    sends = act == "send" and noted_in(tracker, "item_text")
    return {slot: NONE for slot in BLANKS if not tracker.get_slot(slot)} if sends else {}


def _send(tracker: Tracker) -> Filled:
    """At the summary it is sent; before, what is still open stays empty and the summary comes."""
    beside = given(tracker)
    if asked_of(tracker) == "item_confirm":
        return {**beside, "item_confirm": "send"}, []
    if not noted_in(tracker, "item_text"):
        return {**kept(tracker), **beside}, []
    return {**left_open(tracker, "send"), **beside}, []


def _yes(tracker: Tracker) -> Filled:
    """At the summary it is sent, unless something was said with it: then that is shown first."""
    if beside := given(tracker):
        return beside, shown(tracker)
    return ({"item_confirm": "send"} if asked_of(tracker) == "item_confirm" else kept(tracker)), []


def _ack(tracker: Tracker) -> Filled:
    return _yes(tracker) if asked_of(tracker) == "item_confirm" else nothing(tracker)


def _skip(tracker: Tracker) -> Filled:
    """Leaves open what was asked; at the summary there is nothing to skip, and it is shown again."""
    asked, beside = asked_of(tracker), given(tracker)
    if asked in BLANKS:
        return {asked: NONE, **beside}, []
    if beside:
        return beside, shown(tracker)
    return (kept(tracker), []) if asked == "item_confirm" else nothing(tracker)


def _no(tracker: Tracker) -> Filled:
    return _change(tracker) if asked_of(tracker) == "item_confirm" else _skip(tracker)


def _leave_out(tracker: Tracker) -> Filled:
    """Takes out what is named, place or contact; the one that was given, when nothing tells."""
    noted = {slot: noted_in(tracker, slot) for slot in BLANKS}
    named, asked = named_slots(text_of(tracker), noted), asked_of(tracker)
    if not named and (filled := reworded(tracker)):
        return filled, CORRECTED
    if asked in BLANKS and named in ([], [asked]):
        return {asked: NONE}, []
    if not named and what_goes(text_of(tracker)) and names_in(text_of(tracker)):
        return kept(tracker), NOT_TAKEN
    meant = [slot for slot in named or BLANKS if noted[slot]]
    if len(meant) == 1:
        return {meant[0]: NONE}, ["utter_item_left_out"]
    return kept(tracker), ["utter_item_ask_left_out" if any(noted.values()) else "utter_item_nothing_out"]


def _change(tracker: Tracker) -> Filled:
    """At the summary it is asked what, unless the new text or place stands there."""
    if noted_in(tracker, "item_text") and (filled := reworded(tracker)):
        return filled, CORRECTED
    if beside := given(tracker):
        return beside, shown(tracker)
    return {"item_confirm": None}, []


def _readback(tracker: Tracker) -> Filled:
    """What is noted so far; the summary says it by itself."""
    return kept(tracker), [] if asked_of(tracker) == "item_confirm" else ["utter_item_noted"]


def _place(tracker: Tracker) -> Filled:
    """A place; that of a matter which is named, where several are told. Another than was noted corrects that."""
    noted = noted_in(tracker, "item_place") if asked_of(tracker) != "item_place" else ""
    corrects = noted and (heard_place(tracker) or mended(noted, text_of(tracker)))
    return _named(tracker) or (fix_place(tracker) if corrects else note_place(tracker))


def _contact(tracker: Tracker) -> Filled:
    """A contact, and the place of a matter that is named beside it."""
    return _named(tracker) or note_contact(tracker)


def _named(tracker: Tracker) -> Filled | None:
    named = by_name(tracker, {}) if noted_in(tracker, "item_text") else {}
    return (named, PARTED) if named else None


def in_words(tracker: Tracker) -> Filled:
    """Words that are no command; those that name one of several matters are about that."""
    return _named(tracker) or say(tracker)


def _perhaps_person(tracker: Tracker) -> Filled:
    """Words that may call a person: what tells the matter is noted, and it is asked."""
    filled, says = in_words(tracker) if asked_of(tracker) == "item_text" else (kept(tracker), [])
    return {**filled, "asked": AGREED["person"]}, [*says, ANSWERS["person"]]


ACTS: dict[str, Callable[[Tracker], Filled]] = {
    "text": add_text,
    "place": _place,
    "contact": _contact,
    "add": add_text,
    "fix_text": fix_text,
    "fix_place": fix_place,
    "fix_contact": fix_contact,
    "fix_kind": fix_kind,
    "send": _send,
    "yes": _yes,
    "ack": _ack,
    "skip": _skip,
    "no": _no,
    "leave_out": _leave_out,
    "change": _change,
    "readback": _readback,
    "status": lambda tracker: (kept(tracker), ["utter_item_not_sent"]),
    "hold": lambda tracker: (kept(tracker), ["utter_item_hold"]),
    "two": note_apart,
    "aside": lambda tracker: (kept(tracker), ["utter_item_about"]),
    "perhaps_cancel": lambda tracker: ({**kept(tracker), "asked": "/cancel"}, ["utter_item_ask_cancel"]),
    "perhaps_person": _perhaps_person,
    "nothing": nothing,
    "thank": nothing,
    "greet": nothing,
    "presence": nothing,
}
