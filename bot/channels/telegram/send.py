"""Telegram's way out: a message in parts, buttons under the last, errors told apart."""

from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram.split import split
from bot.conversation.outbox import Parcel
from bot.conversation.states import Author
from bot.errors import ChannelError
from bot.privacy.secrets import Secrets
from bot.store.tables import Message

MAX_CALLBACK_BYTES = 64


class TelegramSender:
    """Sends messages to chats. `ok` is False while Telegram refuses the token or cannot be reached."""

    def __init__(self, bot: Bot, secrets: Secrets) -> None:
        self._bot = bot
        self._secrets = secrets
        self.ok = True

    async def send(self, parcel: Parcel) -> list[Any]:
        """Send the parts that have not left; Telegram's message ids of all parts. Raises ChannelError."""
        if not parcel.conversation.address:
            raise ChannelError("no_address", permanent=True)
        chat_id = int(self._secrets.unseal(parcel.conversation.address))
        parts = split(_words(parcel.message))
        sent = list(parcel.parts_sent)
        for number, part in enumerate(parts):
            if number < len(sent):
                continue
            keyboard = _keyboard(parcel.message) if number == len(parts) - 1 else None
            try:
                sent.append(await self._send_part(chat_id, part, keyboard))
            except ChannelError as error:
                error.parts_sent = sent
                raise
        return sent

    async def _send_part(self, chat_id: int, text: str, keyboard: InlineKeyboardMarkup | None) -> int:
        try:
            sent = await self._bot.send_message(chat_id, text, reply_markup=keyboard)
        except TelegramError as error:
            raise as_channel_error(error) from error
        return sent.message_id


def as_channel_error(error: TelegramError) -> ChannelError:
    """Whether trying again makes sense: not when blocked or refused, later when told when, soon otherwise."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if not isinstance(wait, int | float) else float(wait)
        return ChannelError("telegram_busy", permanent=False, retry_after=seconds)
    if isinstance(error, Forbidden):
        return ChannelError("blocked_by_citizen", permanent=True, detail=error.message)
    if isinstance(error, BadRequest):
        return ChannelError("telegram_refused", permanent=True, detail=error.message)
    kind = "telegram_slow" if isinstance(error, TimedOut) else "telegram_away"
    return ChannelError(kind if isinstance(error, NetworkError) else "telegram_error", permanent=False)


def _words(message: Message) -> str:
    """What is sent; staff are named in the text, since Telegram shows only the bot's name."""
    return f"{message.name}:\n{message.text}" if message.author == Author.STAFF and message.name else message.text


def _keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """One button a row, so that long titles stay readable on a phone. The key is short; the payload stays here."""
    rows = [
        [InlineKeyboardButton(str(button["title"]), callback_data=f"{message.seq}.{index}")]
        for index, button in enumerate(message.buttons or ())
    ]
    return InlineKeyboardMarkup(rows) if rows else None
