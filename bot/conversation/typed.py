"""A button whose words are typed: whoever writes what stands on a button has pressed it, on every channel."""

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from bot.states import Author
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message
from bot.text import plain

LONGEST = 80  # characters; no title is longer, and a longer message is not looked up
LOOKED_AT = 10  # messages
COUNTER = ("system.", "lang.")  # what the engine knows nothing of: nobody else would read it
LASTING = (*COUNTER, "/crisis")  # heard after other turns too: their titles mean nothing else
# Payloads that answer the step at hand; all others start something and never grow old.
OF_A_STEP = ("/choose", "/affirm", "/deny", "/cancel")
_NUMBER = re.compile(r"(?:(?:el|la|the|number|numero|opcion|option) )?([1-9])")


async def read_typed(uow: UnitOfWork, conversation: Conversation, text: str) -> str | None:
    """The payload of the button that `text` names, by its title, or by its number where the engine reads none.

    Those of the last replies are looked at, and earlier ones that last. Of one title the newest counts.
    """
    words = _bare(text)
    if not words or len(text) > LONGEST:
        return None
    said = select(Message).where(Message.conversation_id == conversation.id, Message.author != Author.NOTE)
    newest_first = (await uow.session.scalars(said.order_by(Message.seq.desc()).limit(LOOKED_AT))).all()
    shown = [button for message, last in _shown(newest_first) for button in _open(conversation, message, last=last)]
    for payload, title in shown:
        if _bare(title) == words:
            return payload
    return _numbered(newest_first, words)


def is_over(conversation: Conversation, message: Message, payload: str) -> bool:
    """Whether a button answers a step of an earlier turn."""
    return payload.startswith(OF_A_STEP) and message.seq < conversation.last_turn_seq


def _shown(newest_first: Sequence[Message]) -> Iterator[tuple[Message, bool]]:
    """What was said to her, and whether it is of the last replies: those since the message that they answer."""
    answered = spoke = False
    for message in newest_first:
        if message.author == Author.CITIZEN:
            answered = spoke
        else:
            spoke = True
            yield message, not answered


def _open(conversation: Conversation, message: Message, *, last: bool) -> list[tuple[str, str]]:
    """Payload and title of the buttons of a message that can still be meant."""
    there = [(str(button["payload"]), str(button["title"])) for button in message.buttons]
    return [
        (payload, title)
        for payload, title in there
        if (last or payload.startswith(LASTING)) and not is_over(conversation, message, payload)
    ]


def _numbered(newest_first: Sequence[Message], words: str) -> str | None:
    """The payload at the place that `words` name, where the last thing said offers several unknown to the engine."""
    buttons = newest_first[0].buttons if newest_first else []
    number = _NUMBER.fullmatch(words)
    if number is None or len(buttons) < 2 or not all(button["payload"].startswith(COUNTER) for button in buttons):
        return None
    place = int(number.group(1)) - 1
    return str(buttons[place]["payload"]) if place < len(buttons) else None


def _bare(text: str) -> str:
    """The words alone: without case, accents, punctuation and blanks around them."""
    return " ".join(re.findall(r"\w+", plain(text)))
