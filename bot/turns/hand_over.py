"""Where a turn meets people: a case is opened, people are called, a place in the queue is told or given up."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from bot.conversation.inbox import Waiting
from bot.conversation.writer import Said, Writer
from bot.handoff.cases import Cases
from bot.handoff.owed import Owed
from bot.handoff.waiting import NOTED
from bot.states import Author, Reason, State, with_slot
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, now
from bot.turns.answered import said_of
from bot.turns.assistant import CRISIS, CRISIS_AGAIN, WARNED, Line, Reply
from bot.turns.meanwhile import Meanwhile

REPEATED = dt.timedelta(minutes=1)  # within it the emergency numbers are not said again word for word


class HandOver:
    """What a turn does with cases, each within the unit of work that stores the turn."""

    def __init__(self, writer: Writer, cases: Cases, owed: Owed, numbers: Callable[[str, str, str], Line]) -> None:
        self._writer = writer
        self._cases = cases
        self._owed = owed
        self._numbers = numbers

    async def do_open(self, uow: UnitOfWork, conversation: Conversation, reason: Reason) -> None:
        """Open a case, once what the turn says is written."""
        await uow.session.flush()
        await self._cases.do_open(uow, conversation, reason)

    async def do_owe(self, uow: UnitOfWork, conversation: Conversation, reply: Reply, reason: Reason) -> None:
        """Note a person who is needed and cannot be called now; she is told when nothing else is said."""
        if not reply.lines:
            await self._writer.do_say_surely(uow, conversation, NOTED)
        await self._owed.do_owe(uow, conversation, reason)

    async def do_warn(self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply) -> None:
        """Say the numbers, shorter when they were said a moment ago, and call people."""
        line = await self._numbers_now(uow, conversation)
        await self._writer.do_say(uow, conversation, said_of(line, reply, waiting))
        conversation.engine_state = with_slot(conversation.engine_state, WARNED, True)
        await uow.session.flush()
        await self._cases.do_call(uow, conversation, Reason.CRISIS)

    async def _numbers_now(self, uow: UnitOfWork, conversation: Conversation) -> Line:
        told = select(Message.id).where(
            Message.conversation_id == conversation.id,
            Message.response.in_((CRISIS, CRISIS_AGAIN)),
            Message.created_at > now() - REPEATED,
        )
        again = await uow.session.scalar(told.limit(1)) is not None
        return self._numbers(conversation.agency, conversation.language, CRISIS_AGAIN if again else CRISIS)

    async def do_keep_waiting(self, uow: UnitOfWork, conversation: Conversation, meaning: Meanwhile) -> None:
        """Give the place in the queue up when she wants to go back, else tell it."""
        if meaning is Meanwhile.BACK:
            await self._cases.do_cancel_wait(uow, conversation)
        else:
            await self._cases.do_tell_place(uow, conversation, noted=meaning is Meanwhile.NOTED)

    async def do_button(self, uow: UnitOfWork, conversation: Conversation, pressed: str, *, off: bool) -> None:
        """Buttons of the page itself: language, back to the assistant (unless it is `off`), end."""
        if pressed.startswith("lang."):
            conversation.language = pressed.removeprefix("lang.")
            await self._writer.do_say_response(uow, conversation, "utter_language_changed", Author.ASSISTANT)
        elif pressed == "system.end" and conversation.state != State.CLOSED:
            await self._do_end(uow, conversation)
        elif pressed == "system.back" and off:
            await self._writer.do_say_response(uow, conversation, "utter_assistant_still_off")
        elif pressed == "system.back" and conversation.state == State.WAITING_STAFF:
            await self._cases.do_cancel_wait(uow, conversation)
        elif pressed == "system.back" and conversation.state == State.ASSISTANT:
            await self._writer.do_say_response(uow, conversation, "utter_waiting_cancelled")

    async def _do_end(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """End the conversation as she asks; in danger that nobody has replied to, she is told the numbers instead."""
        if not await self._cases.is_left_in_danger(uow, conversation):
            await self._cases.do_end(uow, conversation, "citizen", "ended_by_citizen")
            return
        line = await self._numbers_now(uow, conversation)
        said = Said(Author.ASSISTANT, line.rendered.text, line.rendered.buttons, response=line.response)
        await self._writer.do_say(uow, conversation, said)
        await self._cases.do_note_end(uow, conversation)
