"""A text that is longer than a message comes in parts: they wait for one another, and are understood as one.

A page says of a part that more follows. Telegram cuts what is pasted by itself: a message near its limit is a part. In
a form each message is what she types, and people read what is written to them; where danger is heard nothing waits.
"""

import asyncio
import datetime as dt

from sqlalchemy import select

from bot.conversation.inbox import Waiting, pressed_of
from bot.knowledge.knowledge import Knowledge
from bot.states import State
from bot.store.database import Database
from bot.store.tables import Conversation, Inbox, Message, now
from bot.text import MAX_LENGTH
from bot.turns.danger import hears

PATIENCE = {"web": 10.0, "telegram": 3.0}  # seconds that a part waits for the next
LOOK_AGAIN = 0.2
NEAR = 3_800  # characters; Telegram cuts at 4,096, or at the last word before
MOST_PARTS = 8
MOST_WAITING = 8  # conversations of this node that are waited for at once: each keeps a place in the lane
_GAP = " … "
_HALF = (MAX_LENGTH - 100) // 2  # a little less than the engine takes: forms of letters may grow


class Parts:
    """Puts the parts of a text together."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge
        self._waiting = 0

    async def gather(self, waiting: Waiting) -> Waiting:
        """`waiting`, or the last part of the text that it begins, with the words of all; waits for those that come.

        Of more than MOST_WAITING texts at once nothing is waited for, so that there is room for everybody else.
        """
        text = _Text(waiting.conversation, self._knowledge)
        if not await text.goes_on(waiting.inbox, waiting.text):
            return waiting
        patient = self._waiting < MOST_WAITING
        self._waiting += patient
        try:
            taken, whole = await self._read(text)
            while patient and taken and not whole:
                await asyncio.sleep(LOOK_AGAIN)
                taken, whole = await self._read(text)
        finally:
            self._waiting -= patient
        if len(taken) < 2:
            return waiting
        *before, (last, _) = taken
        texts = tuple(part for _, part in taken)
        return Waiting(waiting.conversation, last, "\n".join(texts), tuple(inbox.id for inbox, _ in before), texts)

    async def _read(self, text: "_Text") -> tuple[list[tuple[Inbox, str]], bool]:
        """The parts that are there, and whether they are all that is waited for."""
        found = (
            select(Inbox, Message.text)
            .join(Message, (Message.conversation_id == Inbox.conversation_id) & (Message.seq == Inbox.message_seq))
            .where(Inbox.conversation_id == text.conversation.id, Inbox.answered_at.is_(None))
            .order_by(Inbox.id)
            .limit(MOST_PARTS)
        )
        async with self._database.read(short=True) as session:
            rows = [(row[0], str(row[1])) for row in await session.execute(found)]
        taken: list[tuple[Inbox, str]] = []
        for inbox, part in rows:
            if not _is_typed(inbox):
                return taken, True
            taken.append((inbox, part))
            if not await text.goes_on(inbox, part):
                return taken, True
        late = bool(taken) and taken[-1][0].received_at + _patience(taken[-1][0]) < now()
        return taken, late or len(taken) == MOST_PARTS


class _Text:
    """A text that comes in parts; the rule reads each of them once, however often it is looked whether more came."""

    def __init__(self, conversation: Conversation, knowledge: Knowledge) -> None:
        self.conversation = conversation
        self._knowledge = knowledge
        self._known: dict[int, bool] = {}

    async def goes_on(self, inbox: Inbox, part: str) -> bool:
        """Whether another part is to be waited for behind this one."""
        if inbox.id not in self._known:
            self._known[inbox.id] = await self._reads(inbox, part)
        return self._known[inbox.id]

    async def _reads(self, inbox: Inbox, part: str) -> bool:
        of_people = self.conversation.state in (State.STAFF, State.CLOSED)
        if of_people or self.conversation.active_form or not _is_typed(inbox):
            return False
        cut = inbox.channel == "telegram" and len(part) >= NEAR
        return (cut or bool(inbox.payload.get("more"))) and not await hears(part, self._knowledge.words)


def shortened(text: str) -> str:
    """`text` as the engine takes it: of one that is too long, beginning and end, cut between words."""
    if len(text) <= MAX_LENGTH:
        return text
    head, tail = text[:_HALF], text[-_HALF:]
    return f"{head.rpartition(' ')[0] or head}{_GAP}{tail.partition(' ')[2] or tail}"


def _is_typed(inbox: Inbox) -> bool:
    return inbox.kind == "text" and not pressed_of(inbox)


def _patience(inbox: Inbox) -> dt.timedelta:
    return dt.timedelta(seconds=PATIENCE.get(inbox.channel, 0.0))
