"""What every turn leaves in the tables: its words, its row, and its message answered."""

import time
from enum import Enum

import structlog
from sqlalchemy import bindparam, update

from bot.conversation.inbox import Waiting
from bot.conversation.writer import Said
from bot.metrics import count_turn
from bot.privacy.mask import mask_values
from bot.states import Author
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Inbox, Turn, now
from bot.turns.reply import Line, Reply

log = structlog.get_logger()
MOST_ENTITIES = 20  # of one message; thousands of numbers tell nobody more
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


async def do_end(uow: UnitOfWork, conversation: Conversation, waiting: Waiting, reply: Reply, started: float) -> Left:
    """Close the inbox row with its turn: from here on this message is answered. The last one ends the lease.

    Raises AnsweredMeanwhile when somebody whose lease came later was faster; nothing of this turn is stored then.
    """
    inbox = waiting.inbox
    answered = await uow.session.execute(_ANSWERED, {"inbox": inbox.id, "at": now()})
    if answered.scalar_one_or_none() is None:
        raise AnsweredMeanwhile
    closed = 1 + (await _do_close(uow, waiting.before) if waiting.before else 0)
    conversation.waiting_messages = max(0, conversation.waiting_messages - closed)
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


async def _do_close(uow: UnitOfWork, parts: tuple[int, ...]) -> int:
    """Answer the parts of a text with its last one; how many there were."""
    closing = update(Inbox).where(Inbox.id.in_(parts), Inbox.answered_at.is_(None)).values(answered_at=now())
    closed = await uow.session.execute(closing.returning(Inbox.id).execution_options(synchronize_session=False))
    return len(closed.all())


def _tell(inbox: Inbox, reply: Reply, took: float) -> None:
    """Count a turn that is stored, and write its line."""
    count_turn(reply.outcome, took, (now() - inbox.received_at).total_seconds() - took)
    log.info("turn.ended", outcome=str(reply.outcome), milliseconds=round(took * 1_000))


def said_of(line: Line, reply: Reply, waiting: Waiting) -> Said:
    """A line of the reply as it is written into the conversation."""
    return Said(
        author=Author.ASSISTANT,
        text=line.rendered.text,
        buttons=line.rendered.buttons,
        card=line.rendered.card,
        response=line.response,
        topic=line.rendered.topic,
        outcome=reply.outcome,
        turn_id=waiting.inbox.turn_id,
        language=reply.language,
    )
