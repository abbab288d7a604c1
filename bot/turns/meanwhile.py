"""What the assistant does while a person is waited for: it answers what it is sure of, and notes the rest for her.

The place in the queue stays, and nobody meets silence (design §9.4). A report that is asked for goes on beside the
waiting; one that was open when the person was called is laid aside: the dialogue's state has it, and the
conversation's `active_form`, which is the form whose question is open, has not.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.states import Outcome, Reason
from bot.text import plain
from bot.turns.reply import WARNED, Line, Reply

BACK, PLACE, SAFE, NOTE = "utter_back", "utter_wait_time", "utter_safe", "utter_note"
PERHAPS = "utter_perhaps_danger"
# Said to who gives up what is under way: that is the waiting, where no form goes on.
GIVEN_UP = frozenset({"utter_nothing_to_cancel", "utter_item_cancelled", "utter_item_cancelled_kept"})
# "When do I get an answer" is about the waiting where nothing was filed.
WHICH = "utter_item_ask_reference"
ANSWER, PART = "utter_faq/", "utter_part"
ANSWERS = frozenset({Outcome.ANSWERED, Outcome.STATUS_GIVEN, Outcome.FILED})
FORM = ("active_form", "requested_slot")
OF_FORM = "item_"  # how the names of its slots begin


class Meanwhile(Enum):
    """What a reply comes to while a person is waited for."""

    SAID = "said"
    FORM = "a step of the form that goes on beside the waiting"
    SAFE = "it was no danger, or is none any more"
    BACK = "back to the assistant"
    PLACE = "the place in the queue"
    NOTED = "noted for the person"
    FAULT = "what she typed for the form could not be understood just now"


@dataclass(frozen=True)
class Told:
    """What is known of the message that a reply answers."""

    pressed: bool = False
    contact: bool = False  # a telephone number or an e-mail stands in it
    asks: bool = False  # it reads like a question
    form: bool = False  # a form goes on beside the waiting
    slots: dict[str, Any] | None = None  # what the dialogue knew before
    left: tuple[str, ...] = ()  # the kinds of contact that she has written, where they are told

    @property
    def answered(self) -> frozenset[str]:
        """The answers that she has had."""
        return frozenset(f"{ANSWER}{topic}" for turn in turns_of(self.slots) for topic in turn)


def meaning_of(reply: Reply, told: Told) -> Meanwhile:
    """What is done with a reply that the assistant would give if nobody were waited for."""
    names = {line.response for line in reply.lines}
    if BACK in names:
        return Meanwhile.BACK
    if told.form and (reply.outcome == Outcome.ERROR or reply.handoff is Reason.ASSISTANT_ERROR):
        return Meanwhile.FAULT
    if told.form:
        return Meanwhile.PLACE if reply.outcome == Outcome.HANDED_OVER else Meanwhile.FORM
    if names & GIVEN_UP:
        return Meanwhile.BACK
    if names & {PLACE, WHICH} or reply.outcome == Outcome.HANDED_OVER:
        return Meanwhile.PLACE
    if SAFE in names:
        return Meanwhile.SAFE
    if reply.active_form:
        return Meanwhile.FORM if is_asked_for(reply, told) else Meanwhile.NOTED
    if told.pressed or reply.outcome != Outcome.ANSWERED:
        return Meanwhile.SAID if reply.outcome in ANSWERS else Meanwhile.NOTED
    # A contact is for whoever answers. Who has had an answer and asks nothing tells the person more about it.
    noted = NOTE in names or told.contact or (names & told.answered and not told.asks)
    return Meanwhile.NOTED if noted else Meanwhile.SAID


def reads_like_a_question(text: str, words: Mapping[str, Any]) -> bool:
    """Whether a text has a question mark, or a clause that begins as questions do (`asking` in `words.yml`).

    The engine says what a message is about. This only chooses between saying an answer once more and offering it.
    """
    if "?" in text or "¿" in text:
        return True
    begins = tuple(f"{word} " for word in words.get("asking") or ())
    return any(f"{plain(clause)} ".startswith(begins) for clause in re.split(r"[,.;:!\n]+", text))


def is_asked_for(reply: Reply, told: Told) -> bool:
    """Whether a report that begins is wanted: whoever was in danger and tells what happened, tells it to the person."""
    warned = (told.slots or {}).get(WARNED)
    return told.pressed or not (warned and ((reply.state or {}).get("slots") or {}).get("item_text"))


def spoken(reply: Reply, meaning: Meanwhile) -> list[Line]:
    """What of the reply is said: all of it, or else only the line that asks whether there is danger."""
    whole = meaning in (Meanwhile.SAID, Meanwhile.FORM, Meanwhile.SAFE)
    return [line for line in reply.lines if whole or line.response == PERHAPS]


def answers_a_question(reply: Reply) -> bool:
    """Whether something was looked up for her, rather than said in passing."""
    return any(line.response.startswith((ANSWER, PART)) for line in reply.lines)


def about(state: dict[str, Any] | None, topic: str | None) -> dict[str, Any] | None:
    """The state as if `topic` had been answered last, and nothing offered since: she answers that message."""
    if state is None or topic is None:
        return state
    slots = state.get("slots") or {}
    turns = [[other for other in turn if other != topic] for turn in turns_of(slots)]
    topics = json.dumps([[topic], *(turn for turn in turns if turn)])
    return {**state, "slots": {**slots, "topics": topics, "offered": None}}


def turns_of(slots: dict[str, Any] | None) -> list[list[str]]:
    """The topics that were answered, turn by turn, the last first."""
    turns: list[list[str]] = json.loads((slots or {}).get("topics") or "[]")
    return turns


def last_topic(state: dict[str, Any] | None) -> str:
    """The topic that was answered last; empty when there was none."""
    turns = turns_of((state or {}).get("slots"))
    return str(turns[0][-1]) if turns and turns[0] else ""


def laid_aside(state: dict[str, Any] | None) -> str | None:
    """The form that the dialogue's state has, whether or not it goes on now."""
    return (state or {}).get("active_form")


def is_over(before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether the turn has sent or dropped the report that was under way: laid aside again, it would be sent twice."""
    kind = [(state or {}).get("slots", {}).get("item_kind") for state in (before, after)]
    return bool(after) and bool(kind[0]) and not kind[1]


def is_aside(state: dict[str, Any] | None, active_form: str | None) -> bool:
    """Whether a form was begun, and its question is not the open one."""
    return bool(laid_aside(state)) and not active_form


def without_form(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """The dialogue's state beside a form that was begun: what is written to people is no answer to its question."""
    return state and {**state, **dict.fromkeys(FORM)}


def with_form(state: dict[str, Any] | None, before: dict[str, Any] | None) -> dict[str, Any] | None:
    """The state after the turn, with the form of `before`, and all that was noted in it; unless it was sent."""
    if not state or not before:
        return state
    if is_over(before, state):
        return state
    kept = {name: value for name, value in before["slots"].items() if name.startswith(OF_FORM)}
    form = {name: before.get(name) for name in FORM}
    return {**state, **form, "slots": {**state["slots"], **(kept if laid_aside(before) else {})}}
