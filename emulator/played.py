"""One bot as Telegram has it: its token, its chats, what it was told and what it called."""

from typing import Any

from emulator.calls import Call
from emulator.chats import Citizen
from emulator.description import Description
from emulator.faults import Fault
from emulator.heard import Chat, Press
from emulator.pulse import WITHIN
from emulator.world import World


class Played:
    """What tests do with a bot: people who write to it, weather, and what happened."""

    def __init__(self, description: Description, number: int, username: str) -> None:
        self.world = World(description, number, username)
        self.token = f"{number}:AAEmulatorTokenForTests"
        self.violations = self.world.violations
        self.calls = self.world.calls
        self.updates = self.world.updates
        self.doubles = self.updates.doubles
        self.repeats = self.updates.repeats
        self.out_of_order = self.updates.out_of_order

    # -- people and weather ----------------------------------------------------------------------
    def citizen(self, name: str, id: int | None = None, language: str = "es") -> Citizen:
        """A person who has not written to the bot yet."""
        user_id = id or 500_000_000 + self.world.number()
        user = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        chat = Chat(user_id, {"type": "private", "first_name": name})
        assert user_id not in self.world.chats, f"there is a citizen {user_id}"
        self.world.chats[user_id] = chat
        return Citizen(self.world, user, chat)

    def plays(self, method: str, **fault: Any) -> Fault:
        """The next `times` calls of this method fail; the fields are those of `Fault`."""
        self.world.faults.append(Fault(method, **fault))
        return self.world.faults[-1]

    def clears(self) -> None:
        """No faults any more; hanging calls go on."""
        self.world.faults.clear()
        self.world.pulse.beat()

    def limits_rate(self, per_second: float | None = 1.0) -> None:
        """Answer 429 to messages that follow each other faster in one chat."""
        self.world.rate = per_second

    # -- what happened ---------------------------------------------------------------------------
    def unanswered_callbacks(self) -> list[Press]:
        """Presses that the bot has not answered."""
        return [press for press in self.world.presses.values() if press.answer is None]

    def calls_of(self, method: str) -> list[Call]:
        """All calls of a method, refused ones included (`call.status`)."""
        return [call for call in self.calls if call.method == method]

    async def called(self, method: str, times: int = 1, within: float = WITHIN) -> list[Call]:
        """Wait until a method was called (and answered) so many times."""

        def look() -> list[Call] | None:
            found = self.calls_of(method)
            return found if len(found) >= times else None

        found = await self.world.pulse.until(look, within)
        assert found, f"{method} was called {len(self.calls_of(method))} times, not {times}"
        return found

    async def listened(self, within: float = WITHIN) -> None:
        """Wait until a bot polls or has set a webhook."""
        found = await self.world.pulse.until(lambda: self.updates.has_listener or None, within)
        assert found, f"no bot polled or set a webhook in {within} s"

    async def settled(self, within: float = WITHIN) -> None:
        """Wait until the bot has acknowledged every update."""
        done = await self.world.pulse.until(lambda: not self.updates.pending or None, within)
        assert done, f"not acknowledged: {self.updates.pending}"
