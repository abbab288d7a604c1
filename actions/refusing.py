"""Whose a no is, in a message that says more: the answer to the question, part of a correction, or a yes taken back."""

from rasa_sdk.interfaces import Tracker

from actions.clauses import Clause, act_told, clauses_of, refuses_asked
from actions.items import NONE
from actions.noted import Slots, asked_of
from actions.rewording import any_of, command

ADDITIONS = ("text", "add")
CORRECTIONS = ("place", "fix_place", "fix_text", "fix_contact", "fix_kind", "change")
SENDS, STOPS = ("send", "yes", "ack"), {"no": "hold", "hold": "hold", "cancel": "perhaps_cancel"}


def declined(tracker: Tracker, beside: list[Clause], left: str) -> Slots:
    """The contact that is refused beside what is told; the no of "no, in Calle Mayor" is the correction's."""
    if asked_of(tracker) != "item_contact":
        return {}
    if any(refuses_asked(tracker, clause) for clause in beside):
        return {"item_contact": NONE}
    refuses = ("skip",) if left in CORRECTIONS else ("no", "skip")
    return {"item_contact": NONE} if any(clause.is_act(act) for clause in beside for act in refuses) else {}


def act_left(tracker: Tracker, act: str, told: list[Clause], beside: list[Clause]) -> str:
    """What the clauses do that are told, where the message as a whole does `act`.

    What is added behind the no to a contact is an addition, and does not take another's place.
    """
    best = max(told, key=lambda clause: clause.tells * clause.share)
    changes = any(clause.is_act("change") for clause in beside)
    if asked_of(tracker) == "item_contact" and best.act in ADDITIONS and not changes:
        return "add"
    return act_told(act, told, beside)


def taken_back(tracker: Tracker) -> str:
    """What takes back a yes that stands before it in the message, as an act of the form; empty when nothing does."""
    acts = [clause.act for clause in clauses_of(tracker) if any(clause.is_act(act) for act in (*SENDS, *STOPS))]
    return STOPS.get(acts[-1], "") if len(acts) > 1 and set(acts) & set(SENDS) else ""


def gives_up(said: str, *, surely: bool) -> bool:
    """Whether a clause of `said` gives it all up ("forget it"); `surely` where "leave it" may mean something else."""
    names = "|".join(any_of(name) for name in (("gives_up",) if surely else ("gives_up", "lets_be")))
    return command(said, rf"(?:{names})(?!\s+(?:{any_of('as_it_is')})\b)") is not None
