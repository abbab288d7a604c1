"""What was decided is stored: one transaction a turn, all of it or nothing."""

from dataclasses import replace

from sqlalchemy import bindparam, select

from bot.apart import apart
from bot.conversation.inbox import Waiting
from bot.conversation.writer import Writer
from bot.privacy.personal import kinds
from bot.states import WITH_PEOPLE, Author, Outcome
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Conversation, Message
from bot.turns.answered import Left, do_end, said_of
from bot.turns.data_requests import CONTACTS, ERASING, PrivacyCommands
from bot.turns.decision import Decision, Way
from bot.turns.hand_over import HandOver
from bot.turns.meanwhile import Meanwhile, Told, is_aside, meaning_of, reads_like_a_question, with_form
from bot.turns.policy import MISUNDERSTOOD
from bot.turns.reply import Reply
from bot.turns.unanswered import do_keep_question, question_of
from bot.turns.waits import do_keep

USES_IT = frozenset({Outcome.FORM_STEP, Outcome.FILED, Outcome.STATUS_GIVEN})  # where a contact was asked for
ANSWERED = frozenset({Meanwhile.SAID, Meanwhile.FORM, Meanwhile.SAFE})  # not left to the person
_LOCKED = select(Conversation).where(Conversation.id == bindparam("conversation")).with_for_update()


class Storage:
    """Stores turns. Every method raises AnsweredMeanwhile when another node has answered the message."""

    def __init__(self, database: Database, writer: Writer, privacy: PrivacyCommands, hand_over: HandOver) -> None:
        self._database = database
        self._writer = writer
        self._privacy = privacy
        self._hand_over = hand_over

    async def do_store(self, waiting: Waiting, decision: Decision, started: float) -> Left:
        """Store the turn as it was decided; what is left to do in its conversation."""
        if decision.way is Way.DATA:
            return await self._do_about_data(waiting, started)
        if decision.way is Way.BUTTON:
            return await self._do_button(waiting, started, off=decision.off)
        if decision.way is Way.PEOPLE or decision.reply is None:
            return await self._do_leave_to_people(waiting, decision.reply, started)
        if decision.way is Way.MEANWHILE:
            return await self._do_meanwhile(waiting, decision.reply, started)
        return await self._do_reply(waiting, decision.reply, started)

    async def do_store_alone(self, waiting: Waiting, reply: Reply, started: float) -> Left:
        """What the turn says and nothing else, after the whole could not be stored; a person whom it needs is owed."""
        async with self._database.write() as uow:
            conversation = await _read_locked(uow, waiting)
            if conversation.epoch != waiting.conversation.epoch and reply.outcome != Outcome.CRISIS:
                reply = Reply(Outcome.WITH_STAFF, conversation.language)
            else:
                _keep_alone(conversation, reply)
            for line in reply.lines:
                await self._writer.do_say(uow, conversation, said_of(line, reply, waiting))
            if reply.handoff:
                await self._hand_over.do_owe(uow, conversation, reply, reply.handoff)
            left = await do_end(uow, conversation, waiting, replace(reply, ranking=[], entities=[]), started)
            await uow.commit()
        return left

    async def _do_reply(self, waiting: Waiting, reply: Reply, started: float) -> Left:
        """The message answered, the new state, what is said, and where it goes."""
        typed = await _typed(waiting)
        question = await question_of(self._writer.knowledge, waiting, reply)
        async with self._database.write(short=True) as uow:
            conversation = await _read_locked(uow, waiting)
            if conversation.epoch != waiting.conversation.epoch:
                left = await self._do_drop(uow, conversation, waiting, reply, started)
                await uow.commit()
                return left
            before = public_form(conversation)
            _continue(conversation, reply)
            for line in reply.lines:
                await self._writer.do_say(uow, conversation, said_of(line, reply, waiting), locked=True)
            if not (before or reply.handoff or reply.outcome in USES_IT):
                await self._privacy.do_tell(uow, conversation, typed)
            left = await do_end(uow, conversation, waiting, reply, started)
            await do_keep_question(uow, waiting, reply, question)
            if reply.handoff:
                await self._hand_over.do_open(uow, conversation, reply.handoff)
            elif before != public_form(conversation):
                self._writer.announce_state(uow, conversation)
            await uow.commit()
        return left

    async def _do_drop(
        self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply, started: float
    ) -> Left:
        """The conversation went to other hands meanwhile: nothing is said of this, unless it is danger."""
        if reply.outcome == Outcome.CRISIS:
            left = await do_end(uow, conversation, waiting, reply, started)
            await self._hand_over.do_warn(uow, conversation, waiting, reply)
            return left
        await self._writer.do_record(uow, conversation, "reply_dropped", "assistant", turn=waiting.inbox.turn_id)
        return await do_end(uow, conversation, waiting, Reply(Outcome.WITH_STAFF, conversation.language), started)

    async def _do_leave_to_people(self, waiting: Waiting, danger: Reply | None, started: float) -> Left:
        """The message stands at the desk. Danger gets its numbers, and the case goes to the top."""
        async with self._database.write(short=danger is None) as uow:
            conversation = await _read_locked(uow, waiting)
            reply = danger or Reply(Outcome.WITH_STAFF, conversation.language)
            left = await do_end(uow, conversation, waiting, reply, started)
            if danger:
                await self._hand_over.do_warn(uow, conversation, waiting, reply)
            await uow.commit()
        return left

    async def _do_meanwhile(self, waiting: Waiting, reply: Reply, started: float) -> Left:
        """While a person is waited for, what is sure is answered, the rest is noted for her, and the place stays."""
        typed, question = await _typed(waiting), await question_of(self._writer.knowledge, waiting, reply)
        told = self._told(waiting, typed)
        meaning = meaning_of(reply, told)
        if meaning is Meanwhile.PLACE:
            told = replace(told, left=await self._contacts(waiting))
        async with self._database.write(short=True) as uow:
            conversation = await _read_locked(uow, waiting)
            if conversation.epoch != waiting.conversation.epoch:
                left = await self._do_drop(uow, conversation, waiting, reply, started)
                await uow.commit()
                return left
            do_keep(conversation, reply, meaning)
            ended = reply if meaning in ANSWERED else replace(reply, outcome=Outcome.WITH_STAFF)
            left = await do_end(uow, conversation, waiting, ended, started)
            await do_keep_question(uow, waiting, reply, question if meaning is Meanwhile.SAID else None)
            await uow.session.flush()
            await self._hand_over.waits.do_answer(uow, waiting, conversation, reply, meaning, told)
            await uow.commit()
        return left

    def _told(self, waiting: Waiting, typed: list[str]) -> Told:
        conversation = waiting.conversation
        return Told(
            pressed=waiting.inbox.kind == "button",
            asks=reads_like_a_question(waiting.text, self._writer.knowledge.words),
            contact=bool(CONTACTS & set(typed)),
            form=bool(conversation.active_form),
            slots=(conversation.engine_state or {}).get("slots"),
        )

    async def _contacts(self, waiting: Waiting) -> tuple[str, ...]:
        """The kinds of contact that stand in what she has written."""
        hers = select(Message.text).where(
            Message.conversation_id == waiting.conversation.id, Message.author == Author.CITIZEN
        )
        async with self._database.read(short=True) as session:
            texts = list(await session.scalars(hers))
        return tuple(kind for kind in await apart(kinds, "\n".join(texts)) if kind in CONTACTS)

    async def _do_button(self, waiting: Waiting, started: float, *, off: bool) -> Left:
        """Buttons of the page itself need no engine."""
        async with self._database.write(short=True) as uow:
            conversation = await _read_locked(uow, waiting)
            await self._hand_over.do_button(uow, conversation, waiting.inbox.payload["payload"], off=off)
            reply = Reply(Outcome.ANSWERED, conversation.language)
            left = await do_end(uow, conversation, waiting, reply, started)
            await uow.commit()
        return left

    async def _do_about_data(self, waiting: Waiting, started: float) -> Left:
        """What she asks about her data: it needs no engine, and may leave nothing behind."""
        command = waiting.inbox.payload["payload"]
        ready = await self._privacy.work_out(self._database, waiting.conversation.id, command)
        async with self._database.write() as uow:
            conversation = await _read_locked(uow, waiting)
            reply = Reply(Outcome.ANSWERED, conversation.language)
            left = await do_end(uow, conversation, waiting, reply, started)
            await uow.session.flush()
            await self._privacy.do_command(uow, conversation, command, ready)
            await uow.commit()
        if command in ERASING:
            await self._database.do_empty_log()
        return left


def public_form(conversation: Conversation) -> bool:
    """Whether the conversation is inside a form, which the outside API shows as a state of its own."""
    return conversation.active_form is not None


def _keep_alone(conversation: Conversation, reply: Reply) -> None:
    """Where the dialogue stands after a turn of which nothing else is stored; a form that was laid aside stays so."""
    before = conversation.engine_state
    if conversation.state in WITH_PEOPLE and is_aside(before, conversation.active_form):
        conversation.engine_state = with_form(reply.state, before) or before
    else:
        conversation.engine_state, conversation.active_form = reply.state, reply.active_form


def _continue(conversation: Conversation, reply: Reply) -> None:
    """Where the dialogue stands after the reply."""
    conversation.engine_state = reply.state
    conversation.active_form = reply.active_form
    conversation.language = reply.language
    again = reply.outcome in MISUNDERSTOOD
    conversation.misunderstood = conversation.misunderstood + 1 if again else 0
    conversation.last_turn_seq = conversation.last_seq + 1


async def _typed(waiting: Waiting) -> list[str]:
    """The kinds of personal data that were typed."""
    return [] if waiting.pressed else await apart(kinds, waiting.text)


async def _read_locked(uow: UnitOfWork, waiting: Waiting) -> Conversation:
    return (await uow.session.execute(_LOCKED, {"conversation": waiting.conversation.id})).scalar_one()
