"""`./ventanilla bench turns [--json] [--quick]`: what a turn costs, and what an installation costs beside stock Rasa.

The product runs as an operator starts it, in a home of its own that is thrown away; citizens write through the public
API over HTTP and listen to the event stream. Beside it runs an engine with the same model that is asked directly.

1. **What the counter adds.** Each question goes through the product and, as the very turn that the counter makes of it
   (same text, same slots, same state), straight to the engine; which of them is first changes. Added is the whole less
   the engine, turn by turn: *until stored* ends at the time that the product wrote on the answered message inside its
   last transaction (the target), *until seen* when the reply is on the citizen's page.
2. **Memory** of the counter and its engine after these turns, beside stock Rasa's server after the same questions.
3. **Long conversations.** Turns around the thousandth of one conversation, in turn with turns around the tenth of
   another.
4. **Beside stock Rasa** 3.6.21 with the pipeline that it suggests itself and the same training data: the same questions
   over its REST channel in the same minutes, start-up, training time, installed size.

`--quick` leaves stock Rasa and the long conversations out. Missed targets are reported; only a measurement that failed
ends with an exit code that is not 0.
"""

import argparse
import datetime as dt
import json
import signal
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.parts import report
from bench.parts.figures import Target, differences, percentile, ratio, spread
from bench.parts.installed import size_of, start_ups, train_ours
from bench.parts.machine import MeasurementFailed, commit, describe, load, memory, say
from bench.parts.product import Engine, Product, make_home
from bench.parts.stock import STOCK, Stock, ensure_project, make_environment
from bench.parts.talk import Turns, grow, take_turns
from bot.settings import Settings
from bot.setup.environments import COUNTER, ENGINE
from bot.setup.problems import Problem
from bot.setup.reading import read_settings
from bot.training.model import ensure_model


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    conversations: int  # of `length` turns each, after one to warm up
    length: int
    late: int  # the turn of a long conversation that is compared with the tenth
    window: int  # turns around it
    rounds: int
    start_ups: int


FULL = Plan(conversations=8, length=25, late=1_000, window=20, rounds=4, start_ups=3)
QUICK = Plan(conversations=2, length=10, late=40, window=10, rounds=1, start_ups=0)


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement; the exit code."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench turns", description="What a turn costs.")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="half a minute: without stock Rasa, few turns")
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
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else report.text(result))
    return 0


def measure(settings: Settings, plan: Plan, quick: bool) -> dict[str, Any]:
    """All figures, as they are printed."""
    model = ensure_model(settings.home, settings.knowledge)
    result: dict[str, Any] = {
        "bench": "turns",
        "quick": quick,
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": describe(),
    }
    with tempfile.TemporaryDirectory(prefix="ventanilla-bench-") as folder:
        home = make_home(Path(folder) / "home", model)
        if quick:
            result |= _talk(plan, home, model, None)
        else:
            made = make_environment()
            stock, training = ensure_project(settings.home / "bench", settings.knowledge)
            costs = _costs(plan, home, model, stock) | {
                "training_s": {"ours": train_ours(Path(folder) / "untrained"), "stock": training},
                "stock_environment_made_in_s": made,
            }
            result |= _talk(plan, home, model, stock) | {"installation": costs}
    result["machine"]["load_at_end"] = load()
    result["targets"] = [target.as_json() for target in targets(result)]
    return result


def _talk(plan: Plan, home: Path, model: Path, stock_folder: Path | None) -> dict[str, Any]:
    """What is measured while everything serves."""
    with ExitStack() as stack:
        # What the counter adds is measured against the engine, so the engine is asked every time.
        product = stack.enter_context(Product(home, {"VENTANILLA_ENGINE_CACHE": "0"}))
        product.ready()
        engine = stack.enter_context(Engine(home, model, product.wire()))
        stock = stack.enter_context(Stock(stock_folder, home / "stock.log")) if stock_folder else None
        for server in (engine, stock):
            if server is not None:
                server.ready()
        say(f"Asking {plan.conversations * plan.length} questions, each in {3 if stock else 2} ways")
        turns = take_turns(product, engine, stock, plan.conversations, plan.length)
        result = {"turn": turns.as_json(), "memory": _memory(product, stock)}
        if stock is not None:
            result["stock_turn"] = _beside(turns)
            stock.stop()
        engine.stop()
        result["growth"] = grow(product, plan.late, plan.window, plan.rounds)
    return result


def _memory(product: Product, stock: Stock | None) -> dict[str, Any]:
    counter, engine = product.parts()
    result: dict[str, Any] = {
        "counter": memory(counter),
        "engine": memory(engine),
        "ours": memory([*counter, *engine]),
    }
    if stock is not None:
        result["stock"] = memory(stock.family())
        result["ratio_rss"] = ratio(result["ours"]["rss_mb"], result["stock"]["rss_mb"])
    return result


def _beside(turns: Turns) -> dict[str, Any]:
    """Stock Rasa's times beside ours."""
    stock = percentile(turns.stock, 0.5)
    return {
        "stock_ms": spread(turns.stock),
        "seen_less_stock_ms": spread(differences(turns.seen, turns.stock)),
        "ratio_seen": ratio(percentile(turns.seen, 0.5), stock),
        "ratio_engine": ratio(percentile(turns.engine, 0.5), stock),
    }


def _costs(plan: Plan, home: Path, model: Path, stock: Path) -> dict[str, Any]:
    say("Weighing the environments")
    scratch = home.parent / "weighed"
    counter, engine, theirs = (size_of(env, scratch) for env in (COUNTER, ENGINE, STOCK))
    return {
        "installed_mb": {"counter": counter, "engine": engine, "ours": round(counter + engine, 1), "stock": theirs},
        "model_mb": {
            "ours": round(model.stat().st_size / 1e6, 2),
            "stock": round((stock / "models/stock.tar.gz").stat().st_size / 1e6, 2),
        },
        "start_up_s": start_ups(home, model, stock, plan.start_ups),
    }


def targets(result: dict[str, Any]) -> list[Target]:
    """What was to be reached. The quick run knows the first only."""
    found = [Target("counter_adds_until_stored_p50", result["turn"]["added_until_stored_ms"]["p50"], 15.0, "ms")]
    if result["quick"]:
        return found
    return [
        *found,
        Target("memory_of_stock", result["memory"]["ratio_rss"], 0.45, "ratio"),
        Target("turn_1000_of_turn_10_p50", result["growth"]["ratio"], 1.3, "ratio"),
    ]


def _stopped(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
