"""Chats, what stands in them, and pressed buttons."""

from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.description import Json
from emulator.pulse import WITHIN, Pulse


@dataclass(frozen=True)
class Heard:
    """One thing that the bot said, or one edit of it, as it stood then."""

    raw: Json
    markup: Json = field(default_factory=dict)
    edited: bool = False

    @property
    def id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def inline_buttons(self) -> list[Json]:
        return [button for row in self.markup.get("inline_keyboard", []) for button in row]

    @property
    def buttons(self) -> list[str]:
        """Titles of the buttons that came with it, inline or keyboard."""
        return titles(self.markup.get("inline_keyboard") or self.markup.get("keyboard") or [])


Seen = str | Callable[[Heard], bool]


def matches(heard: Heard, wanted: Seen) -> bool:
    """Whether it is what was waited for: a part of its text, or what a test accepts."""
    return wanted in heard.text if isinstance(wanted, str) else wanted(heard)


def titles(rows: list[list[Json]]) -> list[str]:
    return [str(button["text"]) for row in rows for button in row]


class Chat:
    """A private chat or a group; message numbers count from 1 in each."""

    def __init__(self, chat_id: int, brief: Json) -> None:
        self.id = chat_id
        self.brief: Json = {"id": chat_id, **brief}
        self.messages: dict[int, Json] = {}
        self.heard: list[Heard] = []
        self.actions: list[str] = []
        self.keyboard: Json | None = None
        self.started = self.blocked = self.left = False
        self._next_id = 1

    def add(self, sender: Json, content: Json, date: int) -> Json:
        """A new message."""
        start = {"message_id": self._next_id, "from": sender, "chat": self.brief, "date": date}
        self._next_id += 1
        message = {**start, **content}
        self.messages[message["message_id"]] = message
        return message


class Press:
    """A pressed inline button, which the bot has to answer."""

    def __init__(self, press_id: str, data: str, pulse: Pulse) -> None:
        self.id = press_id
        self.data = data
        self.update: Json = {}
        self.answer: Json | None = None
        self.is_late = False
        self._pulse = pulse

    def expires(self) -> None:
        """Too late for an answer from now on."""
        self.is_late = True

    def take(self, answer: Json) -> None:
        """The bot's answer."""
        self.answer = answer
        self._pulse.beat()

    async def answered(self, within: float = WITHIN) -> Json:
        """The answer (`text`, `show_alert`), once the bot gives it."""
        found = await self._pulse.until(lambda: self.answer, within)
        assert found is not None, f"the press of {self.data!r} was not answered in {within} s"
        return found
