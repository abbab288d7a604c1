"""How long a citizen was away before she wrote."""

import datetime as dt

from sqlalchemy import func, select

from bot.states import Author
from bot.store.database import Database
from bot.store.tables import Inbox, Message


async def was_away(database: Database, turn_id: str, least: dt.timedelta) -> bool:
    """Whether the message of this turn came at least so long after the one that she wrote before."""
    before = (
        select(func.max(Message.created_at))
        .where(
            Message.conversation_id == Inbox.conversation_id,
            Message.seq < Inbox.message_seq,
            Message.author == Author.CITIZEN,
        )
        .scalar_subquery()
    )
    async with database.read(short=True) as session:
        row = (await session.execute(select(Inbox.received_at, before).where(Inbox.turn_id == turn_id))).first()
    return row is not None and row[1] is not None and row[0] - row[1] >= least
