"""`./ventanilla bench fuzz [--json] [--quick]`: broken calls by the thousand, and what became of them.

The product runs as an operator starts it, in a home that is thrown away, with a webhook and a Telegram of the tests.

1. **The public API**, by Schemathesis from `/openapi.json`: for every operation, with conversations that are new, under
   way and ended, with the right token, another's and none, data as described and data that is not. No answer of 5xx,
   none with a status, type or body that is not described; an accepted message sent again is the same message.
2. **The webhook of Telegram**: recorded updates of every kind, whole, repeated at the same moment, out of order, broken
   field by field, and bytes that are no JSON. 200 with the secret, 401 without, 413 when too long; no update stored
   twice, no whole text missing.
3. **Crafted texts**: twenty a second from one address (heaps of marks, joiners, hundreds of sentences, deep JSON,
   bodies of 64 kB) with the default limits, while other citizens ask their questions. Their p95 is at most twice the
   quiet one.

`--quick` is what the tests run. Anything unexpected ends with exit code 1.
"""

import argparse
import json
import secrets
import signal
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.parts import crafted, hooked
from bench.parts.machine import MeasurementFailed, check_tools, say
from bench.parts.product import Product, make_home
from bench.parts.updates import shots
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.setup.reading import read_settings
from bot.training.model import ensure_model
from emulator.emulator import Emulator

if TYPE_CHECKING:
    from bench.parts import public_api

SHOWN = 20
CITIZENS = 6
NOWHERE = "http://127.0.0.1:8443"  # nobody posts there: the updates of this run come from here


@dataclass(frozen=True)
class Plan:
    """How much is tried."""

    each: int  # cases of one operation, conversation and kind of data
    updates: int
    rounds: int  # of quiet and crafted times
    seconds: float  # of each
    share: float  # of the others' questions, those up to which the waiting is compared
    slower: float  # how many times as long they may wait


FULL = Plan(each=25, updates=2_000, rounds=2, seconds=15.0, share=0.95, slower=2.0)
# Of sixteen questions the 95th is the worst one. Other tests run beside it: what it is to see is a freeze, which made
# others wait ninety times as long.
QUICK = Plan(each=2, updates=150, rounds=1, seconds=6.0, share=0.5, slower=10.0)


def main(arguments: list[str] | None = None) -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench fuzz", description="Broken calls by the thousand.")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="some hundred cases")
    parser.add_argument("--seed", type=int, help="of the updates; without it another one each time")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stopped)
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    try:
        result = fuzz(read_settings(), QUICK if asked.quick else FULL, seed)
    except (MeasurementFailed, Problem) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped; no figures.")
        return 130
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else "\n".join(lines_of(result)))
    bad = ("unexpected", "stored_twice", "lost", "slower")
    return 1 if any(result[name] for name in bad) else 0


def fuzz(settings: Settings, plan: Plan, seed: int) -> dict[str, Any]:
    """All figures, as they are printed."""
    check_tools("schemathesis", "hypothesis")
    from bench.parts import public_api  # which needs them

    model = ensure_model(settings.home, settings.knowledge)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ventanilla-fuzz-"))
        emulator = stack.enter_context(Emulator().in_thread())
        home = make_home(Path(folder) / "home", model)
        telegram = {"TELEGRAM_TOKEN": emulator.token, "TELEGRAM_API_BASE": emulator.address, "PUBLIC_URL": NOWHERE}
        product = stack.enter_context(Product(home, telegram))
        product.ready()
        database = home / "ventanilla.db"
        say("The public API")
        answers = public_api.ask(product.address, public_api.begin(product.address), plan.each)
        say("The webhook")
        webhook = emulator.updates.webhook
        if webhook is None or webhook.secret is None:
            raise MeasurementFailed("the product has set no webhook")
        fired = hooked.fire(product.address, webhook.secret, shots(plan.updates, seed))
        kept = public_api.repeated(database, answers)
        found = hooked.stored(database, fired)
    say("Crafted texts")
    return _with_crafted(_result(seed, answers, kept, fired, found), plan, _crafted(model, plan))


def _crafted(model: Path, plan: Plan) -> crafted.Times:
    """A product of its own, with the limits of an installation that sets none."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ventanilla-fuzz-"))
        also = crafted.limits() | {"VENTANILLA_ENGINE_CACHE": "0"}
        product = stack.enter_context(Product(make_home(Path(folder) / "home", model), also))
        product.ready()
        return crafted.measure(product.port, plan.seconds, plan.rounds, CITIZENS)


def _with_crafted(result: dict[str, Any], plan: Plan, times: crafted.Times) -> dict[str, Any]:
    figures = times.as_json(plan.share)
    failed = sum(count for status, count in times.statuses.items() if status >= 500)
    return result | {
        "cases": result["cases"] + figures["cases"],
        "server_errors": result["server_errors"] + failed,
        "unexpected": result["unexpected"] + len(times.unexpected),
        "slower": figures["times"] > plan.slower,
        "crafted": figures | {"at_most": plan.slower},
        "examples": (result["examples"] + times.unexpected)[:SHOWN],
    }


def _result(
    seed: int, answers: "public_api.Answers", kept: dict[str, int], fired: hooked.Fired, stored: dict[str, Any]
) -> dict[str, Any]:
    unexpected = answers.unexpected + fired.unexpected
    statuses = [int(name.split()[-1]) for name, count in answers.statuses.items() for _ in range(count)]
    failed = [status for status in [*statuses, *fired.statuses.elements()] if status >= 500]
    return {
        "bench": "fuzz",
        "seed": seed,
        "cases": answers.cases + fired.cases,
        "server_errors": len(failed),
        "stored_twice": kept["stored_twice"] + stored["stored_twice"],
        "lost": kept["lost"] + stored["texts_missing"],
        "unexpected": len(unexpected),
        "api": {"cases": answers.cases, "statuses": dict(sorted(answers.statuses.items())), **kept},
        "webhook": {
            "cases": fired.cases,
            "statuses": {str(status): count for status, count in sorted(fired.statuses.items())},
            "kinds": dict(fired.kinds.most_common()),
            **stored,
        },
        "examples": unexpected[:SHOWN],
    }


def lines_of(result: dict[str, Any]) -> list[str]:
    """The result as a person reads it."""
    api, webhook, told = result["api"], result["webhook"], result["crafted"]
    return [
        f"{result['cases']:,} cases (seed {result['seed']}): {result['server_errors']} of 5xx, "
        f"{result['unexpected']} not as described, {result['stored_twice']} stored twice, {result['lost']} lost",
        f"public API: {api['cases']:,} cases, {api['accepted']:,} messages accepted, each sent twice",
        *(f"  {name}: {count:,}" for name, count in api["statuses"].items()),
        f"webhook: {webhook['cases']:,} cases, {webhook['stored']:,} updates stored, "
        f"{webhook['texts_sent']:,} whole texts, {webhook['texts_missing']} of them missing",
        *(f"  {status}: {count:,}" for status, count in webhook["statuses"].items()),
        f"crafted texts: {told['cases']:,} from one address; {told['asked']:,} questions of others waited "
        f"{told['times']} times as long (at most {told['at_most']}) at the {told['percentile']}th percentile; "
        f"p95 {told['beside_p95_ms']} ms, in the quiet {told['quiet_p95_ms']} ms",
        *(f"  {status}: {count:,}" for status, count in told["statuses"].items()),
        *result["examples"],
    ]


def _stopped(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
