"""The faults, one function each: it makes the trouble, holds it, and ends it."""

import asyncio
import gzip
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
from sqlalchemy import text

from bench.parts.citizens import Notes
from bench.parts.crowd import START
from bench.parts.fleet import Fleet, Node, PostgresFleet
from bench.parts.machine import MeasurementFailed
from bench.parts.wire import Wire
from bot.replicas.releases import ask
from bot.settings import ROOT, Settings
from emulator.emulator import Emulator

BEFORE_DEATH = 2.0  # seconds: a call that Telegram answered so shortly before a counter died may not have been noted
COMMAND_SECONDS = 240.0
SECOND = "second-model"
LOOKS = 6  # times as long as a fault lasts, until somebody is refused
REFUSED = 300  # statuses from here on
NO_ROOM = 1  # bytes: no write to a file succeeds


@dataclass
class Stage:
    """What can be troubled, and what was noted meanwhile."""

    fleet: Fleet
    emulator: Emulator
    hold: float  # seconds that a fault lasts
    notes: Notes = field(default_factory=Notes)  # of the citizens who write meanwhile
    cut_off: list[tuple[float, float]] = field(default_factory=list)

    @property
    def postgres(self) -> PostgresFleet:
        """The installation on PostgreSQL."""
        assert isinstance(self.fleet, PostgresFleet)
        return self.fleet

    async def waits(self, share: float = 1.0) -> None:
        """As long as a fault lasts."""
        await asyncio.sleep(self.hold * share)


Trouble = Callable[[Stage], Awaitable[dict[str, Any]]]


async def engine_dies(stage: Stage) -> dict[str, Any]:
    """Every engine is killed without a warning; the counter starts them again."""
    killed = [engine for node in stage.fleet.nodes for engine in node.engines()]
    for engine in killed:
        engine.kill()
    await stage.waits()
    return {"killed": met(len(killed))}


async def engine_hangs(stage: Stage) -> dict[str, Any]:
    """The first counter's engine stops answering, longer than a try of a turn may take, and goes on after that."""
    engines = stage.fleet.nodes[0].engines()
    seconds = max(12.0, stage.hold)
    with _halted(engines):
        await asyncio.sleep(seconds)
    return {"seconds": seconds}


async def counter_dies(stage: Stage) -> dict[str, Any]:
    """A counter is killed without a warning and started again."""
    node = stage.fleet.nodes[0]
    died = await node.dies()
    stage.cut_off.append((died - BEFORE_DEATH, time.time()))
    if len(stage.fleet.nodes) > 1:
        await stage.waits()
    return {"ready_again_s": round(await node.starts(), 1)}


async def counter_stops(stage: Stage) -> dict[str, Any]:
    """A counter is asked to stop, and started again."""
    node = stage.fleet.nodes[-1]
    took = await node.stops()
    return {"stopped_in_s": round(took, 1), "ready_again_s": round(await node.starts(), 1)}


async def disk_is_full(stage: Stage) -> dict[str, Any]:
    """No write of the first counter to any file succeeds: the system refuses it (RLIMIT_FSIZE)."""
    with _no_room([stage.fleet.nodes[0].process()]):
        await _arrives(stage)
        await stage.waits()
    return {}


async def connections_die(stage: Stage) -> dict[str, Any]:
    """Every connection to PostgreSQL is ended, three times."""
    ended = 0
    for _ in range(3):
        ended += await asyncio.to_thread(_end_connections, stage.postgres)
        await stage.waits(0.3)
    return {"connections": met(ended)}


async def database_stops(stage: Stage) -> dict[str, Any]:
    """PostgreSQL is stopped, and started again."""
    await asyncio.to_thread(stage.postgres.server.stop)
    await stage.waits()
    await asyncio.to_thread(stage.postgres.server.start)
    return {}


async def model_changes(stage: Stage) -> dict[str, Any]:
    """A second model is released and served instead of the first, then the first again, by the operator's commands."""
    node = stage.fleet.nodes[0]
    settings = Settings(home=node.home, database_url=node.product.environment["DATABASE_URL"])
    packed = next((node.home / "models").glob("*.tar.gz")).read_bytes()
    archive = gzip.compress(gzip.decompress(packed), 1)  # the same knowledge, so that the same answers are expected
    await asyncio.to_thread(ask, settings, lambda releases: releases.do_release(SECOND, archive))
    there = await asyncio.to_thread(_operator, node, "model", "use", SECOND)
    before = {engine.pid for engine in node.engines()}
    back = await asyncio.to_thread(_operator, node, "model", "back")
    replaced = len(before - {engine.pid for engine in node.engines()})
    return {"there_s": there, "back_s": back, "engines_replaced": replaced}


async def telegram_is_flooded(stage: Stage) -> dict[str, Any]:
    """Telegram answers 429 with the seconds to wait."""
    fault = stage.emulator.plays("sendMessage", status=429, retry_after=2, times=10)
    await _lasts(stage, lambda: 10 - fault.times)
    stage.emulator.clears()
    return {"refused": met(10 - fault.times)}


async def telegram_breaks(stage: Stage) -> dict[str, Any]:
    """Telegram answers 500 to whatever is sent, then 502 to every poll too."""
    sends = stage.emulator.plays("sendMessage", status=500, times=10_000)
    await _lasts(stage, lambda: 10_000 - sends.times, 0.5)
    polls = stage.emulator.plays("getUpdates", status=502, times=10_000)
    await _lasts(stage, lambda: 10_000 - polls.times, 0.5)
    stage.emulator.clears()
    return {"refused": met(20_000 - sends.times - polls.times)}


async def telegram_hangs(stage: Stage) -> dict[str, Any]:
    """Telegram takes calls and answers none of them; of some the message arrives nevertheless."""
    taken = stage.emulator.plays("sendMessage", hang=True, after_effect=True, times=3)
    left = stage.emulator.plays("sendMessage", hang=True, times=10_000)
    await _lasts(stage, lambda: 10_000 - left.times)
    stage.emulator.clears()
    arrived = 3 - taken.times
    return {"hung": met(arrived + 10_000 - left.times) - arrived, "arrived_without_an_answer": arrived}


async def telegram_repeats(stage: Stage) -> dict[str, Any]:
    """Telegram delivers updates twice, and old ones once more."""
    old = stage.emulator.updates.made[-20:]
    stage.emulator.doubles(20)
    for update in old:
        stage.emulator.repeats(update)
    await stage.waits()
    return {"repeated": 20 + len(old)}


async def telegram_is_gone(stage: Stage) -> dict[str, Any]:
    """Nobody listens at Telegram's address."""
    await stage.emulator.__aexit__()
    await stage.waits()
    await stage.emulator.__aenter__()
    return {}


async def _arrives(stage: Stage) -> None:
    """Somebody new comes. Those who are there may all be waiting for an answer, and write nothing to refuse."""
    async with Wire(stage.fleet.ports[0]) as door:
        answer = await door.post(START, {"language": "es"})
    if answer.status >= REFUSED:
        stage.notes.refusals.append((time.time(), str(answer.status)))


async def _lasts(stage: Stage, struck: Callable[[], int], share: float = 1.0) -> None:
    """Let a fault last, and on a busy machine until it has struck; not for ever."""
    for _ in range(LOOKS):
        await stage.waits(share)
        if struck():
            return


def met(count: int) -> int:
    """How often a fault struck. Raises MeasurementFailed when it did not: what was not tried has not been passed."""
    if not count:
        raise MeasurementFailed("a fault met nobody: nothing was sent, asked or connected while it lasted")
    return count


EVERYWHERE: tuple[Trouble, ...] = (engine_dies, engine_hangs, counter_dies, counter_stops)
TELEGRAM: tuple[Trouble, ...] = (
    telegram_is_flooded,
    telegram_breaks,
    telegram_hangs,
    telegram_repeats,
    telegram_is_gone,
)
TROUBLES: dict[str, tuple[Trouble, ...]] = {
    "sqlite": (*EVERYWHERE, disk_is_full, *TELEGRAM, model_changes),
    "postgresql": (
        *EVERYWHERE,
        connections_die,
        database_stops,
        disk_is_full,
        *TELEGRAM,
        model_changes,
    ),
}
QUICK: tuple[Trouble, ...] = (engine_dies, counter_dies, disk_is_full, telegram_breaks, telegram_repeats)


def _operator(node: Node, *words: str) -> float:
    """A command of the operator at this counter's machine; seconds that it took."""
    began = time.monotonic()
    command = [sys.executable, str(ROOT / "ventanilla"), *words]
    done = subprocess.run(
        command, cwd=ROOT, env=node.product.environment, capture_output=True, text=True, timeout=COMMAND_SECONDS
    )
    if done.returncode:
        raise MeasurementFailed(f"{' '.join(words)} failed: {(done.stdout + done.stderr)[-300:]}")
    return round(time.monotonic() - began, 1)


@contextmanager
def _halted(processes: list[psutil.Process]) -> Iterator[None]:
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            if process.is_running():
                process.send_signal(signal.SIGCONT)


@contextmanager
def _no_room(processes: list[psutil.Process]) -> Iterator[None]:
    """The soft limit only, so that it can be taken back without a privilege."""
    before = {process: process.rlimit(resource.RLIMIT_FSIZE) for process in processes}
    for process, (_, hard) in before.items():
        process.rlimit(resource.RLIMIT_FSIZE, (NO_ROOM, hard))
    try:
        yield
    finally:
        for process, limits in before.items():
            if process.is_running():
                process.rlimit(resource.RLIMIT_FSIZE, limits)


def _end_connections(fleet: PostgresFleet) -> int:
    with fleet.reading() as session:
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        rows = session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        return len(rows.all())
