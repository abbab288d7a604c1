"""Keeps the engine's replicas alive, and changes their model while turns go on."""

import asyncio
from collections.abc import Sequence
from itertools import count, islice

import structlog

from bot.replicas.change import Change
from bot.replicas.fleet import Fleet
from bot.replicas.replica import Launch, Pace, Replica
from bot.replicas.seats import Seats
from bot.replicas.trial import trial

__all__ = ["Launch", "ModelRefused", "Supervisor"]

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 30.0  # longer than the longest try of a turn


class ModelRefused(Exception):
    """A model did not load, or failed its trial turn; the one before goes on. Its text is the reason."""


class Supervisor:
    """Keeps `replicas` engines alive. `urls()` are those that can serve a turn now."""

    def __init__(self, launch: Launch, replicas: int = 1, **pace: float) -> None:
        self.switches = 0  # how often new turns were given to another model, be it one of the same name
        self.problem = ""  # what keeps the released model from being served here
        self.learning = False  # whether a model for new training data is being trained beside
        self.unlearned = ""  # why none came of it
        self._pace = Pace(**pace)
        self._count = replicas
        self._change = Change()
        self._serving = self._fleet(launch, range(1, replicas + 1))
        self._beside: list[Fleet] = []  # the one that is loading, or the one whose last turns are running
        self._retiring: asyncio.Task[None] | None = None
        self._switching = asyncio.Lock()
        self._seats = Seats(lambda: self._serving.replicas)

    @property
    def model(self) -> str:
        """The name of the model that new turns get."""
        return self._serving.launch.model

    async def start(self) -> None:
        """Begin; returns at once."""
        self._serving.start()

    async def stop(self) -> None:
        """End all replicas and wait until none is left."""
        if self._retiring is not None:
            self._retiring.cancel()
            await asyncio.gather(self._retiring, return_exceptions=True)
        await asyncio.gather(*(fleet.stop() for fleet in [self._serving, *self._beside]))

    def urls(self) -> list[str]:
        """Addresses of the replicas that answer."""
        return [replica.url for replica in self._serving.replicas if replica.state == "ready"]

    def status(self) -> list[dict[str, object]]:
        """One entry per replica, for operators; `serves` is false for those of a model that comes or goes."""
        return [
            {**replica.describe(), "serves": fleet is self._serving}
            for fleet in [self._serving, *self._beside]
            for replica in fleet.replicas
        ]

    async def wait_ready(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - callers read better so
        """Wait for the first replica that can serve; False when none came in time."""
        return await self._change.until(lambda: bool(self.urls()), timeout)

    async def take(self, patience: float, avoid: Replica | None = None) -> Replica | None:
        """A replica for one turn: see `Seats.take`."""
        return await self._seats.take(patience, avoid)

    def give(self, replica: Replica, worked: bool | None) -> None:
        """The turn has ended: see `Seats.give`."""
        self._seats.give(replica, worked)
        if self._beside:
            self._change.tell()

    async def settle(self) -> None:
        """Wait until what was started is ready and answers its trial.

        Raises ModelRefused when it does not; it is kept alive all the same, for there is no other.
        """
        await self._check(self._serving)

    async def switch(self, launch: Launch) -> None:
        """Load another model beside this one, and give it all new turns once it has answered a trial on every replica.

        Running turns end on the old replicas, which then stop. Raises ModelRefused; nothing has changed then.
        """
        async with self._switching:
            if self._retiring is not None:
                await self._retiring
            fleet = self._fleet(launch, self._free_numbers())
            self._beside.append(fleet)
            fleet.start()
            try:
                await self._check(fleet)
            except BaseException:
                await fleet.stop()
                self._beside.remove(fleet)
                raise
            self._beside.remove(fleet)
            old, self._serving = self._serving, fleet
            self.switches += 1
            self.unlearned = ""
            self._beside.append(old)
            self._heard()
            log.info("engine_switched", model=launch.model, before=old.launch.model)
            self._retiring = asyncio.create_task(self._retire(old))

    async def _check(self, fleet: Fleet) -> None:
        reason = await fleet.settle(self._pace.start_timeout)
        for replica in fleet.replicas:
            reason = reason or await trial(replica.url, fleet.launch.secret)
        if reason:
            raise ModelRefused(reason)

    async def _retire(self, fleet: Fleet) -> None:
        """Let running turns end, then end the replicas."""
        await fleet.drain(DRAIN_SECONDS)
        await fleet.stop()
        self._beside.remove(fleet)

    def _fleet(self, launch: Launch, numbers: Sequence[int]) -> Fleet:
        return Fleet(launch, numbers, self._pace, self._change, self._heard)

    def _free_numbers(self) -> list[int]:
        """The lowest that no replica has: each writes a log of its own."""
        used = {replica.number for replica in self._serving.replicas}
        return list(islice((number for number in count(1) if number not in used), self._count))

    def _heard(self) -> None:
        self._change.tell()
        self._seats.refill()
