"""One message from the lane to its stored reply. No transaction spans the question to the engine."""

import asyncio
import datetime as dt
import time
from dataclasses import replace
from enum import Enum
from typing import Any

import structlog
from sqlalchemy import bindparam, select, update

from bot.apart import apart
from bot.assistant.assistant import CRISIS, CRISIS_AGAIN, Assistant, Question, Reply
from bot.assistant.policy import MISUNDERSTOOD
from bot.conversation.inbox import SYSTEM_BUTTONS, Waiting
from bot.conversation.meanwhile import Meanwhile, about, meaning_of, with_form, without_form
from bot.conversation.states import WITH_PEOPLE, Author, Outcome, Reason, State
from bot.conversation.writer import Said, Writer
from bot.handoff.cases import NOTED, Cases
from bot.handoff.owed import Owed
from bot.logs import bind_message
from bot.metrics import TURNS_NOT_STORED, count_turn
from bot.privacy.commands import COMMANDS, ERASING, PrivacyCommands
from bot.privacy.mask import mask_values
from bot.privacy.personal import kinds
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Conversation, Inbox, Message, Turn, now
from bot.tracing import span

log = structlog.get_logger()
PERSON = "system.person"
REPEATED = dt.timedelta(minutes=1)  # within it the emergency numbers are not said again word for word
MOST_ENTITIES = 20  # of one message; thousands of numbers tell nobody more
SLOW = 0.3  # seconds; a turn that takes longer shows that the assistant is writing: a shorter sign only flickers
_WAITING = (
    select(Inbox, Conversation, Message.text)
    .join(Conversation, Conversation.id == Inbox.conversation_id)
    .join(Message, (Message.conversation_id == Inbox.conversation_id) & (Message.seq == Inbox.message_seq))
    .where(Inbox.conversation_id == bindparam("conversation"), Inbox.answered_at.is_(None))
    .order_by(Inbox.id)
    .limit(1)
)
_LOCKED = select(Conversation).where(Conversation.id == bindparam("conversation")).with_for_update()
_ANSWERED = (
    update(Inbox)
    .where(Inbox.id == bindparam("inbox"), Inbox.answered_at.is_(None))
    .values(answered_at=bindparam("at"))
    .returning(Inbox.id)
    .execution_options(synchronize_session=False)
)


class Left(Enum):
    """What a turn leaves behind: more messages; none, and it returned the lease; or it found none to begin with."""

    MORE = "more"
    NONE = "none"
    NOTHING_FOUND = "nothing found"


class AnsweredMeanwhile(Exception):
    """The message of this turn has been answered by another node."""


class Turns:
    """Takes messages through their turns."""

    def __init__(
        self, database: Database, writer: Writer, cases: Cases, assistant: Assistant, owed: Owed | None = None
    ) -> None:
        self._database = database
        self._writer = writer
        self._cases = cases
        self._assistant = assistant
        self._owed = owed or Owed(database, cases)
        self._privacy = PrivacyCommands(writer, cases.secrets)

    async def do_next(self, conversation_id: str, waiting: Waiting | None = None) -> Left:
        """Answer the oldest waiting message of the conversation, which may be at hand; what is left to do for it."""
        started = time.perf_counter()
        waiting = waiting or await self._read_waiting(conversation_id)
        if waiting is None:
            return Left.NOTHING_FOUND
        bind_message(waiting.inbox.turn_id)
        with span("turn", message=waiting.inbox.turn_id, channel=waiting.conversation.channel):
            return await self._do_turn(waiting, started)

    async def _do_turn(self, waiting: Waiting, started: float) -> Left:
        replies: list[Reply] = []
        try:
            try:
                return await self._do_as_meant(waiting, started, replies)
            except AnsweredMeanwhile:
                raise
            except Exception:
                TURNS_NOT_STORED.inc()
                log.exception("turn.not_stored")
                return await self._do_store_alone(waiting, replies[0] if replies else _failed(waiting), started)
        except AnsweredMeanwhile:
            log.warning("turn.answered_meanwhile")
            return Left.MORE

    async def _do_as_meant(self, waiting: Waiting, started: float, replies: list[Reply]) -> Left:
        """The whole turn. `replies` gets what the assistant said before anything of it is stored."""
        conversation, payload = waiting.conversation, waiting.inbox.payload.get("payload")
        if payload in COMMANDS:
            return await self._do_about_data(waiting, started)
        if payload in SYSTEM_BUTTONS - {PERSON}:
            return await self._do_command(waiting, started)
        if conversation.state == State.WAITING_STAFF and not self._assistant.is_off(conversation.agency):
            replies.append(await self._answer(waiting))
            if replies[0].outcome != Outcome.CRISIS:
                return await self._do_meanwhile(waiting, replies[0], started)
            replies[0] = self._warning(waiting)
            return await self._do_leave_to_people(waiting, replies, started)
        if conversation.state in WITH_PEOPLE or conversation.state == State.CLOSED:
            if await self._assistant.hears_danger(_question(waiting)):
                replies.append(self._warning(waiting))
            return await self._do_leave_to_people(waiting, replies, started)
        replies.append(await self._answer(waiting))
        return await self._do_store(waiting, replies[0], started)

    async def _read_waiting(self, conversation_id: str) -> Waiting | None:
        async with self._database.read(short=True) as session:
            row = (await session.execute(_WAITING, {"conversation": conversation_id})).first()
            return Waiting(row[1], row[0], row[2]) if row else None

    async def _answer(self, waiting: Waiting) -> Reply:
        """The assistant's reply. Whatever breaks in it leads to a person, never to silence."""
        typing = asyncio.get_running_loop().call_later(
            SLOW, self._writer.hub.publish_typing, waiting.conversation.id, Author.ASSISTANT
        )
        try:
            return await self._assistant.answer(_question(waiting))
        except Exception:
            log.exception("turn.failed")
            return _failed(waiting)
        finally:
            typing.cancel()

    async def _do_store(self, waiting: Waiting, reply: Reply, started: float) -> Left:
        """One transaction: the message answered, the new state, what is said, and where it goes."""
        typed = [] if waiting.inbox.payload else await apart(kinds, waiting.text)
        async with self._database.write(short=True) as uow:
            conversation = await _read_locked(uow, waiting.conversation.id)
            if conversation.epoch != waiting.conversation.epoch:
                left = await self._do_drop(uow, conversation, waiting, reply, started)
                await uow.commit()
                return left
            before = public_form(conversation)
            conversation.engine_state = reply.state
            conversation.active_form = reply.active_form
            conversation.language = reply.language
            again = reply.outcome in MISUNDERSTOOD
            conversation.misunderstood = conversation.misunderstood + 1 if again else 0
            conversation.last_turn_seq = conversation.last_seq + 1
            for line in reply.lines:
                said = _said(line.response, line.rendered, reply, waiting)
                await self._writer.do_say(uow, conversation, said, locked=True)
            await self._privacy.do_tell(uow, conversation, typed)
            left = await self._do_end(uow, conversation, waiting, reply, started)
            if reply.handoff:
                await uow.session.flush()
                await self._cases.do_open(uow, conversation, reply.handoff)
            elif before != public_form(conversation):
                self._writer.announce_state(uow, conversation)
            await uow.commit()
        return left

    async def _do_drop(
        self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply, started: float
    ) -> Left:
        """The conversation went to other hands meanwhile: nothing is said of this, unless it is danger."""
        if reply.outcome == Outcome.CRISIS:
            left = await self._do_end(uow, conversation, waiting, reply, started)
            await self._do_warn(uow, conversation, waiting, reply)
            return left
        await self._writer.do_record(uow, conversation, "reply_dropped", "assistant", turn=waiting.inbox.turn_id)
        return await self._do_end(uow, conversation, waiting, Reply(Outcome.WITH_STAFF, conversation.language), started)

    async def _do_store_alone(self, waiting: Waiting, reply: Reply, started: float) -> Left:
        """What the turn says and nothing else, after the whole could not be stored; a person whom it needs is owed."""
        async with self._database.write() as uow:
            conversation = await _read_locked(uow, waiting.conversation.id)
            if conversation.epoch != waiting.conversation.epoch and reply.outcome != Outcome.CRISIS:
                reply = Reply(Outcome.WITH_STAFF, conversation.language)
            else:
                conversation.engine_state, conversation.active_form = reply.state, reply.active_form
            for line in reply.lines:
                await self._writer.do_say(uow, conversation, _said(line.response, line.rendered, reply, waiting))
            if reply.handoff:
                if not reply.lines:
                    await self._writer.do_say_surely(uow, conversation, NOTED)
                await self._owed.do_owe(uow, conversation, reply.handoff)
            left = await self._do_end(uow, conversation, waiting, replace(reply, ranking=[], entities=[]), started)
            await uow.commit()
        return left

    async def _do_leave_to_people(self, waiting: Waiting, replies: list[Reply], started: float) -> Left:
        """The message stands at the desk. Danger (in `replies`) gets its numbers, and the case goes to the top."""
        async with self._database.write(short=not replies) as uow:
            conversation = await _read_locked(uow, waiting.conversation.id)
            reply = replies[0] if replies else Reply(Outcome.WITH_STAFF, conversation.language)
            left = await self._do_end(uow, conversation, waiting, reply, started)
            if replies:
                await self._do_warn(uow, conversation, waiting, reply)
            await uow.commit()
        return left

    async def _do_meanwhile(self, waiting: Waiting, reply: Reply, started: float) -> Left:
        """While a person is waited for, what is sure is answered, the rest is noted for her, and the place stays."""
        typed = [] if waiting.inbox.payload else await apart(kinds, waiting.text)
        async with self._database.write(short=True) as uow:
            conversation = await _read_locked(uow, waiting.conversation.id)
            if conversation.epoch != waiting.conversation.epoch:
                left = await self._do_drop(uow, conversation, waiting, reply, started)
                await uow.commit()
                return left
            conversation.engine_state = with_form(reply.state, conversation.engine_state) or conversation.engine_state
            conversation.language = reply.language
            meaning = meaning_of(reply)
            ended = reply if meaning is Meanwhile.SAID else replace(reply, outcome=Outcome.WITH_STAFF)
            left = await self._do_end(uow, conversation, waiting, ended, started)
            await uow.session.flush()
            if meaning is Meanwhile.SAID:
                for line in reply.lines:
                    await self._writer.do_say(uow, conversation, _said(line.response, line.rendered, reply, waiting))
            elif meaning is Meanwhile.BACK:
                await self._cases.do_cancel_wait(uow, conversation)
            else:
                await self._cases.do_tell_place(uow, conversation, noted=meaning is Meanwhile.NOTED)
            await self._privacy.do_tell(uow, conversation, typed)
            await uow.commit()
        return left

    async def _do_warn(self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply) -> None:
        """Say the numbers, shorter when they were said a moment ago, and call people."""
        told = select(Message.id).where(
            Message.conversation_id == conversation.id,
            Message.response.in_((CRISIS, CRISIS_AGAIN)),
            Message.created_at > now() - REPEATED,
        )
        again = await uow.session.scalar(told.limit(1)) is not None
        line = self._assistant.numbers(conversation.agency, conversation.language, CRISIS_AGAIN if again else CRISIS)
        await self._writer.do_say(uow, conversation, _said(line.response, line.rendered, reply, waiting))
        await uow.session.flush()
        await self._cases.do_call(uow, conversation, Reason.CRISIS)

    def _warning(self, waiting: Waiting) -> Reply:
        """The reply to danger where people have the conversation; the dialogue behind it stays where it was."""
        conversation = waiting.conversation
        return Reply(
            Outcome.CRISIS,
            conversation.language,
            lines=[self._assistant.numbers(conversation.agency, conversation.language)],
            state=conversation.engine_state,
            active_form=conversation.active_form,
            handoff=Reason.CRISIS,
        )

    async def _do_command(self, waiting: Waiting, started: float) -> Left:
        """Buttons of the page itself: language, back to the assistant, end. They need no engine."""
        command = waiting.inbox.payload["payload"]
        async with self._database.write(short=True) as uow:
            conversation = await _read_locked(uow, waiting.conversation.id)
            if command.startswith("lang."):
                conversation.language = command.removeprefix("lang.")
                await self._writer.do_say_response(uow, conversation, "utter_language_changed", Author.ASSISTANT)
            elif command == "system.end" and conversation.state != State.CLOSED:
                await self._cases.do_end(uow, conversation, "citizen", "ended_by_citizen")
            elif command == "system.back" and self._assistant.is_off(conversation.agency):
                await self._writer.do_say_response(uow, conversation, "utter_assistant_still_off")
            elif command == "system.back" and conversation.state == State.WAITING_STAFF:
                await self._cases.do_cancel_wait(uow, conversation)
            elif command == "system.back" and conversation.state == State.ASSISTANT:
                await self._writer.do_say_response(uow, conversation, "utter_waiting_cancelled")
            reply = Reply(Outcome.ANSWERED, conversation.language)
            left = await self._do_end(uow, conversation, waiting, reply, started)
            await uow.commit()
        return left

    async def _do_about_data(self, waiting: Waiting, started: float) -> Left:
        """What she asks about her data: it needs no engine, and may leave nothing behind."""
        async with self._database.write() as uow:
            conversation = await _read_locked(uow, waiting.conversation.id)
            reply = Reply(Outcome.ANSWERED, conversation.language)
            left = await self._do_end(uow, conversation, waiting, reply, started)
            await uow.session.flush()
            await self._privacy.do_command(uow, conversation, waiting.inbox.payload["payload"])
            await uow.commit()
        if waiting.inbox.payload["payload"] in ERASING:
            await self._database.do_empty_log()
        return left

    async def _do_end(
        self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply, started: float
    ) -> Left:
        """Close the inbox row with its turn: from here on this message is answered. The last one ends the lease.

        Raises AnsweredMeanwhile when somebody whose lease came later was faster; nothing of this turn is stored then.
        """
        inbox = waiting.inbox
        answered = await uow.session.execute(_ANSWERED, {"inbox": inbox.id, "at": now()})
        if answered.scalar_one_or_none() is None:
            raise AnsweredMeanwhile
        conversation.waiting_messages = max(0, conversation.waiting_messages - 1)
        if conversation.waiting_messages == 0:
            conversation.leased_by = conversation.leased_until = None
        took = time.perf_counter() - started
        uow.after_commit(lambda: _tell(inbox, reply, took))
        uow.session.add(
            Turn(
                id=inbox.turn_id,
                conversation_id=conversation.id,
                message_seq=inbox.message_seq,
                outcome=reply.outcome,
                topic=reply.topic,
                ranking=reply.ranking[:5],
                entities=[mask_values(entity) for entity in reply.entities[:MOST_ENTITIES]],
                tries=reply.tries,
                engine_ms=reply.engine_ms,
                total_ms=took * 1_000,
            )
        )
        return Left.MORE if conversation.waiting_messages else Left.NONE


def public_form(conversation: Conversation) -> bool:
    """Whether the conversation is inside a form, which the outside API shows as a state of its own."""
    return conversation.active_form is not None


def _tell(inbox: Inbox, reply: Reply, took: float) -> None:
    """Count a turn that is stored, and write its line."""
    count_turn(reply.outcome, took, (now() - inbox.received_at).total_seconds() - took)
    log.info("turn.ended", outcome=str(reply.outcome), milliseconds=round(took * 1_000))


def _failed(waiting: Waiting) -> Reply:
    """What is said when nothing better is known: the dialogue stays where it was, and a person comes."""
    conversation = waiting.conversation
    return Reply(
        Outcome.ERROR,
        conversation.language,
        state=conversation.engine_state,
        active_form=conversation.active_form,
        handoff=Reason.ASSISTANT_ERROR,
    )


async def _read_locked(uow: UnitOfWork, conversation_id: str) -> Conversation:
    return (await uow.session.execute(_LOCKED, {"conversation": conversation_id})).scalar_one()


def _question(waiting: Waiting) -> Question:
    conversation, payload = waiting.conversation, waiting.inbox.payload
    pressed: str | None = payload.get("payload")
    if pressed == PERSON:
        pressed = "/ask_human"
    waits = conversation.state == State.WAITING_STAFF
    state = without_form(conversation.engine_state) if waits else conversation.engine_state
    return Question(
        turn_id=waiting.inbox.turn_id,
        text=None if pressed else waiting.text,
        payload=pressed,
        language=conversation.language,
        agency=conversation.agency,
        channel=conversation.channel,
        misunderstood=conversation.misunderstood,
        state=about(state, payload.get("topic")),
        people="waiting" if waits else "staff" if conversation.state == State.STAFF else "",
    )


def _said(response: str, rendered: Any, reply: Reply, waiting: Waiting) -> Said:
    return Said(
        author=Author.ASSISTANT,
        text=rendered.text,
        buttons=rendered.buttons,
        card=rendered.card,
        response=response,
        topic=rendered.topic,
        outcome=reply.outcome,
        turn_id=waiting.inbox.turn_id,
        language=reply.language,
    )
