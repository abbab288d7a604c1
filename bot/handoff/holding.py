"""Who may hold a conversation, and who may take it from whom."""

from sqlalchemy import ColumnElement, or_

from bot.states import ADMINISTRATOR, ROLES
from bot.store.tables import Conversation, Staff


def lost_it() -> ColumnElement[bool]:
    """Whether the owner of a conversation may hold it no longer: she left, or has another agency or role."""
    return or_(Staff.active.is_(False), Staff.agency != Conversation.agency, Staff.role.not_in(ROLES))


def may_take_over(staff: Staff, holder: Staff) -> bool:
    """Whether `staff` may take a conversation from a colleague of hers who holds it."""
    return staff.role == ADMINISTRATOR and staff.id != holder.id
