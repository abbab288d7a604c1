"""The documented limits: those that the description words, and those of the other pages."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from emulator.calls import Call, Refused, strings
from emulator.description import Description, Entry, Field, Json
from emulator.entities import length, parsed

RANGE = re.compile(r"(\d+)-(\d+) (characters|bytes|items)")
AFTER_PARSING = re.compile(r"after entit\w+ parsing")
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LINK = re.compile(r"(?:https?://)?t\.me/\w+\?\S+")
PER_ROW, PER_KEYBOARD, COMMANDS = 8, 100, 100
MEBIBYTE = 1024 * 1024
UPLOADS = {"photo": 10 * MEBIBYTE}
UPLOAD, DOWNLOAD = 50 * MEBIBYTE, 20 * MEBIBYTE
WEBHOOK_PORTS = (None, 80, 88, 443, 8443)
CHAT_ACTIONS = frozenset(
    {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"}
    | {"choose_sticker", "find_location", "record_video_note", "upload_video_note"}
)


def check_limits(call: Call, method: Entry, description: Description) -> None:
    """Refuse a call that is well-formed but beyond a documented limit."""
    problems = [
        problem
        for name, value in call.values.items()
        for problem in problems_of(value, method.fields[name], name, description)
    ]
    problems += [*keyboard_problems(call), *link_problems(call), *upload_problems(call)]
    problems += CHECKS[call.method](call) if call.method in CHECKS else []
    if problems:
        raise Refused(400, "Bad Request: " + "; ".join(problems), breach=True)


def problems_of(value: object, field: Field, path: str, description: Description) -> Iterator[str]:
    """The ranges worded in the description, wherever they stand inside the value."""
    wording = RANGE.search(field.text)
    if wording and not AFTER_PARSING.search(field.text) and isinstance(value, str | list):
        low, high, unit = int(wording[1]), int(wording[2]), wording[3]
        size = measured(value, unit)
        if not low <= size <= high:
            yield f"{path} must have {low}-{high} {unit}, has {size}"
    for name in field.types:
        yield from nested_problems(value, name, path, description)


def nested_problems(value: object, name: str, path: str, description: Description) -> Iterator[str]:
    """The same for the fields of an object."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            inner = name.removeprefix("Array of ")
            yield from nested_problems(item, inner, f"{path}[{index}]", description)
    elif isinstance(value, dict) and name in description.types:
        if description.problems(value, (name,), path):
            return
        for key, item in value.items():
            field = description.types[name].fields.get(key)
            if field:
                yield from problems_of(item, field, f"{path}.{key}", description)


def measured(value: str | list[object], unit: str) -> int:
    if isinstance(value, list):
        return len(value)
    return len(value.encode()) if unit == "bytes" else length(value)


def checked_text(call: Call, key: str = "text") -> tuple[str, list[Json]]:
    """Text or caption after entities parsing, within 1-4096 or 0-1024."""
    entities = call.values.get("entities" if key == "text" else "caption_entities")
    text, found = parsed(call.values.get(key, ""), call.values.get("parse_mode"), entities)
    limit = 4096 if key == "text" else 1024
    if key == "text" and not text.strip():
        raise Refused(400, "Bad Request: message text is empty", breach=True)
    if length(text) > limit:
        raise Refused(400, "Bad Request: message is too long", breach=True)
    return text, found


def keyboard_problems(call: Call) -> Iterator[str]:
    """Buttons: how many, how named, and exactly one thing that each does."""
    markup = call.values.get("reply_markup", {})
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    if sum(map(len, rows)) > PER_KEYBOARD:
        yield f"reply markup has more than {PER_KEYBOARD} buttons"
    for row in rows:
        if len(row) > PER_ROW:
            yield f"a row has more than {PER_ROW} buttons"
        for button in row:
            if not button["text"].strip():
                yield "a button has no text"
            if "inline_keyboard" in markup:
                yield from inline_problems(button)
            elif button.get("request_location") and (call.chat_id or 0) < 0:
                yield "request_location is available in private chats only"


def inline_problems(button: Json) -> Iterator[str]:
    """One inline button."""
    does = button.keys() - {"text", "icon_custom_emoji_id", "style"}
    if len(does) != 1:
        yield f"button {button['text']!r} must do exactly one thing, does {sorted(does)}"
    if "url" in button:
        parts = urlsplit(button["url"])
        if parts.scheme != "tg" and (parts.scheme not in ("http", "https") or "." not in parts.netloc):
            yield f"button {button['text']!r} has a wrong URL: {button['url']!r}"


def link_problems(call: Call) -> Iterator[str]:
    """Deep links that the bot hands out must carry a payload that Telegram takes."""
    for text in strings(call.values):
        for link in LINK.findall(text):
            query = parse_qs(urlsplit(link).query, keep_blank_values=True)
            for payload in [*query.get("start", []), *query.get("startgroup", [])]:
                if not PAYLOAD.fullmatch(payload):
                    yield f"deep-link payload {payload!r} must be 1-64 of A-Z a-z 0-9 _ -"


def upload_problems(call: Call) -> Iterator[str]:
    """What a bot may upload."""
    for name, file in call.files.items():
        if len(file.content) > UPLOADS.get(name, UPLOAD):
            yield f"file {name} is too big"
        if not file.content:
            yield f"file {name} must be non-empty"


def action_problems(call: Call) -> list[str]:
    action = call.values["action"]
    return [] if action in CHAT_ACTIONS else [f"wrong parameter action: {action!r}"]


def command_problems(call: Call) -> list[str]:
    commands = call.values["commands"]
    found = [f"more than {COMMANDS} commands"] if len(commands) > COMMANDS else []
    wrong = [item["command"] for item in commands if not COMMAND.fullmatch(item["command"])]
    return found + [f"command {name!r} must be 1-32 of a-z 0-9 _" for name in wrong]


def webhook_problems(call: Call) -> list[str]:
    """HTTPS on a known port; plain HTTP is taken from this machine only, for tests."""
    url = urlsplit(call.values["url"])
    secret = call.values.get("secret_token")
    found = [] if secret is None or SECRET.fullmatch(secret) else ["secret_token is malformed"]
    connections = call.values.get("max_connections", 40)
    found += [] if 1 <= connections <= 100 else ["max_connections must be 1-100"]
    if call.values["url"] and url.hostname not in ("127.0.0.1", "localhost"):
        if url.scheme != "https":
            found.append("bad webhook: an HTTPS URL must be provided for webhook")
        elif url.port not in WEBHOOK_PORTS:
            found.append("bad webhook: webhook can be set up only on ports 80, 88, 443 or 8443")
    return found


def polling_problems(call: Call) -> list[str]:
    found = [] if 1 <= call.values.get("limit", 100) <= 100 else ["limit must be 1-100"]
    return found + ([] if call.values.get("timeout", 0) >= 0 else ["timeout must be positive"])


def place_problems(call: Call) -> list[str]:
    latitude, longitude = call.values["latitude"], call.values["longitude"]
    inside = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return [] if inside else [f"no such place: {latitude}, {longitude}"]


def is_payload(text: str) -> bool:
    """Whether a link may open the bot with this payload."""
    return bool(PAYLOAD.fullmatch(text))


CHECKS = {
    "sendChatAction": action_problems,
    "setMyCommands": command_problems,
    "setWebhook": webhook_problems,
    "getUpdates": polling_problems,
    "sendLocation": place_problems,
}
