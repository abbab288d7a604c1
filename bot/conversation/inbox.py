"""Takes a citizen's message in: stored once, whatever the channel repeats; the turn comes later."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from sqlalchemy import bindparam, select

from bot.conversation.typed import is_over, read_typed
from bot.conversation.writer import Said, Writer
from bot.errors import BotError
from bot.logs import bind_message
from bot.states import Author
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Inbox, Message, new_id, now
from bot.tracing import span

log = structlog.get_logger()
# Commands of the page itself. They are buttons that belong to no message, or the payload of one that does; they work
# at any time and need no engine, but for asking for a person.
SYSTEM_BUTTONS = frozenset({"system.person", "system.end", "system.back", "system.my_data", "system.forget"})
_LANGUAGE = re.compile(r"lang\.[a-z]{2,3}")
_EARLIER = select(Inbox.message_seq).where(
    Inbox.channel == bindparam("channel"), Inbox.external_id == bindparam("external_id")
)


@dataclass(frozen=True)
class Incoming:
    """A message as a channel hands it in. `kind`: text, button, location or media."""

    channel: str
    external_id: str
    kind: str
    text: str
    payload: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None


@dataclass(frozen=True)
class Waiting:
    """The oldest unanswered message of a conversation, and the conversation as it stood when it was read.

    Of a text in parts it is the last one, with the words of all: `before` are the rows of the others, `parts` the words
    of each.
    """

    conversation: Conversation
    inbox: Inbox
    text: str
    before: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def pressed(self) -> str | None:
        """What the button says that she pressed, or what a message stands for that is no text; None for words."""
        return pressed_of(self.inbox)


@dataclass(frozen=True)
class Receipt:
    """Where a message stands in its conversation; `repeated` when it had been stored before, else what waits now."""

    seq: int
    repeated: bool
    waiting: Waiting | None = None


def pressed_of(inbox: Inbox) -> str | None:
    """The payload that a stored message stands for; None for words."""
    payload: str | None = inbox.payload.get("payload")
    return payload


async def do_receive(uow: UnitOfWork, writer: Writer, conversation: Conversation, incoming: Incoming) -> Receipt:
    """Store the message and put it in the lane; a repeated delivery gets the first receipt.

    Who types the title of a button has pressed it.
    The caller holds the conversation's row, so that two deliveries of one message come one after the other.
    """
    if earlier := await _read_earlier(uow, incoming):
        return earlier
    if incoming.kind == "text" and (payload := await read_typed(uow, conversation, incoming.text)):
        incoming = replace(incoming, kind="button", payload={"payload": payload})
    turn_id = new_id("t")
    said = Said(Author.CITIZEN, incoming.text, client_id=incoming.client_id, turn_id=turn_id)
    conversation.waiting_messages += 1
    conversation.active_at = now()
    with span("receive", message=turn_id, channel=incoming.channel):
        message = await writer.do_say(uow, conversation, said, locked=True)
    inbox = Inbox(
        channel=incoming.channel,
        external_id=incoming.external_id,
        conversation_id=conversation.id,
        message_seq=message.seq,
        kind=incoming.kind,
        payload=incoming.payload,
        turn_id=turn_id,
    )
    uow.session.add(inbox)
    if conversation.notice_version != writer.knowledge.notice.version:
        await _do_tell_new_notice(uow, writer, conversation)
    bind_message(turn_id)
    uow.after_commit(lambda: log.info("message.received", channel=incoming.channel, kind=incoming.kind))
    return Receipt(message.seq, repeated=False, waiting=Waiting(conversation, inbox, incoming.text))


async def _do_tell_new_notice(uow: UnitOfWork, writer: Writer, conversation: Conversation) -> None:
    """A notice that cannot be told keeps nobody's message out; it is told with the next one."""
    try:
        await uow.attempt(lambda: writer.do_tell_new_notice(uow, conversation))
    except Exception:
        log.exception("notice.not_told")
        await uow.session.refresh(conversation)


def is_system(pressed: str | None) -> bool:
    """Whether what was pressed is a command of the page itself."""
    return pressed is not None and (pressed in SYSTEM_BUTTONS or _LANGUAGE.fullmatch(pressed) is not None)


async def check_button(uow: UnitOfWork, conversation: Conversation, key: str) -> tuple[str, str]:
    """The title and payload of a button. Raises BotError `button_unknown`, or `button_expired` for a past step."""
    if is_system(key):
        return key, key
    seq, _, index = key.partition(".")
    if not (seq.isdecimal() and index.isdecimal() and len(key) <= 16):
        raise BotError("button_unknown")
    found = await uow.session.execute(
        select(Message).where(Message.conversation_id == conversation.id, Message.seq == int(seq))
    )
    message = found.scalar_one_or_none()
    if message is None or int(index) >= len(message.buttons):
        raise BotError("button_unknown")
    button = message.buttons[int(index)]
    if is_over(conversation, message, button["payload"]):
        raise BotError("button_expired")
    return str(button["title"]), str(button["payload"])


async def _read_earlier(uow: UnitOfWork, incoming: Incoming) -> Receipt | None:
    key = {"channel": incoming.channel, "external_id": incoming.external_id}
    found = await uow.session.execute(_EARLIER, key)
    seq = found.scalar_one_or_none()
    return None if seq is None else Receipt(seq, repeated=True)
