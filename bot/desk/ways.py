"""How far a message has come on its way to the citizen, as staff read it."""

import datetime as dt
from dataclasses import dataclass

from bot.states import Author, Delivery
from bot.store.tables import Conversation, Message, Outbox

ICONS = {"stored": "…", "queued": "…", "again": "↻", "sent": "✓", "delivered": "✓✓", "failed": "✕", "dropped": "✕"}
OUTGOING = (Author.STAFF, Author.ASSISTANT, Author.SYSTEM)


@dataclass(frozen=True)
class Way:
    """`state` is stored (in the web chat, not read yet), queued, again (failed once, will be tried), sent, delivered,
    failed or dropped; `reason` the code of the last failure."""

    state: str
    reason: str = ""
    attempts: int = 0
    next_try_at: dt.datetime | None = None

    @property
    def icon(self) -> str:
        """A sign beside the word."""
        return ICONS[self.state]


def way_of(conversation: Conversation, message: Message, row: Outbox | None) -> Way | None:
    """The way of one message; of what the assistant says only where it went wrong."""
    if message.author not in OUTGOING:
        return None
    by_staff = message.author == Author.STAFF
    if row is None:
        read = message.seq <= conversation.delivered_seq
        return Way("delivered" if read else "stored") if by_staff else None
    reason = (row.error or "").split(":")[0]
    if row.state == Delivery.FAILED:
        return Way("failed", reason, row.attempts)
    if row.state in (Delivery.QUEUED, Delivery.SENDING):
        if reason:
            return Way("again", reason, row.attempts, row.next_try_at)
        return Way("queued") if by_staff else None
    return Way(row.state) if by_staff else None
