"""Follows the released model: notices another one, loads it beside, and says when it could not."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.replicas.releases import Releases, wanted
from bot.replicas.supervisor import Launch, ModelRefused, Supervisor
from bot.store.tables import ModelRelease

log = structlog.get_logger(__name__)

LOOK = 1.5  # seconds
AGAIN = 300.0  # until a model that this node alone could not use is tried once more


@dataclass(frozen=True)
class Failure:
    """When and why this node could not use a release."""

    at: float
    reason: str


class Follower:
    """Keeps the supervisor's model the released one. `first` is what it was started with."""

    def __init__(
        self,
        releases: Releases,
        supervisor: Supervisor,
        first: ModelRelease,
        folder: Path,
        launch_of: Callable[[Path], Launch],
    ) -> None:
        self._releases = releases
        self._supervisor = supervisor
        self._serving = first
        self._confirmed = False
        self._folder = folder
        self._launch_of = launch_of
        self._failed: dict[int, Failure] = {}

    async def run(self) -> None:
        """Look now and then, until cancelled; a database that is away is asked again."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("model.not_looked_up", problem=type(error).__name__)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Serve what is to be served, if that is another one than before."""
        releases = await self._releases.read_all()
        tried = {number for number, failure in self._failed.items() if time.monotonic() - failure.at < AGAIN}
        release = wanted(releases, tried)
        if release is None:
            return
        try:
            if release.number != self._serving.number:
                if release.number not in tried:
                    await self._serve(release)
            elif not self._confirmed:
                await self._supervisor.settle()
                await self._confirm(release)
        except ModelRefused as refused:
            await self._refuse(release, str(refused))
        self._supervisor.problem = self._problem(releases[0])

    async def _serve(self, release: ModelRelease) -> None:
        if release.sha256 != self._serving.sha256 or not self._confirmed:
            path = await self._releases.fetch(release, self._folder)
            await self._supervisor.switch(self._launch_of(path))
        await self._confirm(release)

    async def _confirm(self, release: ModelRelease) -> None:
        self._serving, self._confirmed = release, True
        await self._releases.do_mark_served(release.number)
        log.info("model.served", model=release.name)

    async def _refuse(self, release: ModelRelease, reason: str) -> None:
        """Remember it, so that it is not tried again at once, and tell whoever released it."""
        known = release.number in self._failed
        self._failed[release.number] = Failure(time.monotonic(), reason)
        if not known:
            log.error("model.refused", model=release.name, reason=reason)
            await self._releases.do_refuse(release.number, reason)

    def _problem(self, latest: ModelRelease) -> str:
        """Why this node does not serve the latest release; empty when it does."""
        if latest.number == self._serving.number and self._confirmed:
            return ""
        failure = self._failed.get(latest.number)
        reason = latest.refused or (failure.reason if failure else "")
        return f"the model {latest.name} could not be used: {reason}" if reason else ""
