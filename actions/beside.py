"""What is said to the clerk beside what is told is answered, whatever the message does as a whole."""

from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.clauses import HARDLY_TOLD, Clause, clauses_of, names_matter

# What is answered, whatever is told beside it.
ANSWERS = {
    "aside": "utter_item_about",
    "status": "utter_item_not_sent",
    "readback": "utter_item_noted",
    "cancel": "utter_item_ask_cancel",
    "person": "utter_item_ask_person",
}
QUESTIONS = ("aside", "status", "readback")
AGREED = {"cancel": "/cancel", "person": "/ask_human"}  # what a yes to that does
STANDING = ("person",)  # what is still answered when it is sent
AT_FIRST = ("aside", "cancel", "person")  # what can be asked when nothing was noted yet
BLANKS = ("item_place", "item_contact")


def answered(tracker: Tracker, filled: dict[str, Any], act: str) -> tuple[dict[str, Any], list[str]]:
    """What is said to the questions and wishes among the clauses, and what a yes in the next message does.

    `filled` is what the message gives the form, as a whole by `act`: the summary that follows upon it need not be read
    out before.
    """
    clauses = clauses_of(tracker)
    beside = [clause for clause in clauses if _is_beside(tracker, clause, act)] if len(clauses) > 1 else []
    wanted = [act for act in ANSWERS if any(clause.is_act(act) for clause in beside)]
    if not tracker.get_slot("requested_slot"):
        wanted = [act for act in wanted if act in AT_FIRST]
    if _summary_follows(tracker, filled):
        wanted = [act for act in wanted if act != "readback"]
    if filled.get("item_confirm") == "send":
        wanted = [act for act in wanted if act in STANDING]
    agreed = [AGREED[act] for act in wanted if act in AGREED]
    return {"asked": agreed[-1]} if agreed else {}, [ANSWERS[act] for act in wanted]


def _is_beside(tracker: Tracker, clause: Clause, act: str) -> bool:
    """Whether it hardly tells. What names the matter in a story is told, though it sounded like a question."""
    return clause.tells < HARDLY_TOLD and not (clause.act in QUESTIONS and names_matter(tracker, clause, act))


def _summary_follows(tracker: Tracker, filled: dict[str, Any]) -> bool:
    noted = {**tracker.slots, **filled}
    return all(noted.get(slot) for slot in ("item_text", *BLANKS))
