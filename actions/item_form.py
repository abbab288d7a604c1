"""Reads a citizen's words inside the form. It is hers: what she types is an answer, else an addition, and is kept.

What the message does was judged by the engine, in its situation (`engine/reading.py`): the act of a `form` intent. Here
it fills, adds, corrects. A message that gives the form nothing leaves it asking again; one that is not meant for it
(another intent) is answered first.
"""

from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.acts import ACTS, in_words, left_open
from actions.asking import summary
from actions.beside import answered
from actions.clauses import HARDLY_TOLD, NAMED, Clause, act_told, clauses_of, parted, refuses_asked, said_only
from actions.contact import find_contact
from actions.context import current
from actions.earlier import TOLD, keeping_unsure, unsure_of
from actions.fixes import (
    add_text,
)
from actions.joining import JOINED, joined_again, said_to_be_one
from actions.left import was_left
from actions.noted import (
    MAX_TEXT,
    Filled,
    asked_of,
    heard_place,
    kept,
    note_location,
    noted_in,
)
from actions.orders import ordered
from actions.parting import is_parting
from actions.refusing import SENDS, act_left, declined, gives_up, taken_back
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
        filled, says = ACTS.get(act, in_words)(tracker)
    else:
        left = act_left(tracker, act, told, beside)
        filled, says = ACTS.get(left, in_words)(said_only(tracker, told, left))
        filled = {**left_open(tracker, act), **declined(tracker, beside, left), **filled}
    asked, answers = answered(tracker, filled, act)
    return {**asked, **filled}, [*(response for response in answers if response not in says), *says]


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
    more, says = ACTS.get(left, in_words)(after)
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
