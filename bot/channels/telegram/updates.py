"""An update of Telegram as a message of the inbox: what is answered, what is only noted, what is refused politely.

Read from the JSON itself, field by field: what we do not need may be missing, new or broken without losing the message.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

from bot.text import clean

Json = dict[str, Any]
# What is asked for, at the webhook and in polling: nothing else arrives.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
# Fields of a message that carry no text, and the words `utter_system/<code>` that answer them. What is not here is a
# service message ("pinned a message", "changed the background"), which nobody expects an answer to.
_MEDIA = {
    "photo": "not_text_photo",
    "live_photo": "not_text_photo",
    "video": "not_text_photo",
    "voice": "not_text_voice",
    "audio": "not_text_voice",
    "video_note": "not_text_voice",
    "sticker": "not_text_sticker",
    "animation": "not_text_sticker",
    "document": "not_text_document",
} | dict.fromkeys(
    ("dice", "game", "poll", "story", "paid_media", "checklist", "rich_message", "invoice", "giveaway"),
    "not_text_other",
)
_LARGEST = 2**63
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Heard:
    """What an update is.

    `kind` is text, button, location, contact, command, media, edited, group, blocked, back or ignored; of an ignored
    one `payload` says what it was, of a text beside something that is not read how that is said. `album` is what
    several pictures sent at once have in common, `quoted` the number of the message that this one answers. `own` tells
    of a contact whether it is the sender's.
    """

    kind: str
    chat_id: int = 0
    text: str = ""
    name: str = ""
    language: str = ""
    payload: str = ""
    callback_id: str = ""
    message_id: int = 0
    location: tuple[float, float] | None = None
    album: str = ""
    danger: bool = False  # by the rule, where it decides whether there is a turn
    edited: bool = False
    quoted: int = 0
    own: bool = False


def update_id_of(update: object) -> int | None:
    """The number that makes an update one of its kind; None when it has none that is usable."""
    number = _get(update, "update_id", int)
    return number if number is not None and 0 <= number < _LARGEST else None


def hear(update: Json, username: str = "") -> Heard:
    """Sort an update for the bot called `username`. Never raises: what cannot be read is `ignored`."""
    if query := _get(update, "callback_query", dict):
        return _button(query)
    if change := _get(update, "my_chat_member", dict):
        return _member(change)
    if edited := _get(update, "edited_message", dict):
        chat_id, number = _private(edited), _number(edited, "message_id")
        if chat_id is None or number is None:
            return Heard("ignored", payload="edited_message")
        words = _get(edited, "text", str) or _get(edited, "caption", str) or ""
        who = _who(_get(edited, "from", dict))
        return Heard("edited", chat_id, words, message_id=number, **who)
    if message := _get(update, "message", dict):
        return _message(message, username)
    return Heard("ignored", payload=", ".join(sorted(clean(str(key), 40) for key in update if key != "update_id"))[:80])


def _message(message: Json, username: str) -> Heard:
    chat_id, number = _private(message), _number(message, "message_id")
    text = _get(message, "text", str) or ""
    if chat_id is None or number is None:
        group = _number(_get(message, "chat", dict), "id")
        asked = text.startswith("/") and _is_for(text, username)
        return Heard("group", group) if asked and group is not None else Heard("ignored", payload="message elsewhere")
    base: Json = {"chat_id": chat_id, "message_id": number, **_who(_get(message, "from", dict))}
    base["quoted"] = _number(_get(message, "reply_to_message", dict), "message_id") or 0
    if text.startswith("/"):
        command, *rest = _SPACE.split(text, maxsplit=1)
        payload = rest[0].strip() if rest else ""
        return Heard("command", text=command.split("@")[0].lower(), payload=payload, **base)
    if text:
        return Heard("text", text=text, **base)
    if place := _place(_get(message, "location", dict)):
        return Heard("location", location=place, **base)
    if contact := _get(message, "contact", dict):
        return _contact(contact, message, base)
    base["album"] = clean(_get(message, "media_group_id", str) or "", 60)
    for field, code in _MEDIA.items():
        if message.get(field):
            caption = _get(message, "caption", str) or ""
            return Heard("text" if caption.strip() else "media", text=caption, payload=code, **base)
    return Heard("ignored", payload="service message")


def _contact(contact: Json, message: Json, base: Json) -> Heard:
    """A shared contact: its number, and the name beside it when it is somebody else's."""
    phone = clean(_get(contact, "phone_number", str) or "", 40)
    sender = _number(_get(message, "from", dict), "id")
    own = sender is not None and _number(contact, "user_id") == sender
    name = "" if own else clean(_get(contact, "first_name", str) or "", 120)
    return Heard("contact", text=f"{name} {phone}".strip(), own=own, **base)


def _button(query: Json) -> Heard:
    """A press. One without a message, or on a message too old to be shown, is answered as well."""
    who = _get(query, "from", dict)
    message = _get(query, "message", dict)
    chat_id = _private(message) if message else _number(who, "id")
    callback_id = (_get(query, "id", str) or "")[:100]
    if chat_id is None:
        return Heard("ignored", payload="callback elsewhere", callback_id=callback_id)
    data = _get(query, "data", str) or ""
    return Heard("button", chat_id, payload=data, callback_id=callback_id, **_who(who))


def _member(change: Json) -> Heard:
    """The citizen blocked the bot, or let it in again."""
    chat_id = _private(change)
    status = _get(_get(change, "new_chat_member", dict), "status", str)
    if chat_id is None or status is None:
        return Heard("ignored", payload="my_chat_member")
    return Heard("blocked" if status in ("kicked", "left") else "back", chat_id)


def _private(message: object) -> int | None:
    """The chat's id, if it is a person's."""
    chat = _get(message, "chat", dict)
    kind = _get(chat, "type", str)
    number = _number(chat, "id")
    return number if kind == "private" and number is not None and number > 0 else None


def _is_for(text: str, username: str) -> bool:
    """Whether a command in a group is meant for us: it names our bot, or none."""
    _, at, name = _SPACE.split(text, maxsplit=1)[0].partition("@")
    return not at or name.lower() == username.lower()


def _who(user: Json | None) -> Json:
    names = (_get(user, "first_name", str), _get(user, "last_name", str))
    name = clean(" ".join(name for name in names if name), 120)
    return {"name": name, "language": (_get(user, "language_code", str) or "")[:2].lower()}


def _place(location: Json | None) -> tuple[float, float] | None:
    found = [_get(location, name, (int, float)) for name in ("latitude", "longitude")]
    if not all(isinstance(value, int | float) and math.isfinite(value) and abs(value) <= 180 for value in found):
        return None
    latitude, longitude = (float(value) for value in found)
    return (latitude, longitude) if abs(latitude) <= 90 else None


def _number(data: object, name: str) -> int | None:
    number = _get(data, name, int)
    return number if number is not None and -_LARGEST < number < _LARGEST else None


def _get(data: object, name: str, kind: Any) -> Any:
    """The field, when it is there and of that kind."""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, kind) and not isinstance(value, bool) else None
