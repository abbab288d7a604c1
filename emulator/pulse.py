"""Waiting for something to become true, across tasks, loops and threads, without sleeping."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Waiter = tuple[asyncio.AbstractEventLoop, asyncio.Event]

WITHIN = 20.0  # seconds that a player waits for what is to come: a busy machine is slow, not wrong


class Pulse:
    """Beats whenever something happened; whoever waits looks again."""

    def __init__(self) -> None:
        self._waiters: list[Waiter] = []

    def beat(self) -> None:
        """Wake everyone who waits; may be called from any thread."""
        for loop, event in list(self._waiters):
            loop.call_soon_threadsafe(event.set)

    async def until(self, look: Callable[[], T | None], within: float | None) -> T | None:
        """What `look` finds as soon as it finds something; None when the time is over."""
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(within):
                while (found := look()) is None:
                    await event.wait()
                    event.clear()
                return found
        except TimeoutError:
            return look()
        finally:
            self._waiters.remove(waiter)
