"""A text that is longer than a message comes in parts: they wait for one another, and are understood as one.

A page says of a part that more follows. Telegram cuts what is pasted by itself: a message near its limit is a part. In
a form each message is what she types; where danger is heard nothing waits.
"""

import asyncio
import datetime as dt

from sqlalchemy import select

from bot.conversation.inbox import Waiting
from bot.knowledge.knowledge import Knowledge
from bot.store.database import Database
from bot.store.tables import Conversation, Inbox, Message, now
from bot.text import MAX_LENGTH
from bot.turns.danger import hears

PATIENCE = {"web": 10.0, "telegram": 3.0}  # seconds that a part waits for the next
LOOK_AGAIN = 0.2
NEAR = 3_800  # characters; Telegram cuts at 4,096, or at the last word before
MOST_PARTS = 8
_GAP = " … "
_HALF = (MAX_LENGTH - 100) // 2  # a little less than the engine takes: forms of letters may grow


class Parts:
    """Puts the parts of a text together."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge

    async def gather(self, waiting: Waiting) -> Waiting:
        """`waiting`, or the last part of the text that it begins, with the words of all; waits for those that come."""
        if not await self._goes_on(waiting.conversation, waiting.inbox, waiting.text):
            return waiting
        while True:
            taken, whole = await self._read(waiting)
            if whole or not taken:
                break
            await asyncio.sleep(LOOK_AGAIN)
        if len(taken) < 2:
            return waiting
        *before, (last, _) = taken
        texts = tuple(text for _, text in taken)
        return Waiting(waiting.conversation, last, "\n".join(texts), tuple(inbox.id for inbox, _ in before), texts)

    async def _read(self, waiting: Waiting) -> tuple[list[tuple[Inbox, str]], bool]:
        """The parts that are there, and whether they are all that is waited for."""
        found = (
            select(Inbox, Message.text)
            .join(Message, (Message.conversation_id == Inbox.conversation_id) & (Message.seq == Inbox.message_seq))
            .where(Inbox.conversation_id == waiting.conversation.id, Inbox.answered_at.is_(None))
            .order_by(Inbox.id)
            .limit(MOST_PARTS)
        )
        async with self._database.read(short=True) as session:
            rows = [(row[0], str(row[1])) for row in await session.execute(found)]
        taken: list[tuple[Inbox, str]] = []
        for inbox, text in rows:
            if not _is_typed(inbox):
                return taken, True
            taken.append((inbox, text))
            if not await self._goes_on(waiting.conversation, inbox, text):
                return taken, True
        late = bool(taken) and taken[-1][0].received_at + _patience(taken[-1][0]) < now()
        return taken, late or len(taken) == MOST_PARTS

    async def _goes_on(self, conversation: Conversation, inbox: Inbox, text: str) -> bool:
        """Whether another part is to be waited for."""
        if conversation.active_form or not _is_typed(inbox):
            return False
        cut = inbox.channel == "telegram" and len(text) >= NEAR
        return (cut or bool(inbox.payload.get("more"))) and not await hears(text, self._knowledge.words)


def shortened(text: str) -> str:
    """`text` as the engine takes it: of one that is too long, beginning and end, cut between words."""
    if len(text) <= MAX_LENGTH:
        return text
    head, tail = text[:_HALF], text[-_HALF:]
    return f"{head.rpartition(' ')[0] or head}{_GAP}{tail.partition(' ')[2] or tail}"


def _is_typed(inbox: Inbox) -> bool:
    return inbox.kind == "text" and not inbox.payload.get("payload")


def _patience(inbox: Inbox) -> dt.timedelta:
    return dt.timedelta(seconds=PATIENCE.get(inbox.channel, 0.0))
