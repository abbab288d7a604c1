"""Starts the engine's replicas, watches them and starts them again when they die or hang."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import structlog

from bot.assistant.process import EngineProcess, free_port

log = structlog.get_logger(__name__)

CHECK_EVERY = 2.0
CHECK_TIMEOUT = 3.0
HUNG_AFTER = 3  # unanswered checks in a row; a turn that computes holds the engine's loop for a moment
LONGEST_PAUSE = 30.0


@dataclass
class Launch:
    """How a replica is started: the command gets `--port P` behind it."""

    command: list[str]
    folder: Path
    environment: dict[str, str]
    log_folder: Path


@dataclass
class Replica:
    """One engine process and what is known about it."""

    number: int
    state: str = "stopped"  # stopped | starting | ready | waiting
    restarts: int = 0
    since: float = field(default_factory=time.time)
    reason: str = ""
    port: int = 0
    process: EngineProcess | None = None

    def become(self, state: str, reason: str = "") -> None:
        """Change the state, once."""
        if state != self.state:
            log.info("engine_" + state, replica=self.number, port=self.port, reason=reason or None)
            self.state, self.since = state, time.time()
        if reason:
            self.reason = reason


class Supervisor:
    """Keeps `replicas` engines alive. `urls()` are those that can serve a turn now."""

    def __init__(
        self,
        launch: Launch,
        replicas: int = 1,
        *,
        start_timeout: float = 120.0,
        check_every: float = CHECK_EVERY,
        check_timeout: float = CHECK_TIMEOUT,
        first_pause: float = 1.0,
    ) -> None:
        self._launch = launch
        self._start_timeout = start_timeout
        self._check_every = check_every
        self._check_timeout = check_timeout
        self._first_pause = first_pause
        self._replicas = [Replica(number) for number in range(1, replicas + 1)]
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Condition()

    async def start(self) -> None:
        """Begin; returns at once."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._keep(replica)) for replica in self._replicas]

    async def stop(self) -> None:
        """End all replicas and wait until none is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def urls(self) -> list[str]:
        """Addresses of the replicas that answer."""
        return [f"http://127.0.0.1:{replica.port}" for replica in self._replicas if replica.state == "ready"]

    def status(self) -> list[dict[str, object]]:
        """One entry per replica, for operators."""
        return [_describe(replica) for replica in self._replicas]

    async def wait_ready(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - callers read better so
        """Wait for the first replica that can serve; False when none came in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: bool(self.urls()))
        return bool(self.urls())

    async def _keep(self, replica: Replica) -> None:
        """Start, watch, wait a little longer each time, start again."""
        pause = self._first_pause
        try:
            while True:
                was_ready = await self._run_once(replica)
                pause = self._first_pause if was_ready else min(pause * 2, LONGEST_PAUSE)
                await self._set(replica, "waiting")
                await asyncio.sleep(pause)
                replica.restarts += 1
        finally:
            await self._end(replica)
            replica.become("stopped")

    async def _run_once(self, replica: Replica) -> bool:
        """One life of a replica; whether it was ever able to serve."""
        try:
            replica.port = free_port()
            replica.process = await EngineProcess.start(self._launch, replica.number, replica.port)
        except OSError as error:
            replica.reason = str(error)
            return False
        await self._set(replica, "starting")
        was_ready = await self._watch(replica, replica.process)
        await self._end(replica)
        return was_ready

    async def _watch(self, replica: Replica, process: EngineProcess) -> bool:
        """Return when the process has died, hangs, or did not get ready in time."""
        deadline = time.monotonic() + self._start_timeout
        missed = 0
        async with httpx.AsyncClient(timeout=self._check_timeout, trust_env=False) as client:
            while process.alive():
                if await _answers(client, replica.port):
                    missed = 0
                    await self._set(replica, "ready")
                elif replica.state == "ready":
                    missed += 1
                if missed >= HUNG_AFTER:
                    replica.reason = "did not answer any more"
                    return True
                if replica.state != "ready" and time.monotonic() > deadline:
                    replica.reason = f"was not ready after {self._start_timeout:.0f} s"
                    return False
                every = self._check_every if replica.state == "ready" else min(0.2, self._check_every)
                await process.wait(every)
        replica.reason = f"ended by itself ({process.ending()})"
        return replica.state == "ready"

    async def _set(self, replica: Replica, state: str) -> None:
        replica.become(state, replica.reason if state == "waiting" else "")
        async with self._changed:
            self._changed.notify_all()

    @staticmethod
    async def _end(replica: Replica) -> None:
        if replica.process is not None:
            await replica.process.stop()
            replica.process = None


async def _answers(client: httpx.AsyncClient, port: int) -> bool:
    try:
        answer = await client.get(f"http://127.0.0.1:{port}/webhooks/turn/")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def _describe(replica: Replica) -> dict[str, object]:
    pid = replica.process.pid if replica.process is not None else None
    return {
        "replica": replica.number,
        "pid": pid,
        "state": replica.state,
        "restarts": replica.restarts,
        "since": replica.since,
        "rss": _memory(pid),
        "reason": replica.reason,
        "port": replica.port,
    }


def _memory(pid: int | None) -> int:
    if pid is None:
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)  # type: ignore[no-untyped-call]
    except psutil.Error:
        return 0
