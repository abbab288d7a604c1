"""Notes how far a citizen's page has read, so that staff see what was delivered."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from bot.conversation.hub import Notice
from bot.services import Services
from bot.states import Author
from bot.store.tables import Conversation


async def do_note_delivered(services: Services, conversation: Conversation, messages: Sequence[dict[str, Any]]) -> None:
    """A page has got these public messages. Only replies of staff are noted: a write for each answer of the assistant
    would cost more than it tells."""
    seq = max((message["seq"] for message in messages if message["from"] == Author.STAFF), default=0)
    if seq <= conversation.delivered_seq:
        return
    async with services.database.write(short=True) as uow:
        await uow.session.execute(
            update(Conversation)
            .where(Conversation.id == conversation.id, Conversation.delivered_seq < seq)
            .values(delivered_seq=seq)
            .execution_options(synchronize_session=False)
        )
        notice = Notice("delivery", conversation.id, {"seq": seq, "delivery": "delivered"})
        uow.after_commit(lambda: services.hub.publish(conversation.agency, notice))
        await uow.commit()
