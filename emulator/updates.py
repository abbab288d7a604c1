"""Updates on their way to the bot: the queue, long polling, and the webhook."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from emulator.calls import Refused
from emulator.description import Description, Json
from emulator.pulse import Pulse

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass
class Entry:
    """An update in the queue; `once` leaves it after one delivery, whatever the offset."""

    update: Json
    once: bool = False


@dataclass
class Webhook:
    """Where updates are posted, and how it went."""

    url: str
    secret: str | None = None
    max_connections: int = 40
    error: str | None = None
    error_date: int = 0
    task: "asyncio.Task[None] | None" = None
    deliveries: list[int] = field(default_factory=list)


class Updates:
    """All updates that the bot has not acknowledged, in order."""

    def __init__(self, description: Description, pulse: Pulse) -> None:
        self.retry_delay = 0.05
        self.allowed: list[str] = []
        self.webhook: Webhook | None = None
        self.closing = False
        self.made: list[Json] = []
        self._description = description
        self._pulse = pulse
        self._queue: list[Entry] = []
        self._held: list[Entry] | None = None
        self._next_id = 710_000_001
        self._doubled = 0
        self._polls = 0
        self._waiting = 0

    def add(self, kind: str, body: Json) -> Json:
        """Make an update; the test fails at once if it does not fit the description."""
        update = {"update_id": self._next_id, kind: body}
        problems = self._description.problems(update, ("Update",), "Update")
        assert not problems, problems
        self._next_id += 1
        self.made.append(update)
        if kind not in (self.allowed or self._description.types["Update"].fields.keys() - NOT_BY_DEFAULT):
            return update
        entries = [Entry(update, once=self._held is not None)]
        if self._doubled:
            self._doubled -= 1
            entries.append(Entry(update, once=True))
        (self._queue if self._held is None else self._held).extend(entries)
        self._pulse.beat()
        return update

    def doubles(self, times: int = 1) -> None:
        """The next updates are delivered twice, each with its one `update_id`."""
        self._doubled += times

    def repeats(self, update: Json) -> None:
        """Deliver an update again, even if the bot has acknowledged it."""
        self._queue.append(Entry(update, once=True))
        self._pulse.beat()

    @contextmanager
    def out_of_order(self) -> Iterator[None]:
        """What happens inside is delivered last first."""
        self._held = []
        try:
            yield
        finally:
            self._queue.extend(reversed(self._held))
            self._held = None
            self._pulse.beat()

    @property
    def pending(self) -> list[Json]:
        return [entry.update for entry in self._queue]

    @property
    def has_listener(self) -> bool:
        """Whether a bot polls just now or has set a webhook."""
        return self._waiting > 0 or self.webhook is not None

    def forget(self) -> None:
        """Drop everything that waits."""
        self._queue.clear()
        self._pulse.beat()

    async def poll(self, offset: int, limit: int, within: float) -> list[Json]:
        """Long polling: answers as soon as something waits; a newer poll ends an older one."""
        if self.webhook:
            raise Refused(409, CONFLICT_WEBHOOK)
        self._polls += 1
        mine = self._polls
        self._acknowledge(offset)

        def look() -> list[Json] | None:
            stop = self.closing or mine != self._polls
            return [] if stop else self._take(limit) or None

        self._waiting += 1
        self._pulse.beat()
        try:
            found = await self._pulse.until(look, within) or []
        finally:
            self._waiting -= 1
        if mine != self._polls:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        return found

    def _acknowledge(self, offset: int) -> None:
        if offset < 0:
            self._queue = self._queue[offset:]
        self._queue = [entry for entry in self._queue if entry.once or entry.update["update_id"] >= offset]

    def _take(self, limit: int) -> list[Json]:
        taken = self._queue[:limit]
        self._queue = [entry for entry in self._queue if not (entry.once and entry in taken)]
        return [entry.update for entry in taken]

    async def set_webhook(self, webhook: Webhook | None) -> None:
        """Replace the webhook; None goes back to polling."""
        if self.webhook and self.webhook.task:
            self.webhook.task.cancel()
            await asyncio.wait([self.webhook.task])
        self.webhook = webhook
        self._pulse.beat()
        if webhook:
            self._polls += 1
            webhook.task = asyncio.create_task(self._post_all(webhook))

    async def _post_all(self, webhook: Webhook) -> None:
        """Post update after update; one that is not answered with 2xx is posted again."""
        delay = self.retry_delay
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                entry = await self._pulse.until(self._first, None)
                assert entry
                if await self._post(client, webhook, entry.update):
                    self._queue = [item for item in self._queue if item is not entry]
                    delay = self.retry_delay
                    self._pulse.beat()
                    continue
                await asyncio.sleep(delay)
                delay = min(delay * 2, 1.0)

    def _first(self) -> Entry | None:
        return self._queue[0] if self._queue else None

    async def _post(self, client: httpx.AsyncClient, webhook: Webhook, update: Json) -> bool:
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        try:
            response = await client.post(webhook.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            webhook.error = f"{type(error).__name__}: {error}"
        else:
            webhook.deliveries.append(response.status_code)
            if response.is_success:
                return True
            webhook.error = f"Wrong response from the webhook: {response.status_code}"
        webhook.error_date = int(time.time())
        return False
