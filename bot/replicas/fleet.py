"""The replicas of one model: begun together, ended together."""

import asyncio
from collections.abc import Callable, Iterable

from bot.replicas.change import Change
from bot.replicas.replica import Launch, Pace, Replica


class Fleet:
    """Keeps its replicas alive between `start` and `stop`."""

    def __init__(
        self, launch: Launch, numbers: Iterable[int], pace: Pace, change: Change, on_change: Callable[[], None]
    ) -> None:
        self.launch = launch
        self.replicas = [Replica(number, launch, pace, on_change) for number in numbers]
        self._change = change
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; returns at once."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(replica.keep()) for replica in self.replicas]

    async def stop(self) -> None:
        """End all and wait until none is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def settle(self, seconds: float) -> str:
        """Wait until every replica is ready: empty then, else why one is not."""
        await self._change.until(lambda: self._all_ready() or bool(self._failed()), seconds)
        if self._all_ready():
            return ""
        failed = self._failed()
        return failed[0].reason if failed else f"was not ready after {seconds:.0f} s"

    async def drain(self, seconds: float) -> bool:
        """Wait until no turn runs on it any more, at most so long; whether none does."""
        return await self._change.until(lambda: not any(replica.in_flight for replica in self.replicas), seconds)

    def _all_ready(self) -> bool:
        return all(replica.state == "ready" for replica in self.replicas)

    def _failed(self) -> list[Replica]:
        return [replica for replica in self.replicas if replica.state == "waiting"]
