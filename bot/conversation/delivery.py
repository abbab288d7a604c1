"""What waits to leave: queued beside its message, given up with its conversation, tried again by staff."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from bot.errors import BotError
from bot.states import Delivery, Urgency
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, Outbox, now

OPEN = (Delivery.QUEUED, Delivery.SENDING)
# Refusals that concern the address, not the message: nothing arrives there until the citizen writes again.
UNREACHABLE = frozenset({"blocked_by_citizen", "account_deleted", "chat_gone", "no_address"})


def is_open(outbox: Any = Outbox) -> ColumnElement[bool]:
    """Whether a row waits or is on its way; written out as in the index, or no database would see that it fits."""
    found: ColumnElement[bool] = outbox.state.in_(bindparam("open", OPEN, expanding=True, literal_execute=True))
    return found


async def do_queue(uow: UnitOfWork, conversation: Conversation, message: Message, urgency: Urgency) -> None:
    """Put a stored message on its way. For a citizen who cannot be reached it has failed already, and says why.

    What stands before it in its conversation becomes as urgent: the order there is kept, whatever the urgency.
    """
    row = Outbox(
        conversation_id=conversation.id,
        channel=conversation.channel,
        bot=conversation.bot,
        message_id=message.id,
        urgency=int(urgency),
    )
    uow.session.add(row)
    if conversation.unreachable:
        row.state, row.error = Delivery.FAILED, conversation.unreachable
        return
    await uow.session.execute(
        update(Outbox)
        .where(Outbox.conversation_id == conversation.id, is_open(), Outbox.urgency > int(urgency))
        .values(urgency=int(urgency))
        .execution_options(synchronize_session=False)
    )


async def do_give_up(uow: UnitOfWork, conversation_id: str, code: str) -> None:
    """Mark the citizen as unreachable; all that waits for her fails with the same reason, without being tried."""
    await uow.session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(unreachable=code, unreachable_since=now())
        .execution_options(synchronize_session=False)
    )
    await uow.session.execute(
        update(Outbox)
        .where(Outbox.conversation_id == conversation_id, is_open())
        .values(state=Delivery.FAILED, error=code, leased_by=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )


async def do_try_again(uow: UnitOfWork, conversation: Conversation, seq: int) -> None:
    """Put a failed message of this conversation back in its old place. Raises BotError `state_changed` otherwise."""
    wanted = select(Message.id).where(Message.conversation_id == conversation.id, Message.seq == seq)
    again = await uow.session.execute(
        update(Outbox)
        .where(Outbox.message_id.in_(wanted), Outbox.state == Delivery.FAILED)
        .values(state=Delivery.QUEUED, urgency=int(Urgency.REPLY), attempts=0, error=None, next_try_at=now())
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    if again.first() is None:
        raise BotError("state_changed")
    conversation.unreachable = conversation.unreachable_since = None
