"""`./ventanilla bench load [--json] [--quick]`: many citizens at once, beside stock Rasa.

The product runs as an operator starts it, in homes of their own that are thrown away. Every sender has a conversation:
she sends a question, waits for the reply on her event stream, and sends the next. On stock Rasa's side the same
questions go over its REST channel, which answers in the response and stores nothing.

1. **Side by side** at 1, 16 and 64 senders, in turns of a few seconds each: the product, the product without its memory
   of answers, stock Rasa. Every reply is compared with the one that was given to a single sender before. Then once more
   with messages that never repeat, at 16 senders. The memory of each side stands behind it all.
2. **Two counters** on one PostgreSQL compared with one; citizens may write on one node and listen on the other.
3. **2,000 open event streams** on one node: memory of each, and the time of a message while they are open.
4. **What a conversation costs**: rows, bytes by table and processor time, on SQLite and on PostgreSQL.

`--quick` has few senders, no stock Rasa and no PostgreSQL. Missed targets are reported; only a measurement that failed,
a wrong reply included, ends with an exit code that is not 0.
"""

import argparse
import asyncio
import datetime as dt
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from bench.parts import load_report
from bench.parts.crowd import ChatSender, Phase, RestSender, Side, in_turn, meet, together
from bench.parts.figures import Target, ratio
from bench.parts.fresh import fresh_questions
from bench.parts.machine import MeasurementFailed, commit, describe, load, memory, say
from bench.parts.nodes import two_counters
from bench.parts.product import Product, make_home
from bench.parts.stock import Stock, ensure_project, make_environment
from bench.parts.storage import conversation_cost
from bench.parts.streams import hold
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.setup.reading import read_settings
from bot.training.model import ensure_model

FORGETS = {"VENTANILLA_ENGINE_CACHE": "0"}


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    crowds: tuple[int, ...]
    length: int  # questions of each sender in a round
    rounds: int
    streams: int


FULL = Plan(crowds=(1, 16, 64), length=25, rounds=3, streams=2_000)
QUICK = Plan(crowds=(1, 4), length=5, rounds=1, streams=40)


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement; the exit code."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench load", description="Many citizens at once.")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="half a minute: without stock Rasa and PostgreSQL")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stopped)
    try:
        result = measure(read_settings(), QUICK if asked.quick else FULL, quick=asked.quick)
    except (MeasurementFailed, Problem) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped; no figures.")
        return 130
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else load_report.text(result))
    return 0


def measure(settings: Settings, plan: Plan, quick: bool) -> dict[str, Any]:
    """All figures, as they are printed."""
    model = ensure_model(settings.home, settings.knowledge)
    result: dict[str, Any] = {
        "bench": "load",
        "quick": quick,
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": describe(),
    }
    stock = None
    if not quick:
        make_environment()
        stock, _ = ensure_project(settings.home / "bench", settings.knowledge)
    with tempfile.TemporaryDirectory(prefix="ventanilla-bench-") as folder:
        result |= _side_by_side(plan, Path(folder), model, stock)
        if not quick:
            result["conversation"] = {"sqlite": _cost(Path(folder), model)}
            result["two_counters"] = two_counters(Path(folder), model, plan.length)
            if on_postgresql := result["two_counters"].pop("conversation", None):
                result["conversation"]["postgresql"] = on_postgresql
        result["streams"] = _streams(plan, Path(folder), model)
    result["machine"]["load_at_end"] = load()
    result["targets"] = [target.as_json() for target in targets(result)]
    return result


def _side_by_side(plan: Plan, folder: Path, model: Path, stock_folder: Path | None) -> dict[str, Any]:
    """The product, the product that forgets, and stock Rasa, under the same crowds in turn; then with new questions."""
    with ExitStack() as stack:
        ours = stack.enter_context(Product(make_home(folder / "ours", model)))
        forgets = stack.enter_context(Product(make_home(folder / "forgets", model), FORGETS))
        stock = stack.enter_context(Stock(stock_folder, folder / "stock.log")) if stock_folder else None
        for server in (ours, forgets, stock):
            if server is not None:
                server.ready()
        sides = [_ours("ours", ours), _ours("ours_without_memory", forgets)]
        if stock is not None:
            sides.append(Side("stock", lambda _: RestSender(stock.port), {"stock": stock.family()}, judged=False))
        result = uvloop.run(_both(plan, sides))
        return result | {"memory": {side.name: _memory(side) for side in sides}}


def _ours(name: str, product: Product) -> Side:
    counter, engine = product.parts()
    return Side(name, lambda _: ChatSender(product.port), {"counter": counter, "engine": engine})


def _memory(side: Side) -> dict[str, Any]:
    """Megabytes of each part of a side, and of all."""
    parts = {part: memory(processes) for part, processes in side.parts.items()}
    return {**parts, "all": memory([one for processes in side.parts.values() for one in processes])}


async def _both(plan: Plan, sides: list[Side]) -> dict[str, Any]:
    for side in sides:
        await side.learn()
    crowds = {str(senders): await _compare(plan, sides, senders) for senders in plan.crowds}
    senders = plan.crowds[1]
    new = {side.name: fresh_questions() for side in sides}
    never = {"senders": senders, **await _compare(plan, sides, senders, new)}
    return {"side_by_side": crowds, "never_repeated": never}


async def _compare(
    plan: Plan, sides: list[Side], senders: int, new: dict[str, Iterator[str]] | None = None
) -> dict[str, Any]:
    """The same crowd for every side in turn, with the questions of the list or with each side's `new` ones."""
    met: dict[str, list[Phase]] = {side.name: [] for side in sides}
    for number in range(plan.rounds):
        say(f"{senders} senders, round {number + 1} of {plan.rounds}{', nothing repeated' if new else ''}")
        for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
            questions = partial(_shared, new[side.name]) if new else in_turn
            met[side.name].append(await meet(side, senders, plan.length, questions))
    result = {name: together(phases).as_json() for name, phases in met.items()}
    judged = [side.name for side in sides if side.judged]
    if wrong := {name: result[name]["errors"] for name in judged if result[name]["errors"]}:
        raise MeasurementFailed(f"replies were not what they should be, by side: {wrong}")
    return result


def _shared(questions: Iterator[str], _number: int) -> Iterator[str]:
    return questions


def _streams(plan: Plan, folder: Path, model: Path) -> dict[str, Any]:
    with Product(make_home(folder / "streams", model)) as product:
        product.ready()
        return asyncio.run(hold(product.port, product.parts()[0], plan.streams, asked=20))


def _cost(folder: Path, model: Path) -> dict[str, Any]:
    with Product(make_home(folder / "cost", model)) as product:
        product.ready()
        return asyncio.run(conversation_cost(product))


def targets(result: dict[str, Any]) -> list[Target]:
    """What was to be reached; the quick run knows none."""
    if result["quick"]:
        return []
    crowd, new = result["side_by_side"]["16"], result["never_repeated"]
    return [
        _faster("messages_per_second_of_stock_at_16_never_repeated", new, 2.0),
        _faster("messages_per_second_of_stock_at_16", crowd, 3.0),
        Target("p95_of_stock_at_16", ratio(crowd["ours"]["p95_ms"], crowd["stock"]["p95_ms"]), 1.0, "ratio"),
        Target(
            "memory_of_stock",
            ratio(*(result["memory"][name]["all"]["rss_mb"] for name in ("ours", "stock"))),
            0.45,
            "ratio",
        ),
    ]


def _faster(name: str, sides: dict[str, Any], times: float) -> Target:
    reached = ratio(sides["ours"]["per_second"], sides["stock"]["per_second"])
    return Target(name, reached, times, "ratio", at_least=True)


def _stopped(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
