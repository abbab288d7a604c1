"""What is decided from: one message, and its conversation as it stood when the message was read."""

from dataclasses import dataclass
from typing import Any

from bot.conversation.inbox import Waiting
from bot.states import State
from bot.text import MAX_LENGTH
from bot.turns.meanwhile import about, without_form
from bot.turns.parts import shortened
from bot.turns.reply import Question

PERSON = "system.person"


@dataclass(frozen=True)
class Situation:
    """A message as the assistant is asked about it, which button was pressed, and where the conversation stands."""

    conversation: str
    state: str
    question: Question
    pressed: str | None
    dialogue: dict[str, Any] | None
    form: str | None
    parts: tuple[str, ...] = ()  # of a text that is too long to be understood whole


def situation_of(waiting: Waiting) -> Situation:
    """The situation in which a message waits."""
    conversation = waiting.conversation
    return Situation(
        conversation=conversation.id,
        state=conversation.state,
        question=_question(waiting),
        pressed=waiting.pressed,
        dialogue=conversation.engine_state,
        form=conversation.active_form,
        parts=waiting.parts if len(waiting.text) > MAX_LENGTH else (),
    )


def _question(waiting: Waiting) -> Question:
    conversation = waiting.conversation
    pressed = "/ask_human" if waiting.pressed == PERSON else waiting.pressed
    waits = conversation.state == State.WAITING_STAFF
    aside = waits and not conversation.active_form
    state = without_form(conversation.engine_state) if aside else conversation.engine_state
    return Question(
        turn_id=waiting.inbox.turn_id,
        text=None if pressed else shortened(waiting.text),
        payload=pressed,
        language=conversation.language,
        agency=conversation.agency,
        channel=conversation.channel,
        misunderstood=conversation.misunderstood,
        state=about(state, waiting.inbox.payload.get("topic")),
        people="waiting" if waits else "staff" if conversation.state == State.STAFF else "",
    )
