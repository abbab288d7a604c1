"""`./ventanilla bench order [--json] [--quick]`: 10,000 messages over 500 conversations, each answered in order.

No fault is played. Every citizen writes one to three questions at a time through the public API, half listen to the
event stream. What is counted is what `bench faults` counts (`docs/faults.md`); the exit code is not 0 when a message
was lost, doubled or out of order.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.faults import learn
from bench.parts.citizens import Notes, WebCitizen
from bench.parts.figures import spread
from bench.parts.fleet import Fleet
from bench.parts.machine import MeasurementFailed, commit, describe, say
from bench.parts.verdict import Books, judge
from bot.setup.problems import Problem
from bot.setup.reading import read_settings
from bot.training.model import ensure_model


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement; the exit code."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench order", description="Are replies in order?")
    parser.add_argument("--json", action="store_true", help="nothing else is printed anyway")
    parser.add_argument("--quick", action="store_true", help="200 messages over 20 conversations")
    asked = parser.parse_args(arguments)
    conversations, length = (20, 10) if asked.quick else (500, 20)
    settings = read_settings()
    try:
        model = ensure_model(settings.home, settings.knowledge)
        with tempfile.TemporaryDirectory(prefix="ventanilla-order-") as folder:
            result = asyncio.run(play(Fleet(Path(folder), model, {}), conversations, length))
    except (MeasurementFailed, Problem) as error:
        say(str(error))
        return 1
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0 if result["clean"] else 1


async def play(fleet: Fleet, conversations: int, length: int) -> dict[str, Any]:
    """Everybody writes `length` messages; the figures."""
    stack = fleet.running()
    await asyncio.to_thread(stack.__enter__)
    try:
        topics = await learn(fleet.ports[0])
        notes, began = Notes(), time.monotonic()
        crowd = [WebCitizen(one, fleet.ports, notes, one % 2 == 0, length) for one in range(conversations)]
        await asyncio.gather(*(citizen.lives(asyncio.Event()) for citizen in crowd))
        seconds = time.monotonic() - began
        for citizen in crowd:
            await citizen.looks()
            await citizen.leaves()
        with fleet.reading() as session:
            verdict = judge(Books(session), topics, crowd, [], None, [])
    finally:
        await asyncio.to_thread(stack.__exit__, None, None, None)
    return {
        "bench": "order",
        "commit": commit(),
        "machine": describe(),
        "conversations": conversations,
        "seconds": round(seconds, 1),
        "seen_after_ms": spread([took for _, took in notes.times]),
        "verdict": verdict.as_json(),
        "clean": verdict.is_clean,
    }


if __name__ == "__main__":
    sys.exit(main())
