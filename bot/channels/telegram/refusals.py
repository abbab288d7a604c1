"""What Telegram's refusals mean: later, soon again, never to this chat, or never this message."""

import re

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.errors import ChannelError

# Telegram tells these apart by words only; all are answers of 400 or 403 that other bots' authors have written down.
_DELETED = re.compile(r"user is deactivated|input_user_deactivated", re.IGNORECASE)
_GONE = re.compile(r"chat not found|user not found|peer_id_invalid|can't initiate conversation", re.IGNORECASE)
_BLOCKED = re.compile(r"blocked|kicked", re.IGNORECASE)
_KEYBOARD = re.compile(r"button|keyboard|markup", re.IGNORECASE)


def as_channel_error(error: TelegramError) -> ChannelError:
    """Whether trying again makes sense: not when blocked or refused, later when told when, soon otherwise."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if not isinstance(wait, int | float) else float(wait)
        return ChannelError("telegram_busy", permanent=False, retry_after=max(seconds, 1.0))
    if isinstance(error, Forbidden | BadRequest | ChatMigrated):
        return ChannelError(_refused(error), permanent=True, detail=error.message)
    kind = "telegram_slow" if isinstance(error, TimedOut) else "telegram_away"
    return ChannelError(kind if isinstance(error, NetworkError) else "telegram_error", permanent=False)


def is_about_buttons(error: TelegramError) -> bool:
    """Whether the buttons are refused and not the words."""
    return isinstance(error, BadRequest) and _KEYBOARD.search(error.message) is not None


def _refused(error: TelegramError) -> str:
    if _DELETED.search(error.message):
        return "account_deleted"
    if _GONE.search(error.message):
        return "chat_gone"
    if isinstance(error, Forbidden) or _BLOCKED.search(error.message):
        return "blocked_by_citizen"
    return "telegram_refused"
