"""Thousands of open event streams on one node: what each costs in memory, and how soon a message reaches its page."""

import asyncio
import resource
import time
from collections.abc import Iterable
from typing import Any

import psutil

from bench.parts.crowd import ChatSender
from bench.parts.figures import spread
from bench.parts.machine import MEGA, MeasurementFailed, memory, say
from bench.parts.talk import QUESTIONS

AT_ONCE = 50  # pages that open at one time
SPARE = 200  # files that a program needs beside its connections


def allow_files(connections: int) -> None:
    """Raise what this process may open to what the measurement needs. Raises MeasurementFailed when it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise MeasurementFailed(f"{wanted} open files are needed and {hard} allowed (ulimit -Hn)")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def hold(port: int, counter: Iterable[psutil.Process], streams: int, asked: int) -> dict[str, Any]:
    """Open `streams` pages, each of a conversation of its own; then `asked` of them write one after the other."""
    processes = list(counter)
    allow_files(2 * streams)
    say(f"Opening {streams:,} event streams")
    first = ChatSender(port)
    await first.begins()
    await first.asks(QUESTIONS[0])
    before = memory(processes)
    pages = [ChatSender(port) for _ in range(streams)]
    opened = time.perf_counter()
    for start in range(0, streams, AT_ONCE):
        await asyncio.gather(*(page.begins() for page in pages[start : start + AT_ONCE]))
    seconds = time.perf_counter() - opened
    held = memory(processes)
    idle = await _idle(processes)
    times = []
    for number, page in enumerate(pages[:: max(1, streams // asked)][:asked]):
        began = time.perf_counter()
        if not await page.asks(QUESTIONS[number % len(QUESTIONS)]):
            raise MeasurementFailed("a question was not answered while many streams were open")
        times.append((time.perf_counter() - began) * 1_000)
    for page in [first, *pages]:
        await page.leaves()
    return {
        "streams": streams,
        "opened_in_s": round(seconds, 1),
        "counter_before_mb": before["rss_mb"],
        "counter_held_mb": held["rss_mb"],
        "kb_per_stream": round(((held["rss_mb"] or 0) - (before["rss_mb"] or 0)) * MEGA / 1_000 / streams, 1),
        "idle_processor_share": idle,
        "message_ms": spread(times),
    }


async def _idle(processes: list[psutil.Process], seconds: float = 10.0) -> float:
    """The share of a core that the counter takes while nobody writes."""
    before = sum(sum(process.cpu_times()[:2]) for process in processes)
    await asyncio.sleep(seconds)
    return round((sum(sum(process.cpu_times()[:2]) for process in processes) - before) / seconds, 3)
