"""All that the emulator knows: the bot, chats, updates, files, calls and breaches."""

import time
from dataclasses import dataclass, field

from emulator.calls import Call, Refused
from emulator.description import Description, Json
from emulator.faults import Fault
from emulator.heard import Chat, Press
from emulator.pulse import Pulse
from emulator.updates import Updates

BOT_ID = 7_100_000_001


@dataclass(frozen=True)
class Stored:
    """A file on Telegram's side."""

    content: bytes
    path: str
    size: int


@dataclass
class World:
    """The state behind all methods; citizens act on it from one side, the bot from the other."""

    description: Description
    number_of_bot: int = BOT_ID
    username: str = "ventanilla_bot"
    pulse: Pulse = field(default_factory=Pulse)
    chats: dict[int, Chat] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    files: dict[str, Stored] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    settings: dict[str, Json] = field(default_factory=dict)
    rate: float | None = None
    sent: dict[int, float] = field(default_factory=dict)
    _number: int = 1000

    def __post_init__(self) -> None:
        self.updates = Updates(self.description, self.pulse)
        bot = {"id": self.number_of_bot, "is_bot": True, "first_name": "Ventanilla", "username": self.username}
        self.bot: Json = bot

    def now(self) -> int:
        return int(time.time())

    def number(self) -> int:
        """A number that was not used before."""
        self._number += 1
        return self._number

    def chat(self, chat_id: object) -> Chat:
        """The chat that a call names, if the bot may speak there."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        if chat.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat.left:
            raise Refused(403, "Forbidden: bot is not a member of the group chat")
        if not chat.started:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def group(self, title: str) -> tuple[Chat, bool]:
        """The group of that title, and whether it was made just now."""
        for chat in self.chats.values():
            if chat.brief.get("title") == title:
                return chat, False
        chat_id = -self.number()
        self.chats[chat_id] = Chat(chat_id, {"type": "group", "title": title})
        return self.chats[chat_id], True

    def reads(self, message: Json) -> bool:
        """Privacy mode: in a group a bot gets commands, mentions, replies and service messages."""
        text = message.get("text", "")
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        service = "new_chat_members" in message
        name = f"@{self.bot['username']}"
        return service or text.startswith("/") or name in text or replied == self.bot["id"]

    def press(self, data: str) -> Press:
        """A new press of a button."""
        press = Press(str(self.number() * 1_000_003), data, self.pulse)
        self.presses[press.id] = press
        return press

    def store(self, content: bytes, name: str, size: int | None = None) -> Json:
        """Keep a file; the fields that every file object has."""
        number = self.number()
        file_id = f"AgACAgQAAx{number}"
        stored = Stored(content, f"files/{number}-{name}", len(content) if size is None else size)
        self.files[file_id] = stored
        return {"file_id": file_id, "file_unique_id": f"AQAD{number}", "file_size": stored.size}

    def pace(self, chat: Chat) -> None:
        """Refuse with 429 what comes faster than the test allows (`rate` a second and chat)."""
        moment = time.monotonic()
        if self.rate and moment - self.sent.get(chat.id, 0.0) < 1 / self.rate:
            wait = max(1, round(1 / self.rate))
            wording = f"Too Many Requests: retry after {wait}"
            raise Refused(429, wording, parameters={"retry_after": wait})
        self.sent[chat.id] = moment
