"""States and outcomes of conversations, cases and messages, in one place with their groups."""

from enum import IntEnum, StrEnum
from typing import Any


class State(StrEnum):
    """Who owns a conversation."""

    ASSISTANT = "assistant"
    WAITING_STAFF = "waiting_staff"
    STAFF = "staff"
    CLOSED = "closed"


WITH_PEOPLE = frozenset({State.WAITING_STAFF, State.STAFF})


# Roles of who signs in.
ADMINISTRATOR = "administrator"
ROLES = ("staff", ADMINISTRATOR)
# States of an item (`bot/suggestions/items.py`): the one in which its author is asked something, and the last ones.
NEEDS_INFO, WITHDRAWN = "needs_info", "withdrawn"
ENDED_ITEM = ("done", "not_accepted", WITHDRAWN)


class Author(StrEnum):
    """Who speaks. `note` is seen by staff only and never leaves."""

    CITIZEN = "citizen"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"
    NOTE = "note"


PUBLIC_AUTHORS = frozenset({Author.CITIZEN, Author.ASSISTANT, Author.STAFF, Author.SYSTEM})


class Outcome(StrEnum):
    """How a turn ended: exactly one of these (design §2)."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    FORM_STEP = "form_step"
    FILED = "filed"
    STATUS_GIVEN = "status_given"
    HANDED_OVER = "handed_over"
    WITH_STAFF = "with_staff"
    OUT_OF_SCOPE = "out_of_scope"
    CRISIS = "crisis"
    REFUSED = "refused"
    ERROR = "error"


class Delivery(StrEnum):
    """Where an outgoing message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class Urgency(IntEnum):
    """What leaves first when much waits: what is said in a conversation, then news that nobody is waiting for."""

    REPLY = 0
    NOTICE = 10


class Reason(StrEnum):
    """Why a person was asked for."""

    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    ASSISTANT_ERROR = "assistant_error"
    ASSISTANT_OFF = "assistant_off"
    CRISIS = "crisis"
    TAKEOVER = "takeover"


# The state of a dialogue in which nothing was said yet (docs/contracts.md §1).
NEW_DIALOGUE: dict[str, Any] = {"v": 1, "slots": {}, "active_form": None, "requested_slot": None, "events": []}


def with_slot(state: dict[str, Any] | None, name: str, value: object) -> dict[str, Any]:
    """A dialogue's state that knows one thing more; None is a dialogue in which nothing was said yet."""
    known = state or NEW_DIALOGUE
    return {**known, "slots": {**known["slots"], name: value}}
