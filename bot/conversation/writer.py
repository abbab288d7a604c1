"""The one writer: everything said in a conversation, by whomever, is stored and announced from here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value

from bot.conversation.delivery import do_queue
from bot.conversation.hub import Hub, Notice
from bot.knowledge.entries import Button
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_resort import render_surely
from bot.knowledge.notice import Words
from bot.knowledge.render import render
from bot.states import PUBLIC_AUTHORS, Author, State, Urgency
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Event, Message, now

# Channels whose messages are pushed out by the outbox; the web chat reads its own.
PUSHED = frozenset({"telegram"})
_NEXT_SEQ = (
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"))
    .values(last_seq=Conversation.last_seq + 1)
    .returning(Conversation.last_seq)
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True)
class Said:
    """Something to be said: by whom, the words, and what stands beside them."""

    author: Author
    text: str
    buttons: tuple[Button, ...] = ()
    card: dict[str, Any] | None = None
    response: str | None = None
    topic: str | None = None
    outcome: str | None = None
    name: str | None = None
    staff_id: int | None = None
    client_id: str | None = None
    turn_id: str | None = None
    language: str | None = None
    urgency: Urgency = Urgency.REPLY


class Writer:
    """Stores messages, state changes and events inside a unit of work; screens hear of them after its commit.

    `address` is where the world sees the pages, `home` the agency whose they are when nothing is said about it.
    """

    def __init__(self, hub: Hub, knowledge: Knowledge, address: str = "", home: str = "") -> None:
        self.hub = hub
        self.knowledge = knowledge
        self._notice_page = f"{address}/privacy" if address else ""
        self._home = home
        self.on_queued: Callable[[], None] = lambda: None

    async def do_say(self, uow: UnitOfWork, conversation: Conversation, said: Said, *, locked: bool = False) -> Message:
        """Store one line with the next number, queue it for its channel, and announce it.

        `locked` promises that the conversation's row was read for update in this unit of work: the number is known
        then, and goes to the database with everything else.
        """
        if locked:
            conversation.last_seq += 1
        else:
            set_committed_value(conversation, "last_seq", await self._next_seq(uow, conversation))
        message = Message(
            conversation_id=conversation.id,
            seq=conversation.last_seq,
            author=said.author,
            text=said.text,
            language=said.language or conversation.language,
            client_id=said.client_id,
            name=said.name,
            staff_id=said.staff_id,
            response=said.response,
            topic=said.topic,
            outcome=said.outcome,
            buttons=[{"title": b.title, "payload": b.payload} for b in said.buttons],
            card=said.card,
            turn_id=said.turn_id,
            created_at=now(),
        )
        uow.session.add(message)
        leaves = said.author in PUBLIC_AUTHORS and said.author != Author.CITIZEN
        pushed = leaves and conversation.channel in PUSHED
        if pushed or not locked:
            await uow.session.flush()
        if pushed:
            await do_queue(uow, conversation, message, said.urgency)
            uow.after_commit(self.on_queued)
        told = {"seq": message.seq, "from": said.author}
        self.announce(uow, conversation, Notice("message", conversation.id, told, message, conversation))
        return message

    async def do_say_response(
        self,
        uow: UnitOfWork,
        conversation: Conversation,
        response: str,
        author: Author = Author.SYSTEM,
        urgency: Urgency = Urgency.REPLY,
        **args: Any,
    ) -> Message:
        """Say a written response in the conversation's language, as a line of the system or the assistant."""
        made = render(self.knowledge, response, conversation.language, args, conversation.agency)
        said = Said(author, made.text, made.buttons, made.card, response, made.topic, urgency=urgency)
        return await self.do_say(uow, conversation, said)

    async def do_say_surely(self, uow: UnitOfWork, conversation: Conversation, response: str) -> Message:
        """Say one of the few responses that are said even when the agency's words cannot be read."""
        made = render_surely(self.knowledge, response, conversation.language, conversation.agency)
        return await self.do_say(uow, conversation, Said(Author.SYSTEM, made.text, made.buttons, response=response))

    def told_about_data(self, conversation: Conversation) -> str:
        """The short text about her data, which she is shown now: its version is noted."""
        conversation.notice_version = self.knowledge.notice.version
        whose = f"?agency={conversation.agency}" if self._notice_page and conversation.agency != self._home else ""
        return f"{self._notice(conversation).short} {self._notice_page}{whose}".strip()

    async def do_tell_new_notice(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Say, once, that the text about her data is not the one that she was shown."""
        changed = self._notice(conversation).changed
        text = f"{changed} {self.told_about_data(conversation)}"
        await self.do_say(uow, conversation, Said(Author.SYSTEM, text), locked=True)

    def _notice(self, conversation: Conversation) -> Words:
        words = self.knowledge.notice.words
        return words.get(conversation.language) or words[self.knowledge.languages[0]]

    async def do_record(self, uow: UnitOfWork, conversation: Conversation, kind: str, actor: str, **data: Any) -> None:
        """Append to the record of what happened."""
        uow.session.add(
            Event(agency=conversation.agency, conversation_id=conversation.id, kind=kind, actor=actor, data=data)
        )

    def announce(self, uow: UnitOfWork, conversation: Conversation, notice: Notice) -> None:
        """Tell the citizen's pages and the agency's desk, once this unit of work has committed."""
        agency = conversation.agency
        uow.after_commit(lambda: self.hub.publish(agency, notice))

    def announce_state(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Tell the pages who owns the conversation now."""
        notice = Notice("state", conversation.id, {"state": public_state(conversation)})
        self.announce(uow, conversation, notice)

    async def _next_seq(self, uow: UnitOfWork, conversation: Conversation) -> int:
        if conversation in uow.session.dirty:
            await uow.session.flush()
        taken = await uow.session.execute(_NEXT_SEQ, {"conversation": conversation.id})
        return int(taken.scalar_one())


def public_state(conversation: Conversation) -> str:
    """The state as the outside API names it: a form in progress is a state of its own there."""
    if conversation.state == State.ASSISTANT and conversation.active_form:
        return "form"
    return conversation.state
