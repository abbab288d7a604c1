"""The played citizens: what they do, and what they hear."""

import re
from typing import Any, Self

from emulator.description import Json
from emulator.entities import length
from emulator.heard import Chat, Heard, Press, Seen, matches, titles
from emulator.limits import is_payload
from emulator.pulse import WITHIN
from emulator.world import World

BOT_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?")
PICTURE = b"\x89PNG\r\n\x1a\n played picture"


class Citizen:
    """A person on Telegram, in her private chat with the bot or in a group."""

    def __init__(self, world: World, user: Json, chat: Chat) -> None:
        self.world = world
        self.user = user
        self.chat = chat
        self._heard = 0

    @property
    def id(self) -> int:
        return int(self.user["id"])

    @property
    def heard(self) -> list[Heard]:
        """Everything that the bot said here so far, edits included, oldest first."""
        return list(self.chat.heard)

    def writes(self, text: str, *, reply_to: Heard | None = None) -> Json:
        """She writes a text; commands are marked as Telegram marks them."""
        content: Json = {"text": text, **entities_of(text, "entities")}
        if reply_to:
            content["reply_to_message"] = reply_to.raw
        return self._sends(content)

    def starts(self, payload: str = "") -> Json:
        """She opens the bot, by its name or by a deep link `t.me/<bot>?start=<payload>`."""
        assert not payload or is_payload(payload), f"Telegram takes no such payload: {payload!r}"
        return self.writes(f"/start {payload}".strip())

    def presses(self, title: str, *, on: Heard | None = None) -> Press | Json:
        """She presses a button: an inline one, or one of the keyboard shown now."""
        candidates = [on] if on else self._visible()
        for shown in candidates:
            for button in shown.inline_buttons:
                if button["text"] == title:
                    return self._presses_inline(shown, button)
        for row in (self.chat.keyboard or {}).get("keyboard", []):
            for button in row:
                if button["text"] == title:
                    return self._presses_key(button)
        raise AssertionError(f"no button {title!r}; there are {self.buttons}")

    @property
    def buttons(self) -> list[str]:
        """The titles of all buttons that she could press now."""
        inline = [title for shown in self._visible() for title in shown.buttons]
        return inline + titles((self.chat.keyboard or {}).get("keyboard", []))

    def sends_location(self, latitude: float, longitude: float) -> Json:
        return self._sends({"location": {"latitude": latitude, "longitude": longitude}})

    def sends_contact(self, phone_number: str, *, of: str = "") -> Json:
        """She shares a contact: her own, or that of somebody called `of` who is not on Telegram."""
        if of:
            return self._sends({"contact": {"phone_number": phone_number, "first_name": of}})
        contact = {"phone_number": phone_number, "first_name": self.user["first_name"]}
        return self._sends({"contact": {**contact, "user_id": self.id}})

    def sends_photo(self, caption: str = "", content: bytes = PICTURE, **more: Any) -> Json:
        shapes = ({"width": 90, "height": 68}, {"width": 800, "height": 600})
        sizes = [{**self.world.store(content, "photo.jpg"), **shape} for shape in shapes]
        return self._sends({"photo": sizes, **captioned(caption), **more})

    def sends_album(self, photos: int = 2, caption: str = "") -> list[Json]:
        """Several photos at once, which share one `media_group_id`; the caption stands at the first."""
        group = f"album-{self.world.number()}"
        return [self.sends_photo("" if number else caption, media_group_id=group) for number in range(photos)]

    def sends_video(self, caption: str = "", content: bytes = b"played video") -> Json:
        shape = {"width": 320, "height": 240, "duration": 3}
        return self._sends({"video": {**self.world.store(content, "video.mp4"), **shape}, **captioned(caption)})

    def sends_voice(self, seconds: int = 3, content: bytes = b"OggS played voice") -> Json:
        stored = self.world.store(content, "voice.oga")
        return self._sends({"voice": {**stored, "duration": seconds, "mime_type": "audio/ogg"}})

    def sends_sticker(self, emoji: str = "👍") -> Json:
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._sends({"sticker": {**self.world.store(b"RIFF", "s.webp"), **shape, "emoji": emoji}})

    def sends_document(
        self, name: str, content: bytes = b"%PDF-1.7", *, size: int | None = None, caption: str = ""
    ) -> Json:
        """She sends a file; `size` pretends that it is larger than it is."""
        stored = self.world.store(content, name, size)
        return self._sends({"document": {**stored, "file_name": name}, **captioned(caption)})

    def edits(self, message: Json, text: str) -> Json:
        """She changes a message that she has written."""
        assert message["from"]["id"] == self.id, "only her own message"
        changed = {**message, "text": text, "edit_date": self.world.now()}
        changed.pop("entities", None)
        changed.update(entities_of(text, "entities"))
        self.chat.messages[message["message_id"]] = changed
        self.world.updates.add("edited_message", changed)
        return changed

    def edits_caption(self, message: Json, caption: str) -> Json:
        """She changes the words under a picture that she has sent."""
        changed = {**message, "caption": caption, "edit_date": self.world.now()}
        self.chat.messages[message["message_id"]] = changed
        self.world.updates.add("edited_message", changed)
        return changed

    def blocks(self) -> None:
        """She blocks the bot: what it sends is answered 403 from now on."""
        self.chat.blocked = True
        self._member("member", "kicked")

    def unblocks(self) -> None:
        """She lets the bot in again."""
        self.chat.blocked = False
        self._member("kicked", "member")

    def in_group(self, title: str) -> Self:
        """The same person in a group; the bot is added to it when it is new."""
        group, is_new = self.world.group(title)
        there = type(self)(self.world, self.user, group)
        if is_new:
            there._member("left", "member")
            there._sends({"new_chat_members": [self.world.bot]})
        return there

    async def hears(self, wanted: Seen = "", within: float = WITHIN) -> Heard:
        """The next thing the bot says or edits here that fits: a part of its text, or a test."""

        def look() -> Heard | None:
            for index in range(self._heard, len(self.chat.heard)):
                if matches(self.chat.heard[index], wanted):
                    self._heard = index + 1
                    return self.chat.heard[index]
            return None

        found = await self.world.pulse.until(look, within)
        assert found, f"{self._name} did not hear {wanted!r} in {within} s, but {self._unheard()}"
        return found

    async def hears_nothing(self, within: float = 0.3) -> None:
        """Nothing new is said for so long."""
        found = await self.world.pulse.until(lambda: self._unheard() or None, within)
        assert not found, f"{self._name} heard {found}"

    async def sees_action(self, action: str = "typing", within: float = WITHIN) -> None:
        """The bot shows that it is typing (or sends a photo …), once for each wait."""
        found = await self.world.pulse.until(lambda: action in self.chat.actions or None, within)
        assert found, f"{self._name} did not see {action!r}"
        self.chat.actions.remove(action)

    @property
    def _name(self) -> str:
        return str(self.user["first_name"])

    def _unheard(self) -> list[str]:
        return [heard.text for heard in self.chat.heard[self._heard :]]

    def _visible(self) -> list[Heard]:
        mine = [item for item in self.chat.messages.values() if item["from"]["is_bot"]]
        return [Heard(item, item.get("reply_markup", {})) for item in reversed(mine)]

    def _sends(self, content: Json) -> Json:
        assert not self.chat.blocked, f"{self._name} has blocked the bot"
        message = self.chat.add(self.user, content, self.world.now())
        self.chat.started = True
        if self.chat.id > 0 or self.world.reads(message):
            self.world.updates.add("message", message)
        return message

    def _presses_key(self, button: Json) -> Json:
        if button.get("request_location"):
            return self.sends_location(40.4168, -3.7038)
        if button.get("request_contact"):
            return self.sends_contact("+34600000000")
        return self.writes(button["text"])

    def _presses_inline(self, shown: Heard, button: Json) -> Press:
        assert "callback_data" in button, f"{button['text']!r} is no callback button: {button}"
        press = self.world.press(button["callback_data"])
        query = {
            "id": press.id,
            "from": self.user,
            "message": shown.raw,
            "chat_instance": str(self.chat.id * 7919),
            "data": press.data,
        }
        press.update = self.world.updates.add("callback_query", query)
        return press

    def _member(self, old: str, new: str) -> None:
        states: list[Json] = [{"status": status, "user": self.world.bot} for status in (old, new)]
        for state in states:
            state.update({"until_date": 0} if state["status"] == "kicked" else {})
        change: Json = {"chat": self.chat.brief, "from": self.user, "date": self.world.now()}
        change.update(old_chat_member=states[0], new_chat_member=states[1])
        self.world.updates.add("my_chat_member", change)


def entities_of(text: str, key: str) -> Json:
    """The commands in a text."""
    found = [
        {"type": "bot_command", "offset": length(text[: hit.start()]), "length": length(hit.group())}
        for hit in BOT_COMMAND.finditer(text)
    ]
    return {key: found} if found else {}


def captioned(caption: str) -> Json:
    return {"caption": caption} if caption else {}
