"""Waiting for something to become true that other tasks change."""

import asyncio
import contextlib
from collections.abc import Callable


class Change:
    """Whoever changes something tells; whoever waits looks again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Something has changed."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, true: Callable[[], bool], seconds: float | None) -> bool:
        """Wait until it is true, at most so long; whether it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not true():
                    await self._event.wait()
        return true()
