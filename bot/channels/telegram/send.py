"""Telegram's way out: a message in parts, buttons under the last."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.channels.telegram.refusals import as_channel_error, is_about_buttons
from bot.conversation.outbox import Keep, Parcel
from bot.conversation.pace import Pace
from bot.errors import ChannelError
from bot.privacy.secrets import Secrets
from bot.states import Author
from bot.store.tables import Conversation, Message
from bot.text import split
from bot.turns.data_requests import MY_DATA_FILES

# "Avoid sending more than one message per second to a chat", with short bursts; "no more than about 30 a second" over
# all: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. 25 and a burst of 5 never pass 30.
PER_CHAT = (1.0, 4)
OVER_ALL = (25.0, 5)
# A call that is broken off may have arrived: long enough that only a Telegram in trouble is.
CALL_SECONDS = 25.0
MY_DATA = f"{MY_DATA_FILES}_telegram"
MOST = 4_096  # UTF-16 units of a message
FilesOf = Callable[[Conversation], Awaitable[dict[str, str]]]


class TelegramSender:
    """Sends messages to chats. `ok` is False while Telegram refuses the token or cannot be reached."""

    def __init__(self, bot: Bot, secrets: Secrets, files_of: FilesOf) -> None:
        self._bot = bot
        self._secrets = secrets
        self._files_of = files_of
        self.pace = Pace(PER_CHAT, OVER_ALL)
        self.ok = True

    async def send(self, parcel: Parcel, keep: Keep) -> list[Any]:
        """Send the parts that have not left; Telegram's message ids of all parts. Raises ChannelError."""
        if not parcel.conversation.address:
            raise ChannelError("no_address", permanent=True)
        chat_id = int(self._secrets.unseal(parcel.conversation.address))
        parts = split(_words(parcel.message), MOST)
        sent = list(parcel.parts_sent)
        for number, part in enumerate(parts):
            if number < len(sent):
                continue
            keyboard = _keyboard(parcel.message) if number == len(parts) - 1 else None
            sent.append(await self._send_part(chat_id, part, keyboard))
            if number < len(parts) - 1:
                await keep(sent)
        if parcel.message.response == MY_DATA and len(sent) == len(parts):
            await keep(sent)
            sent.append(await self._send_files(chat_id, parcel.conversation))
        return sent

    async def _send_files(self, chat_id: int, conversation: Conversation) -> int:
        """Her data as documents, made now and kept nowhere; the id of the last. Raises ChannelError."""
        last = 0
        try:
            async with asyncio.timeout(CALL_SECONDS):
                for name, text in (await self._files_of(conversation)).items():
                    last = (await self._bot.send_document(chat_id, text.encode(), filename=name)).message_id
        except TelegramError as error:
            raise as_channel_error(error) from error
        except TimeoutError as error:
            raise ChannelError("telegram_slow", permanent=False) from error
        return last

    async def _send_part(self, chat_id: int, text: str, keyboard: InlineKeyboardMarkup | None) -> int:
        """Send one part; without its buttons when Telegram refuses those. Raises ChannelError."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                try:
                    sent = await self._bot.send_message(chat_id, text, reply_markup=keyboard)
                except TelegramError as error:
                    if keyboard is None or not is_about_buttons(error):
                        raise
                    sent = await self._bot.send_message(chat_id, text)
        except TelegramError as error:
            raise as_channel_error(error) from error
        except TimeoutError as error:
            raise ChannelError("telegram_slow", permanent=False) from error
        return sent.message_id


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
