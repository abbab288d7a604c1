"""Reads a citizen's words inside the form. It is hers: what she types is an answer, else an addition, and is kept.

What the message does was judged by the engine, in its situation (`engine/reading.py`): the act of a `form` intent. Here
it fills, adds, corrects. A message that gives the form nothing leaves it asking again; one that is not meant for it
(another intent) is answered first.
"""

from collections.abc import Callable
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.amending import mended
from actions.asking import summary
from actions.beside import AGREED, ANSWERS, BLANKS, answered
from actions.clauses import HARDLY_TOLD, NAMED, Clause, act_told, clauses_of, parted, refuses_asked, said_only
from actions.contact import find_contact
from actions.context import current
from actions.earlier import TOLD, keeping_unsure, unsure_of
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
from actions.joining import JOINED, joined_again, said_to_be_one
from actions.left import was_left
from actions.moving import fix_place
from actions.named import named_slots
from actions.noted import (
    MAX_TEXT,
    Filled,
    Slots,
    asked_of,
    given,
    heard_place,
    kept,
    note_contact,
    note_location,
    note_place,
    noted_in,
    nothing,
    say,
    shown,
)
from actions.orders import ordered
from actions.parting import PARTED, by_name, is_parting, note_apart
from actions.refusing import SENDS, act_left, declined, gives_up, taken_back
from actions.rewording import names_in, what_goes
from actions.typed import pressed, typed
from actions.unsure import AGAIN, UNSURE, unsure_at, unsure_buttons
from actions.words import entity_of, intent_of, text_of

SHOWN_IN_SUMMARY = ("utter_item_corrected", "utter_item_added", "utter_item_left_out")
# What says little to those who do not know that a contact stands in it, or that a place does.
NODS = ("nothing", "yes", "ack", "thank", "greet")
LITTLE = (*NODS, "add", "text", "place", "fix_text", "fix_place", "perhaps_cancel")
# What a message is taken for that gives the form nothing, and what its words are where they are no command.
SMALL = ("presence", "greet", "ack", "thank", "nothing", "hold", "readback")
WORDS = ("say", "add", "text", "place", "aside")
# What a whole message commands, and which of it leaves what is told beside it to be noted.
COMMANDS = ("send", "yes", "ack", "skip", "no", "change", "leave_out", "hold", "perhaps_cancel", "nothing", "readback")
NOTE_NOTHING = ("skip", "no", "change", "hold", "perhaps_cancel", "nothing", "readback")


class ValidateItemForm(Action):
    """Fills the form's slots. When it fills none, the form steps aside and the question is answered first."""

    def name(self) -> str:
        return "validate_item_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The slots that this message fills, as events; none when it is not meant for the form."""
        filled, says = await _read_after_a_while(tracker)
        for response in says:
            if tracker.get_slot("requested_slot") == "item_confirm" and response in SHOWN_IN_SUMMARY:
                response = "utter_item_changed"
            args = summary(tracker, current().knowledge, filled)
            if response in (UNSURE, AGAIN):
                text = str(filled.get("item_text") or "")
                where = unsure_at(noted_in(tracker, "item_text"), text) if text else unsure_of(tracker)
                args["buttons"] = unsure_buttons(tracker, where)
                filled[TOLD] = keeping_unsure(tracker, where)
            dispatcher.utter_message(response=response, most=MAX_TEXT, **args)
        return [SlotSet(name, value) for name, value in filled.items()]


async def _read_after_a_while(tracker: Tracker) -> Filled:
    """As `read`; who was away for long does not see the summary that a nod would send, nor what was asked."""
    filled, says = read(tracker)
    if intent_of(tracker) != "form":
        return filled, says
    if filled.get("item_confirm") == "send" and await was_left(tracker):
        return {**filled, "item_confirm": None}, says
    unheard = asked_of(tracker) == "item_place" and filled.get("item_place") == text_of(tracker)
    if unheard and not heard_place(tracker) and noted_in(tracker, "item_text") and await was_left(tracker):
        return add_text(tracker)
    return filled, says


def read(tracker: Tracker) -> Filled:
    """What the latest message fills (name → value), and what is said about it before the form goes on."""
    intent = intent_of(tracker)
    if intent == "choose":
        return pressed(tracker)
    if intent == "share_location":
        return note_location(tracker), []
    if not tracker.get_slot("requested_slot"):
        return {}, []
    told = typed(tracker) or tracker
    filled = pressed(told) if intent_of(told) == "choose" else ({}, [])
    if filled[0] or intent != "form":
        return filled
    return _heard(tracker if intent_of(told) == "choose" else told)


def _heard(tracker: Tracker) -> Filled:
    """What is told, without the words that are said to the clerk beside it; those are answered."""
    act = _act_of(tracker)
    if order := ordered(tracker, act):
        return order
    if one := _one(tracker, act):
        return one
    told, beside = parted(tracker, act)
    if not beside or (act in COMMANDS and not _tells(tracker, act, told)):
        filled, says = _ACTS.get(act, _say)(tracker)
    else:
        left = act_left(tracker, act, told, beside)
        filled, says = _ACTS.get(left, _say)(said_only(tracker, told, left))
        filled = {**_left_open(tracker, act), **declined(tracker, beside, left), **filled}
    asked, answers = answered(tracker, filled, act)
    return {**asked, **filled}, [*(response for response in answers if response not in says), *says]


def _left_open(tracker: Tracker, act: str) -> Slots:
    """What is still open, left so: who wants it sent behind what she tells sees the summary next."""
    sends = act == "send" and noted_in(tracker, "item_text")
    return {slot: NONE for slot in BLANKS if not tracker.get_slot(slot)} if sends else {}


def _one(tracker: Tracker, act: str) -> Filled | None:
    """Joined again, where it is said to be one matter, with what is told beside that; None where it is not said."""
    one = said_to_be_one(tracker)
    if not one or not noted_in(tracker, "item_text"):
        return None
    filled = {**kept(tracker), **joined_again(tracker)}
    rest = [clause for clause in parted(tracker, act)[0] if clause not in one and not clause.refuses]
    if not rest or len(clauses_of(tracker)) == 1:
        return filled, JOINED
    left = act_told(act, rest, [])
    after = said_only(tracker, rest, left)
    after.slots = {**tracker.slots, **filled}
    more, says = _ACTS.get(left, _say)(after)
    return {**filled, **more}, [*JOINED, *says]


def _tells(tracker: Tracker, act: str, told: list[Clause]) -> bool:
    """Whether a clause beside the command `act` tells: an addition, a place, or what no command would note."""
    answers = ("add", "place") if asked_of(tracker) == "item_place" else ("add",)
    if any(clause.is_act(name) for clause in told for name in answers):
        return True
    said = said_only(tracker, told, act)
    return act in NOTE_NOTHING and bool(entity_of(said, "street") or find_contact(text_of(said)))


def _act_of(tracker: Tracker) -> str:
    """What the message does, also where the answer that stands in it was taken for a nod."""
    act, asked = entity_of(tracker, "act"), asked_of(tracker)
    only = clauses_of(tracker)
    if len(only) == 1 and (only[0].is_act("status") or only[0].is_act("two")):
        return only[0].act
    if act in SMALL and any(clause.act == "status" and clause.tells < HARDLY_TOLD for clause in only):
        return "status"
    leaves = [clause for clause in only if gives_up(clause.text, surely=act not in (*SMALL, *WORDS))]
    if leaves and not any(clause.tells >= NAMED for clause in only if clause not in leaves):
        return "perhaps_cancel"
    if act == "perhaps_cancel" and any(clause.is_act("send") for clause in only):
        return "readback"  # a yes to "shall I give it up?" would lose what she wants sent
    if asked == "item_confirm" and act in SENDS and (stopped := taken_back(tracker)):
        return stopped
    if asked == "item_contact" and act in LITTLE and find_contact(text_of(tracker)):
        return "contact"
    if all(refuses_asked(tracker, clause) for clause in only):
        return "skip"
    if act not in ("two", *COMMANDS) and is_parting(tracker):
        return "two"
    if asked == "item_place" and act in NODS and entity_of(tracker, "street"):
        return "place"
    return act


def _send(tracker: Tracker) -> Filled:
    """At the summary it is sent; before, what is still open stays empty and the summary comes."""
    beside = given(tracker)
    if asked_of(tracker) == "item_confirm":
        return {**beside, "item_confirm": "send"}, []
    if not noted_in(tracker, "item_text"):
        return {**kept(tracker), **beside}, []
    return {**_left_open(tracker, "send"), **beside}, []


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


def _say(tracker: Tracker) -> Filled:
    """Words that are no command; those that name one of several matters are about that."""
    return _named(tracker) or say(tracker)


def _perhaps_person(tracker: Tracker) -> Filled:
    """Words that may call a person: what tells the matter is noted, and it is asked."""
    filled, says = _say(tracker) if asked_of(tracker) == "item_text" else (kept(tracker), [])
    return {**filled, "asked": AGREED["person"]}, [*says, ANSWERS["person"]]


_ACTS: dict[str, Callable[[Tracker], Filled]] = {
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
