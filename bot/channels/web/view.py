"""What the outside sees of a conversation: `docs/contracts.md` §5."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.writer import public_state
from bot.states import PUBLIC_AUTHORS
from bot.store.tables import Conversation, Message
from bot.turns.data_requests import ERASURES, GET_FILES

PAGE = 200
# Buttons that a page answers by itself; whoever cannot presses them like any other.
ACTIONS = {GET_FILES: {"action": "download_my_data"}}
_PAGE = (
    select(Message)
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.seq > bindparam("after"),
        Message.author.in_(tuple(PUBLIC_AUTHORS)),
    )
    .order_by(Message.seq)
    .limit(PAGE)
)


@dataclass(frozen=True)
class Page:
    """A stretch of a transcript with the conversation's state.

    `erased` says that what stands before it is not what it was: whoever shows that reads again from the start.
    """

    messages: list[dict[str, Any]]
    state: str
    pending: bool
    next: int
    erased: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer of `GET …/messages`."""
        return vars(self)


async def read_page(session: AsyncSession, conversation: Conversation, after: int) -> Page:
    """The public messages behind `after`, oldest first, at most 200."""
    found = list(await session.scalars(_PAGE, {"conversation": conversation.id, "after": after}))
    messages = [public_message(message) for message in found]
    last = messages[-1]["seq"] if messages else after
    erased = after > 0 and any(is_erasure(message) for message in found)
    return Page(messages, public_state(conversation), is_pending(conversation), last, erased)


async def read_before_erasure(session: AsyncSession, conversation: Conversation, after: int) -> list[dict[str, Any]]:
    """All public messages that stand before the first line behind `after` which tells that something was erased."""
    mine = Message.conversation_id == conversation.id
    told = select(func.min(Message.seq)).where(mine, Message.seq > after, Message.response.in_(sorted(ERASURES)))
    before = select(Message).where(mine, Message.author.in_(tuple(PUBLIC_AUTHORS))).order_by(Message.seq)
    found = await session.scalars(before.where(Message.seq < told.scalar_subquery()))
    return [public_message(message) for message in found]


def is_erasure(message: Message) -> bool:
    """Whether this line tells that lines before it are gone or are not what they were."""
    return message.response in ERASURES


def is_pending(conversation: Conversation) -> bool:
    """Whether a turn is running or about to, in any state: people wait for no turn, what she asks of us does."""
    return conversation.waiting_messages > 0


def public_message(message: Message) -> dict[str, Any]:
    """One message; a field that does not apply is left out."""
    shown: dict[str, Any] = {
        "seq": message.seq,
        "id": message.client_id or f"m{message.seq}",
        "from": message.author,
        "text": message.text,
        "buttons": [
            {"title": button["title"], "button": f"{message.seq}.{index}"} | ACTIONS.get(button["payload"], {})
            for index, button in enumerate(message.buttons or ())
        ],
        "language": message.language,
        "sent_at": message.created_at.isoformat(),
    }
    optional: dict[str, Any] = {
        "topic": message.topic,
        "outcome": message.outcome,
        "card": message.card,
        "name": message.name,
        "useful": message.useful,
    }
    return shown | {name: value for name, value in optional.items() if value is not None}
