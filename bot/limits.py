"""How often somebody may do something, counted in this process: enough against haste and floods from one place."""

import asyncio
import ipaddress
import math
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from fastapi import Request
from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.errors import BotError
from bot.metrics import RATE_LIMITED
from bot.settings import Settings

MESSAGES = "messages"  # of one conversation
ADDRESS = "address"  # messages from one address, whatever their conversation
DANGER = "danger"  # messages of one conversation in which danger is heard, beyond what it may send
STRANGERS = "strangers"  # calls with a wrong token from one address
STARTS = "starts"  # conversations begun from one address
SIGN_IN = "sign_in"  # wrong passwords and codes from one address
READS = "reads"  # transcripts fetched and streams opened from one address
REFERENCES = "references"  # of others' items asked for by one person, or in one conversation
REFERENCES_ADDRESS = "references_address"  # the same from one address
DANGER_AGAIN = "1/5second"  # enough for numbers and a case, whoever else uses the address up
COUNTED = 400  # characters: what nine in ten messages stay under
CONVERSATION = "conversation"
SESSION = "session"
MOST_PAGES = 30  # of the desk that one browser has open: more than anybody works in
STREAM_AGAIN = 30
MOST_NOTED = 20_000  # conversations whose address is known; they are kept in memory alone
GUESSES_AT_ONCE = 4  # that many of one address are looked at together; the others wait their turn
# Refusals of a try in which no password or code was wrong.
NO_GUESS = frozenset({"rate_limited", "sign_in_wait", "sign_in_old", "body_invalid", "email_taken", "sso_away"})


class Limits:
    """Counts by kind and key; what a kind allows stands in the settings, and nothing there means no limit."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items: dict[str, list[RateLimitItem]] = {
            MESSAGES: _read(settings.limit_messages),
            ADDRESS: _read(settings.limit_address),
            DANGER: _read(DANGER_AGAIN),
            STRANGERS: _read(settings.limit_address),
            STARTS: _read(settings.limit_starts),
            SIGN_IN: _read(settings.limit_sign_in),
            READS: _read(settings.limit_reads),
            REFERENCES: _read(settings.limit_references),
            REFERENCES_ADDRESS: _read(settings.limit_references_address),
        }
        self._most_streams = {
            CONVERSATION: settings.streams_conversation,
            ADDRESS: settings.streams_address,
            SESSION: MOST_PAGES,
        }
        self._streams: Counter[tuple[str, str]] = Counter()
        self._addresses: OrderedDict[str, str] = OrderedDict()
        self._guessing: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def check(self, kind: str, key: str, cost: int = 1) -> None:
        """Count `cost` more. Raises BotError `rate_limited` with `retry_after` in seconds when it is one too many."""
        for item in self._items[kind]:
            if not await self._limiter.hit(item, kind, key, cost=min(cost, item.amount)):
                raise await self._refusal(item, kind, key)

    @asynccontextmanager
    async def guess(self, address: str) -> AsyncIterator[None]:
        """A try at a password or code, made within the block: it counts when the block refuses it as wrong.

        Right ones cost nothing, so that many people behind one address all come in. Raises BotError `rate_limited`
        when there were too many wrong ones.
        """
        turn = self._guessing.setdefault(address, asyncio.Semaphore(GUESSES_AT_ONCE))
        async with turn:
            for item in self._items[SIGN_IN]:
                if not await self._limiter.test(item, SIGN_IN, address):
                    raise await self._refusal(item, SIGN_IN, address)
            try:
                yield
            except BotError as error:
                if error.code not in NO_GUESS:
                    for item in self._items[SIGN_IN]:
                        await self._limiter.hit(item, SIGN_IN, address)
                raise

    async def _refusal(self, item: RateLimitItem, kind: str, key: str) -> BotError:
        RATE_LIMITED.labels(kind).inc()
        window = await self._limiter.get_window_stats(item, kind, key)
        return BotError("rate_limited", retry_after=max(1, math.ceil(window.reset_time - time.time())))

    def note_address(self, conversation_id: str, address: str) -> None:
        """Remember where a conversation was last written from, for what is counted in a turn; it is stored nowhere."""
        self._addresses[conversation_id] = address
        self._addresses.move_to_end(conversation_id)
        if len(self._addresses) > MOST_NOTED:
            self._addresses.popitem(last=False)

    def address_noted(self, conversation_id: str) -> str | None:
        """Where this node last heard the conversation from."""
        return self._addresses.get(conversation_id)

    def check_stream(self, whose: str, address: str, kind: str = CONVERSATION) -> None:
        """Raise BotError `rate_limited` when as many event streams are open as may be.

        `whose` is a conversation, or with `kind` SESSION a browser that is signed in.
        """
        for counted, key in ((kind, whose), (ADDRESS, address)):
            most = self._most_streams[counted]
            if most and self._streams[counted, key] >= most:
                raise BotError("rate_limited", retry_after=STREAM_AGAIN)

    @contextmanager
    def open_stream(self, whose: str, address: str, kind: str = CONVERSATION) -> Iterator[None]:
        """An event stream that is open for as long as the block lasts; `whose` as for `check_stream`."""
        keys = ((kind, whose), (ADDRESS, address))
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
