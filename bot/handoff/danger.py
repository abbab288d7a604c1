"""Danger that was heard and that no person has replied to since: it is shown first, and anybody may take it over."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.states import Author, Outcome
from bot.store.tables import Case, Conversation, Message

CRISIS_PRIORITY = 10


def unanswered_danger() -> ColumnElement[bool]:
    """Whether a conversation (of the query around it) is in danger and the last word about it is not a person's."""
    case = aliased(Case)
    raised = exists().where(case.conversation_id == Conversation.id, case.ended_at.is_(None))
    mine = Message.conversation_id == Conversation.id
    heard = select(func.max(Message.seq)).where(mine, Message.outcome == Outcome.CRISIS)
    replied = select(func.coalesce(func.max(Message.seq), 0)).where(mine, Message.author == Author.STAFF)
    return and_(
        raised.where(case.priority >= CRISIS_PRIORITY).correlate(Conversation),
        heard.correlate(Conversation).scalar_subquery() > replied.correlate(Conversation).scalar_subquery(),
    )


async def is_left_in_danger(session: AsyncSession, ids: Sequence[str]) -> bool:
    """Whether one of these conversations has told of danger, and no person has replied to her since."""
    left = select(Conversation.id).where(Conversation.id.in_(ids), unanswered_danger()).limit(1)
    return await session.scalar(left) is not None
