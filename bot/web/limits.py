"""How often somebody may do something, counted in this process: enough against haste and floods from one place."""

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.errors import BotError
from bot.metrics import RATE_LIMITED
from bot.settings import Settings

MESSAGES = "messages"  # of one conversation
ADDRESS = "address"  # messages from one address, whatever their conversation
STARTS = "starts"  # conversations begun from one address
SIGN_IN = "sign_in"  # passwords and codes tried from one address
READS = "reads"  # transcripts fetched and streams opened from one address
COUNTED = 400  # characters: what nine in ten messages stay under
CONVERSATION = "conversation"
STREAM_AGAIN = 30


class Limits:
    """Counts by kind and key; what a kind allows stands in the settings, and nothing there means no limit."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items: dict[str, list[RateLimitItem]] = {
            MESSAGES: _read(settings.limit_messages),
            ADDRESS: _read(settings.limit_address),
            STARTS: _read(settings.limit_starts),
            SIGN_IN: _read(settings.limit_sign_in),
            READS: _read(settings.limit_reads),
        }
        self._most_streams = {CONVERSATION: settings.streams_conversation, ADDRESS: settings.streams_address}
        self._streams: Counter[tuple[str, str]] = Counter()

    async def check(self, kind: str, key: str, cost: int = 1) -> None:
        """Count `cost` more. Raises BotError `rate_limited` with `retry_after` in seconds when it is one too many."""
        for item in self._items[kind]:
            if not await self._limiter.hit(item, kind, key, cost=min(cost, item.amount)):
                RATE_LIMITED.labels(kind).inc()
                window = await self._limiter.get_window_stats(item, kind, key)
                raise BotError("rate_limited", retry_after=max(1, math.ceil(window.reset_time - time.time())))

    def check_stream(self, conversation_id: str, address: str) -> None:
        """Raise BotError `rate_limited` when as many event streams are open as may be."""
        for kind, key in ((CONVERSATION, conversation_id), (ADDRESS, address)):
            most = self._most_streams[kind]
            if most and self._streams[kind, key] >= most:
                raise BotError("rate_limited", retry_after=STREAM_AGAIN)

    @contextmanager
    def open_stream(self, conversation_id: str, address: str) -> Iterator[None]:
        """An event stream that is open for as long as the block lasts."""
        keys = ((CONVERSATION, conversation_id), (ADDRESS, address))
        self._streams.update(keys)
        try:
            yield
        finally:
            self._streams.subtract(keys)
            for key in keys:
                if self._streams[key] <= 0:
                    del self._streams[key]


def cost_of(text: str) -> int:
    """As how many messages a text counts for its address: a long one keeps the engine busy for longer."""
    return 1 + len(text) // COUNTED


def address_of(request: Request) -> str:
    """Who is asking, as far as the network tells: an IPv4 address, or the /64 that an IPv6 line gets as a whole."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


def _read(allowed: str) -> list[RateLimitItem]:
    return parse_many(allowed) if allowed else []
