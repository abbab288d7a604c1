"""Where a turn meets people: a case is opened, people are called, a place in the queue is told or given up."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from bot.conversation.inbox import Waiting
from bot.conversation.writer import Said, Writer
from bot.handoff.cases import Cases
from bot.handoff.danger import is_left_in_danger
from bot.handoff.owed import Owed
from bot.handoff.waiting import NOTED
from bot.states import Author, Reason, State, with_slot
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, now
from bot.turns.answered import said_of
from bot.turns.meanwhile import ANSWER, last_topic
from bot.turns.reply import CRISIS, CRISIS_AGAIN, WARNED, Line, Reply
from bot.turns.waits import Waits

REPEATED = dt.timedelta(minutes=1)  # within it the emergency numbers are not said again word for word


class HandOver:
    """What a turn does with cases, each within the unit of work that stores the turn."""

    def __init__(self, writer: Writer, cases: Cases, owed: Owed, numbers: Callable[[str, str, str, str], Line]) -> None:
        self._writer = writer
        self._cases = cases
        self._owed = owed
        self._numbers = numbers
        self.waits = Waits(writer, cases)

    async def do_open(self, uow: UnitOfWork, conversation: Conversation, reason: Reason) -> None:
        """Open a case, once what the turn says is written."""
        await uow.session.flush()
        await self._cases.do_open(uow, conversation, reason)
        if reason != Reason.CRISIS:
            await self.waits.do_say_at_any_hour(uow, conversation)
        if reason == Reason.ASKED:
            await self.waits.do_say_form_waits(uow, conversation)

    async def do_owe(self, uow: UnitOfWork, conversation: Conversation, reply: Reply, reason: Reason) -> None:
        """Note a person who is needed and cannot be called now; she is told when nothing else is said."""
        if not reply.lines:
            await self._writer.do_say_surely(uow, conversation, NOTED)
        await self._owed.do_owe(uow, conversation, reason)

    async def do_warn(self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply) -> None:
        """Say the numbers, shorter when they were said a moment ago, and call people."""
        line = await self._numbers_now(uow, conversation, waiting.text)
        await self._writer.do_say(uow, conversation, said_of(line, reply, waiting))
        conversation.engine_state = with_slot(conversation.engine_state, WARNED, True)
        conversation.active_form = None
        await uow.session.flush()
        await self._cases.do_call(uow, conversation, Reason.CRISIS)

    async def _numbers_now(self, uow: UnitOfWork, conversation: Conversation, text: str = "") -> Line:
        told = select(Message.id).where(
            Message.conversation_id == conversation.id,
            Message.response.in_((CRISIS, CRISIS_AGAIN)),
            Message.created_at > now() - REPEATED,
        )
        again = await uow.session.scalar(told.limit(1)) is not None
        response = CRISIS_AGAIN if again else CRISIS
        return self._numbers(conversation.agency, conversation.language, response, text)

    async def do_button(self, uow: UnitOfWork, conversation: Conversation, pressed: str, *, off: bool) -> None:
        """Buttons of the page itself: language, back to the assistant (unless it is `off`), end."""
        if pressed.startswith("lang."):
            await self._do_change_language(uow, conversation, pressed.removeprefix("lang."))
        elif pressed == "system.end" and conversation.state != State.CLOSED:
            await self._do_end(uow, conversation)
        elif pressed == "system.back" and off:
            await self._writer.do_say_response(uow, conversation, "utter_assistant_still_off")
        elif pressed == "system.back" and conversation.state == State.WAITING_STAFF:
            await self.waits.do_go_back(uow, conversation)
        elif pressed == "system.back" and conversation.state == State.ASSISTANT:
            await self._writer.do_say_response(uow, conversation, "utter_waiting_cancelled")

    async def _do_end(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """End the conversation as she asks; in danger that nobody has replied to, she is told the numbers instead."""
        if not await is_left_in_danger(uow.session, [conversation.id]):
            await self._cases.do_end(uow, conversation, "citizen", "ended_by_citizen")
            return
        line = await self._numbers_now(uow, conversation)
        said = Said(Author.ASSISTANT, line.rendered.text, line.rendered.buttons, response=line.response)
        await self._writer.do_say(uow, conversation, said)
        await self._cases.do_note_end(uow, conversation)

    async def _do_change_language(self, uow: UnitOfWork, conversation: Conversation, language: str) -> None:
        """Go on in `language`, and say the last answer again in it; ask which one where the town has none such."""
        if language not in self._writer.knowledge.languages:
            await self._writer.do_say_response(uow, conversation, "utter_choose_language", Author.ASSISTANT)
            return
        changed, conversation.language = language != conversation.language, language
        await self._writer.do_say_response(uow, conversation, "utter_language_changed", Author.ASSISTANT)
        answer = f"{ANSWER}{last_topic(conversation.engine_state)}"
        if changed and not conversation.active_form and self._writer.knowledge.answer(answer, language):
            await self._writer.do_say_response(uow, conversation, answer, Author.ASSISTANT)
