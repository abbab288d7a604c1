"""A second factor that is being made travels in its form, sealed: nothing is stored before its first code is right."""

from cryptography.fernet import InvalidToken

from bot.errors import BotError
from bot.privacy.secrets import Secrets
from bot.store.tables import Staff


def seal_draft(secrets: Secrets, staff: Staff, secret: str) -> str:
    """For the form's hidden field."""
    return secrets.seal(f"{staff.id}:{secret}")


def open_draft(secrets: Secrets, staff: Staff, draft: str) -> str:
    """The secret in the field. Raises BotError `body_invalid` when it was not made here for `staff`."""
    try:
        whose, _, secret = secrets.unseal(draft).partition(":")
    except (InvalidToken, ValueError):
        raise BotError("body_invalid") from None
    if whose != str(staff.id):
        raise BotError("body_invalid")
    return secret
