"""What is said and kept while somebody waits for a person: her form, what was noted, and that she will read it."""

import re
from typing import Any

from sqlalchemy import select

from bot.conversation.inbox import Waiting
from bot.conversation.writer import Said, Writer
from bot.handoff.cases import Cases
from bot.handoff.hours import is_open
from bot.knowledge.entries import Button
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.render import kinds_in_words
from bot.states import Author, with_slot
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, now
from bot.turns.answered import said_of
from bot.turns.meanwhile import (
    Meanwhile,
    Told,
    answers_a_question,
    is_aside,
    is_over,
    laid_aside,
    spoken,
    turns_of,
    with_form,
)
from bot.turns.reply import WARNED, Reply

NOTED, NOTED_CONTACT, NOTED_IN_DANGER = "utter_noted_for_person", "utter_noted_contact", "utter_noted_in_danger"
READS_TOO, FORM_WAITS, HAS_CONTACT = "utter_person_reads_too", "utter_form_waits", "utter_person_has_contact"
REMEMBERED = 8  # messages in which it is not said again that the person reads along
QUOTED = 80  # characters of what was noted
QUESTIONS = "utter_ask_item"
FAULT = "utter_engine_failed"
AT_ANY_HOUR = "utter_at_any_hour"
_ALWAYS = re.compile(r"\b24 ?h")  # in the opening hours of an answer, in either language


class Waits:
    """Answers whoever waits, within the unit of work that stores the turn."""

    def __init__(self, writer: Writer, cases: Cases) -> None:
        self._writer = writer
        self._cases = cases

    async def do_answer(
        self,
        uow: UnitOfWork,
        waiting: Waiting,
        conversation: Conversation,
        reply: Reply,
        meaning: Meanwhile,
        told: Told,
    ) -> None:
        """Say what the reply comes to; her place is told, or given up when she wants to go back."""
        if meaning is Meanwhile.FORM and is_aside(conversation.engine_state, conversation.active_form):
            await self.do_resume(uow, conversation)
            return
        if meaning is Meanwhile.BACK:
            await self.do_go_back(uow, conversation)
        elif meaning is Meanwhile.PLACE:
            await self._do_tell_place(uow, conversation, told)
        elif meaning is Meanwhile.FAULT:
            await self._writer.do_say_response(uow, conversation, FAULT)
        elif meaning is Meanwhile.NOTED:
            await self._do_note(uow, conversation, waiting, reply, told)
        for line in spoken(reply, meaning):
            await self._writer.do_say(uow, conversation, said_of(line, reply, waiting))
        if meaning in (Meanwhile.SAFE, Meanwhile.FAULT):
            await self.do_resume(uow, conversation)
        elif meaning in (Meanwhile.SAID, Meanwhile.NOTED):
            await self._do_remind(uow, conversation, reply)

    async def do_go_back(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Back to the assistant, and to the form that was laid aside."""
        await self._cases.do_cancel_wait(uow, conversation)
        await self.do_resume(uow, conversation)

    async def do_resume(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Ask the open question of the form once more; nothing where there is none."""
        form = laid_aside(conversation.engine_state)
        if not form:
            return
        conversation.active_form = form
        asked = select(Message).where(
            Message.conversation_id == conversation.id, Message.response.startswith(QUESTIONS, autoescape=True)
        )
        last = await uow.session.scalar(asked.order_by(Message.seq.desc()).limit(1))
        if last is None:
            return
        buttons = tuple(Button(button["title"], button["payload"]) for button in last.buttons)
        again = Said(Author.ASSISTANT, last.text, buttons, last.card, last.response)
        await self._writer.do_say(uow, conversation, again)

    async def do_say_at_any_hour(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """While nobody is at the office: the telephone of her matter, where somebody answers it at any hour."""
        knowledge, language = self._writer.knowledge, conversation.language
        if is_open(knowledge.agencies[conversation.agency], now()):
            return
        for topic in matters_of(knowledge, (conversation.engine_state or {}).get("slots") or {}):
            answer = knowledge.answer(f"utter_faq/{topic}", language, conversation.agency)
            facts = (answer.custom.get("facts") or {}) if answer else {}
            if facts.get("phone") and _ALWAYS.search(str(facts.get("hours") or "")):
                told = {"title": knowledge.title_of(topic, language), "phone": facts["phone"], "hours": facts["hours"]}
                await self._writer.do_say_response(uow, conversation, AT_ANY_HOUR, **told)
                return

    async def do_say_form_waits(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Say of a form that was laid aside that it is not sent; to nobody in danger."""
        state = conversation.engine_state or {}
        if is_aside(state, conversation.active_form) and not state["slots"].get(WARNED):
            await self._writer.do_say_response(uow, conversation, FORM_WAITS)

    async def _do_tell_place(self, uow: UnitOfWork, conversation: Conversation, told: Told) -> None:
        """Where she stands, when somebody comes, and how she can be answered besides."""
        await self._cases.do_tell_place(uow, conversation)
        if told.left:
            words = kinds_in_words(self._writer.knowledge, told.left, conversation.language)
            await self._writer.do_say_response(uow, conversation, HAS_CONTACT, kinds=words)

    async def _do_note(
        self, uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply, told: Told
    ) -> None:
        """Say what was noted; with the answer that it may ask for again a tap away."""
        args: dict[str, Any] = {"words": quoted(waiting.text)}
        response = NOTED_IN_DANGER if (told.slots or {}).get(WARNED) else NOTED
        if told.contact and response == NOTED:
            response = NOTED_CONTACT
        knowledge, language = self._writer.knowledge, conversation.language
        usual = knowledge.answer(response, language, conversation.agency)
        if usual and reply.topic and reply.topic in knowledge.topics:
            again = Button(knowledge.title_of(reply.topic, language), f"/faq/{reply.topic}")
            args["buttons"] = [{"title": b.title, "payload": b.payload} for b in (again, *usual.buttons)]
        await self._writer.do_say_response(uow, conversation, response, **args)

    async def _do_remind(self, uow: UnitOfWork, conversation: Conversation, reply: Reply) -> None:
        """After an answer: that the person reads it too. Of a form that waits: that it is not sent. Not every time."""
        last = select(Message.response).where(Message.conversation_id == conversation.id, Message.response.is_not(None))
        said = set(await uow.session.scalars(last.order_by(Message.seq.desc()).limit(REMEMBERED)))
        if FORM_WAITS not in said:
            await self.do_say_form_waits(uow, conversation)
        if answers_a_question(reply) and not said & {READS_TOO, NOTED, NOTED_CONTACT, NOTED_IN_DANGER}:
            await self._writer.do_say_response(uow, conversation, READS_TOO)


def do_keep(conversation: Conversation, reply: Reply, meaning: Meanwhile) -> None:
    """Where the dialogue and its form stand after a reply to whoever waits."""
    before, goes_on = conversation.engine_state, bool(conversation.active_form)
    conversation.language = reply.language
    if meaning is Meanwhile.FAULT or (meaning is Meanwhile.BACK and is_aside(before, conversation.active_form)):
        return  # the form stays as it is: who gives up while she waits gives up the waiting
    if is_over(before, reply.state):
        conversation.engine_state, conversation.active_form = reply.state, None
    elif meaning is Meanwhile.FORM and (goes_on or not laid_aside(before)):
        conversation.engine_state, conversation.active_form = reply.state, reply.active_form
        conversation.last_turn_seq = conversation.last_seq + 1
    elif goes_on:
        conversation.active_form = None
    elif not reply.active_form:
        conversation.engine_state = with_form(reply.state, before) or before
    if meaning is Meanwhile.SAFE:
        conversation.engine_state = with_slot(conversation.engine_state, WARNED, False)


def matters_of(knowledge: Knowledge, slots: dict[str, Any]) -> list[str]:
    """The topics that a dialogue is about: those of the report's subject, then the ones that were answered last."""
    subject = knowledge.subjects.get(str(slots.get("item_subject")))
    last = next(iter(turns_of(slots)), [])
    return [*(subject.topics if subject else ()), *last]


def quoted(text: str) -> str:
    """The beginning of a text in one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= QUOTED:
        return line
    return f"{line[:QUOTED].rsplit(' ', 1)[0]}…"
