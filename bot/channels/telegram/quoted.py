"""Which of our messages a citizen's message answers: Telegram names its own number of it."""

from sqlalchemy import select

from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, Outbox

MOST = 200  # messages that are looked through, the newest first; who answers an older one is understood as ever


async def read_quoted(uow: UnitOfWork, conversation: Conversation, telegram_id: int) -> dict[str, int | str]:
    """`{reply_to, topic?}` of the message that has that number in Telegram; empty when none of the newest has."""
    if not telegram_id:
        return {}
    sent = (
        select(Message.seq, Message.topic, Message.client_id, Outbox.parts_sent)
        .outerjoin(Outbox, Outbox.message_id == Message.id)
        .where(Message.conversation_id == conversation.id)
        .order_by(Message.seq.desc())
        .limit(MOST)
    )
    for seq, topic, client_id, parts in await uow.session.execute(sent):
        if telegram_id in (parts or ()) or client_id == f"tg{telegram_id}":
            return {"reply_to": seq} | ({"topic": topic} if topic else {})
    return {}
