"""What the assistant does while a person is waited for: it answers what it is sure of, and notes the rest for her.

The place in the queue stays, and nobody meets silence (design §9.4).
"""

import json
from enum import Enum
from typing import Any

from bot.states import Outcome
from bot.turns.assistant import Line, Reply

BACK, PLACE = "utter_back", "utter_wait_time"
PERHAPS = "utter_perhaps_danger"
ANSWERS = frozenset({Outcome.ANSWERED, Outcome.STATUS_GIVEN, Outcome.FILED})
FORM = ("active_form", "requested_slot")


class Meanwhile(Enum):
    """What a reply comes to while a person is waited for."""

    SAID = "said"
    BACK = "back to the assistant"
    PLACE = "the place in the queue"
    NOTED = "noted for the person"


def meaning_of(reply: Reply) -> Meanwhile:
    """What is done with a reply that the assistant would give if nobody were waited for."""
    names = {line.response for line in reply.lines}
    if BACK in names:
        return Meanwhile.BACK
    if PLACE in names or reply.outcome == Outcome.HANDED_OVER:
        return Meanwhile.PLACE
    return Meanwhile.SAID if reply.outcome in ANSWERS and "utter_note" not in names else Meanwhile.NOTED


def spoken(reply: Reply, meaning: Meanwhile) -> list[Line]:
    """What of the reply is said: all of it, or else only the line that asks whether there is danger."""
    return [line for line in reply.lines if meaning is Meanwhile.SAID or line.response == PERHAPS]


def about(state: dict[str, Any] | None, topic: str | None) -> dict[str, Any] | None:
    """The state as if `topic` had been answered last, and nothing offered since: she answers that message."""
    if state is None or topic is None:
        return state
    slots = state.get("slots") or {}
    turns = [[other for other in turn if other != topic] for turn in json.loads(slots.get("topics") or "[]")]
    topics = json.dumps([[topic], *(turn for turn in turns if turn)])
    return {**state, "slots": {**slots, "topics": topics, "offered": None}}


def without_form(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """The dialogue's state beside a form that was begun: what is written to people is no answer to its question."""
    return state and {**state, **dict.fromkeys(FORM)}


def with_form(state: dict[str, Any] | None, before: dict[str, Any] | None) -> dict[str, Any] | None:
    """The state after the turn, with the form of `before` as it was, unless the turn has sent or dropped it."""
    if state and not state["slots"].get("item_kind"):
        return state
    return state and before and {**state, **{name: before.get(name) for name in FORM}}
