"""What the assistant is asked, and what it answers: data that the turn hands on."""

from dataclasses import dataclass, field
from typing import Any

from bot.knowledge.render import Rendered
from bot.states import Outcome, Reason

CRISIS = "utter_crisis"
CRISIS_AGAIN = "utter_crisis_again"
WARNED = "warned"  # slot: emergency numbers were given in this conversation


@dataclass(frozen=True)
class Question:
    """A message with what the conversation remembers: `text` or `payload`, never both."""

    turn_id: str
    text: str | None
    payload: str | None
    language: str
    agency: str
    channel: str
    misunderstood: int
    state: dict[str, Any] | None
    people: str = ""  # "waiting" or "staff" once a person was called


@dataclass(frozen=True)
class Line:
    """One thing to say: the response's name and its words."""

    response: str
    rendered: Rendered


@dataclass(frozen=True)
class Reply:
    """What a turn came to. `handoff` is set when a person is to take over."""

    outcome: Outcome
    language: str
    lines: list[Line] = field(default_factory=list)
    topic: str | None = None
    ranking: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] | None = None
    active_form: str | None = None
    handoff: Reason | None = None
    engine_ms: float | None = None
    tries: int = 0
    intent: str = ""
