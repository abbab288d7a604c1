"""An update of Telegram as a message of the inbox: what is answered, what is only noted, what is refused politely."""

from dataclasses import dataclass
from typing import Any

from telegram import Message as TelegramMessage
from telegram import Update

# Attributes of a message that carry no text, and the words `utter_system/<code>` that answer them.
_MEDIA = (
    ("photo", "not_text_photo"),
    ("voice", "not_text_voice"),
    ("audio", "not_text_voice"),
    ("video_note", "not_text_voice"),
    ("sticker", "not_text_sticker"),
    ("animation", "not_text_sticker"),
    ("document", "not_text_document"),
    ("video", "not_text_photo"),
)


@dataclass(frozen=True)
class Heard:
    """What an update is: `kind` is text, button, location, command, media, edited, group, blocked or ignored."""

    kind: str
    chat_id: int = 0
    text: str = ""
    name: str = ""
    language: str = ""
    payload: str = ""
    callback_id: str = ""
    message_id: int = 0
    location: tuple[float, float] | None = None


def hear(update: Update) -> Heard:
    """Sort an update. Never raises: what is unknown is `ignored`."""
    if update.callback_query is not None:
        return _button(update)
    if update.my_chat_member is not None:
        status = update.my_chat_member.new_chat_member.status
        return Heard("blocked" if status in ("kicked", "left") else "ignored", update.my_chat_member.chat.id)
    if update.edited_message is not None:
        edited = update.edited_message
        return Heard("edited", edited.chat.id, edited.text or "", message_id=edited.message_id)
    if update.message is None:
        return Heard("ignored")
    return _message(update.message)


def _message(message: TelegramMessage) -> Heard:
    who = {"name": _name(message.from_user), "language": _language(message.from_user)}
    base: dict[str, Any] = {"chat_id": message.chat.id, "message_id": message.message_id, **who}
    if message.chat.type != "private":
        asked = bool(message.text and message.text.startswith("/"))
        return Heard("group" if asked else "ignored", message.chat.id)
    if message.text and message.text.startswith("/"):
        command, _, rest = message.text.partition(" ")
        return Heard("command", text=command.split("@")[0].lower(), payload=rest.strip()[:64], **base)
    if message.text:
        return Heard("text", text=message.text, **base)
    if message.location is not None:
        return Heard("location", location=(message.location.latitude, message.location.longitude), **base)
    for attribute, code in _MEDIA:
        if getattr(message, attribute, None):
            return Heard("media", text=message.caption or "", payload=code, **base)
    return Heard("media", payload="not_text_other", **base)


def _button(update: Update) -> Heard:
    query = update.callback_query
    if query is None:
        return Heard("ignored")
    chat_id = query.message.chat.id if query.message else query.from_user.id
    return Heard(
        "button",
        chat_id,
        payload=query.data or "",
        callback_id=query.id,
        name=_name(query.from_user),
        language=_language(query.from_user),
    )


def _name(user: Any) -> str:
    return str(user.full_name)[:120] if user else ""


def _language(user: Any) -> str:
    return str(user.language_code or "")[:2].lower() if user else ""
