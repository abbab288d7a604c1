"""One replica of the engine: its process over several lives, and what is known about it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import structlog

from bot.replicas.breaker import Breaker
from bot.replicas.process import TERMINATE_SECONDS, EngineProcess, free_port

log = structlog.get_logger(__name__)

HUNG_AFTER = 3  # unanswered checks in a row; a turn that computes holds the engine's loop for a moment
SICK_AFTER = 4  # times that its breaker opened with no turn done between them: about 20 seconds
LONGEST_PAUSE = 30.0
CHECK_SOON = 0.2
READY, NO_MODEL = 200, 500


@dataclass
class Launch:
    """How a replica is started: the command gets `--port P` behind it. `model` is its name, `secret` the wire's."""

    command: list[str]
    folder: Path
    environment: dict[str, str]
    log_folder: Path
    model: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Pace:
    """How patient a replica's keeper is; all in seconds."""

    start_timeout: float = 120.0
    check_every: float = 2.0
    check_timeout: float = 3.0
    first_pause: float = 1.0


@dataclass(eq=False)
class Replica:
    """`state`: stopped | starting | ready | doubted (answers are awaited before it gets a turn) | waiting."""

    number: int
    launch: Launch
    pace: Pace
    on_change: Callable[[], None]
    state: str = "stopped"
    restarts: int = 0
    since: float = field(default_factory=time.time)
    reason: str = ""
    port: int = 0
    in_flight: int = 0
    turns: int = 0
    process: EngineProcess | None = None
    breaker: Breaker = field(default_factory=Breaker)
    _doubts: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def doubt(self, reason: str) -> None:
        """A turn got no answer: look at once whether it is still alive, and give it no turn until then."""
        if self.state == "ready":
            self._become("doubted", reason)
            self._doubts.set()

    async def keep(self) -> None:
        """Start, watch, wait a little longer each time, start again; ends when it is cancelled."""
        pause = self.pace.first_pause
        try:
            while True:
                was_ready = await self._live()
                pause = self.pace.first_pause if was_ready else min(pause * 2, LONGEST_PAUSE)
                self._become("waiting", self.reason)
                await asyncio.sleep(pause)
                self.restarts += 1
        finally:
            await self._end()
            self._become("stopped")

    async def _live(self) -> bool:
        """One life; whether it was ever able to serve."""
        try:
            self.port = free_port()
            self.process = await EngineProcess.start(self.launch, self.number, self.port)
        except OSError as error:
            self.reason = str(error)
            return False
        self.breaker.reset()
        self._become("starting")
        was_ready = await self._watch(self.process)
        await self._end(seconds=0)  # it is dead, or deaf
        return was_ready

    async def _watch(self, process: EngineProcess) -> bool:
        """Return when the process has died, hangs, fails its turns, or did not get ready in time."""
        deadline = time.monotonic() + self.pace.start_timeout
        missed = 0
        async with httpx.AsyncClient(timeout=self.pace.check_timeout, trust_env=False) as client:
            while process.alive():
                self._doubts.clear()
                status = await _health(client, self.url)
                if status == READY:
                    missed = 0
                    self._become("ready")
                elif status == NO_MODEL:
                    self.reason = "could not load its model"
                    return False
                elif self.state != "starting":
                    missed += 1
                    self._become("doubted", "did not answer a check")
                if problem := self._problem(missed, deadline):
                    self.reason = problem
                    return self.state != "starting"
                await self._rest(process)
        self.reason = f"ended by itself ({process.ending()})"
        return self.state != "starting"

    def _problem(self, missed: int, deadline: float) -> str:
        """Why it has to be started again; empty when it need not."""
        if missed >= HUNG_AFTER:
            return "did not answer any more"
        if self.breaker.openings >= SICK_AFTER:
            return "failed its turns again and again"
        if self.state == "starting" and time.monotonic() > deadline:
            return f"was not ready after {self.pace.start_timeout:.0f} s"
        return ""

    async def _rest(self, process: EngineProcess) -> None:
        """Until the next check, the process's end, or a doubt."""
        seconds = self.pace.check_every if self.state == "ready" else min(CHECK_SOON, self.pace.check_every)
        waits = [asyncio.ensure_future(process.wait(seconds)), asyncio.ensure_future(self._doubts.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _end(self, seconds: float = TERMINATE_SECONDS) -> None:
        if self.process is not None:
            await self.process.stop(seconds)
            self.process = None

    def _become(self, state: str, reason: str = "") -> None:
        """Change the state, once, and say so."""
        if reason:
            self.reason = reason
        if state == self.state:
            return
        log.info("engine_" + state, replica=self.number, port=self.port, model=self.launch.model, reason=reason or None)
        self.state, self.since = state, time.time()
        self.on_change()

    def describe(self) -> dict[str, object]:
        """What operators see."""
        pid = self.process.pid if self.process is not None else None
        return {
            "replica": self.number,
            "pid": pid,
            "state": self.state,
            "restarts": self.restarts,
            "since": self.since,
            "rss": _memory(pid),
            "reason": self.reason,
            "port": self.port,
            "model": self.launch.model,
            "breaker": self.breaker.state,
            "in_flight": self.in_flight,
            "turns": self.turns,
        }


async def _health(client: httpx.AsyncClient, url: str) -> int:
    """The status of its health check; 0 when it gives none."""
    try:
        return (await client.get(f"{url}/webhooks/turn/")).status_code
    except httpx.HTTPError:
        return 0


def _memory(pid: int | None) -> int:
    if pid is None:
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)  # type: ignore[no-untyped-call]
    except psutil.Error:
        return 0
