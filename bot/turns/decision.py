"""What is done with a message: a situation in, a decision out. Touches no table."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import structlog

from bot.conversation.inbox import is_system
from bot.states import WITH_PEOPLE, Author, Outcome, Reason, State
from bot.turns.assistant import Assistant
from bot.turns.data_requests import COMMANDS
from bot.turns.reply import Reply
from bot.turns.situation import PERSON, Situation

log = structlog.get_logger()
SLOW = 0.3  # seconds; a turn that takes longer shows that the assistant is writing: a shorter sign only flickers


class Way(Enum):
    """The ways that a message can take."""

    DATA = "what she asks about her data"
    BUTTON = "a button of the page itself"
    REPLY = "the assistant replies"
    MEANWHILE = "the assistant replies while a person is waited for"
    PEOPLE = "it is left to people"


@dataclass(frozen=True)
class Decision:
    """A way, and its reply; where the message is left to people, a reply means danger. `off`: the assistant is off."""

    way: Way
    reply: Reply | None = None
    off: bool = False


class Decider:
    """Decides, and asks the assistant where it is the assistant's turn."""

    def __init__(self, assistant: Assistant, show_typing: Callable[[str, Author], None]) -> None:
        self._assistant = assistant
        self._show_typing = show_typing

    async def decide(self, situation: Situation) -> Decision:
        """What is done with the message of this situation."""
        situation = await self._with_danger(situation)
        off = self._assistant.is_off(situation.question.agency)
        if situation.pressed in COMMANDS:
            return Decision(Way.DATA)
        if is_system(situation.pressed) and situation.pressed != PERSON:
            return Decision(Way.BUTTON, off=off)
        if situation.state == State.WAITING_STAFF and not off:
            reply = await self._answer(situation)
            if reply.outcome != Outcome.CRISIS:
                return Decision(Way.MEANWHILE, reply)
            return Decision(Way.PEOPLE, self._warning(situation))
        if situation.state in WITH_PEOPLE or situation.state == State.CLOSED:
            danger = await self._assistant.hears_danger(situation.question)
            return Decision(Way.PEOPLE, self._warning(situation) if danger else None)
        return Decision(Way.REPLY, await self._answer(situation))

    async def _with_danger(self, situation: Situation) -> Situation:
        """Of a text that is cut to be understood, the part that tells of danger is what counts."""
        for part in situation.parts:
            question = replace(situation.question, text=part)
            if await self._assistant.hears_danger(question):
                return replace(situation, question=question)
        return situation

    async def _answer(self, situation: Situation) -> Reply:
        """The assistant's reply. Whatever breaks in it leads to a person, never to silence."""
        loop = asyncio.get_running_loop()
        typing = loop.call_later(SLOW, self._show_typing, situation.conversation, Author.ASSISTANT)
        try:
            return await self._assistant.answer(situation.question)
        except Exception:
            log.exception("turn.failed")
            return failed(situation)
        finally:
            typing.cancel()

    def _warning(self, situation: Situation) -> Reply:
        """The reply to danger where people have the conversation; the dialogue behind it stays where it was."""
        question = situation.question
        return Reply(
            Outcome.CRISIS,
            question.language,
            lines=[self._assistant.numbers(question.agency, question.language, said=question.text)],
            state=situation.dialogue,
            active_form=situation.form,
            handoff=Reason.CRISIS,
        )


def failed(situation: Situation) -> Reply:
    """What is said when nothing better is known: the dialogue stays where it was, and a person comes."""
    return Reply(
        Outcome.ERROR,
        situation.question.language,
        state=situation.dialogue,
        active_form=situation.form,
        handoff=Reason.ASSISTANT_ERROR,
    )
