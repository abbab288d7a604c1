"""Keeps the node's workers at work: one that ends by itself is seen, counted and started again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.metrics import WORKER_RESTARTS

log = structlog.get_logger()
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
Work = Callable[[], Awaitable[None]]


class Workers:
    """Named workers. Each of `works` returns only when it is told to stop."""

    def __init__(self, first_pause: float = FIRST_PAUSE) -> None:
        self.works: dict[str, Work] = {}
        self._first_pause = first_pause
        self._down: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def start(self) -> None:
        """Begin; returns at once."""
        self._tasks = {name: asyncio.create_task(self.keep(name, work)) for name, work in self.works.items()}

    def down(self) -> list[str]:
        """The names of those that do not run now; none before the start."""
        return sorted(self._down)

    def ending(self) -> None:
        """Say that a worker that returns now does so because it was told to."""
        self._stopping = True

    async def stop(self) -> None:
        """End them."""
        self.ending()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def keep(self, name: str, work: Work) -> None:
        """Run one worker, again and again, until it is cancelled or told to stop."""
        pause = self._first_pause
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            try:
                await work()
            except Exception:
                log.exception("worker.failed", worker=name)
            if self._stopping:
                return
            self._down.add(name)
            WORKER_RESTARTS.labels(name).inc()
            if loop.time() - begun > LONGEST_PAUSE:
                pause = self._first_pause
            log.error("worker.ended", worker=name, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self._down.discard(name)
