"""`./ventanilla bench understanding [--json] [--quick]`: how well messages are understood, beside two other pipelines.

Three pipelines are taught with the same examples and asked the same messages, one after the other, in this run:
**ours** (`config.yml`); **words**, word and character n-grams in a logistic regression (ours without its encoder);
**stock**, Rasa 3.6.21 with the pipeline that it suggests itself (DIET). Three sets: our catalogue with its development
set, BANKING77 (10 examples per intent) and CLINC150 (15 per intent and 200 out of scope), both in `bench/data`.

Stock learns for a quarter of an hour and more, so its models are kept by the hash of what they learned from; of our own
catalogue it would learn for hours, so all three learn `FEW` examples of each label there, and ours once more from all.
What a message costs stock does not depend on how much it has learned; it costs ours less, the more its words are sure.
`--public` asks the public sets only; `--quick` leaves stock and the public sets out. Missed targets are reported; only
a failed measurement ends in an error.
"""

import argparse
import datetime as dt
import json
import math
import signal
import sys
from pathlib import Path
from typing import Any

from bench.parts.figures import Target, percentile, ratio, table
from bench.parts.machine import MeasurementFailed, commit, describe, load, say
from bench.parts.sets import OUT, PUBLIC, Set, own, public
from bench.parts.stock import FEW, STOCK, make_environment
from bench.parts.taught import Heard, ask, stock_config, teach
from bot.settings import ROOT, Settings
from bot.setup.environments import ENGINE
from bot.setup.home import prepare_home
from bot.setup.problems import Problem
from bot.setup.reading import read_settings

RECALL = 0.8  # of what is out of scope, at the threshold of the second accuracy
Z = 1.96  # of the 95 % interval
WITHOUT = {"WITHOUT_ENCODER": "1"}


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement; the exit code."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench understanding", description="How well it understands.")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="our own catalogue only, without stock Rasa")
    parser.add_argument("--public", action="store_true", help="the public sets only")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    try:
        result = measure(read_settings(), quick=asked.quick, own_too=not asked.public)
    except (MeasurementFailed, Problem) as error:
        say(str(error))
        return 1
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else text(result))
    return 0


def measure(settings: Settings, quick: bool, own_too: bool = True) -> dict[str, Any]:
    """All figures, as they are printed."""
    prepare_home(settings.home)
    result: dict[str, Any] = {
        "bench": "understanding",
        "quick": quick,
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": describe(),
    }
    if not quick:
        make_environment()
    everything = own()
    few = own(FEW)
    cache = settings.home / "bench"
    sets = [Set("development, all examples", everything.examples, everything.asked)] if own_too else []
    sets += [] if quick or not own_too else [Set(f"development, {FEW} a label", few.examples, few.asked)]
    sets += [] if quick else [public(name) for name in PUBLIC]
    result["sets"] = [
        {"set": one.name, "examples": len(one.examples), "messages": len(one.asked)}
        | {"pipelines": [row(cache, one, name) for name in pipelines(one, everything, quick)]}
        for one in sets
    ]
    result["machine"]["load_at_end"] = load()
    result["targets"] = [] if quick or not own_too else [target.as_json() for target in targets(result["sets"])]
    return result


def pipelines(one: Set, everything: Set, quick: bool) -> list[str]:
    """Those that are asked about a set."""
    beyond_stock = quick or len(one.examples) == len(everything.examples)
    return ["ours", "words"] if beyond_stock else ["ours", "words", "stock"]


def row(cache: Path, one: Set, name: str) -> dict[str, Any]:
    """The figures of one pipeline on one set."""
    say(f"{one.name}: {name}")
    environment, config = (STOCK, stock_config()) if name == "stock" else (ENGINE, our_config())
    taught = teach(cache, name, environment, config, one.examples, WITHOUT if name == "words" else None)
    heard, process = ask(taught, [asked.text for asked in one.asked], WITHOUT if name == "words" else None)
    return {"pipeline": name, "training_s": taught.seconds, **process, **scored(one, heard)}


def our_config() -> str:
    """`config.yml` as far as it understands: policies belong to a dialogue."""
    whole = (ROOT / "config.yml").read_text(encoding="utf-8")
    return whole[: whole.index("\npolicies:")].replace("importers:\n- name: engine.importer.NamesOnlyImporter\n", "")


def scored(one: Set, heard: list[Heard]) -> dict[str, Any]:
    """Accuracies, and the milliseconds of a message."""
    inside = [(asked, answer) for asked, answer in zip(one.asked, heard, strict=True) if asked.label != OUT]
    outside = [answer for asked, answer in zip(one.asked, heard, strict=True) if asked.label == OUT]
    right = sum(asked.label == topics(answer)[0][0] for asked, answer in inside)
    low, high = interval(right, len(inside))
    figures: dict[str, Any] = {
        "accuracy": round(right / len(inside), 4),
        "low": low,
        "high": high,
        "among_three": round(
            sum(asked.label in [label for label, _ in topics(answer)[:3]] for asked, answer in inside) / len(inside), 4
        ),
        "ms_p50": round(percentile([answer.milliseconds for answer in heard], 0.5), 2),
        "ms_p95": round(percentile([answer.milliseconds for answer in heard], 0.95), 2),
        "without_encoder": round(sum(not answer.deep for answer in heard) / len(heard), 4),
    }
    quick = [answer.milliseconds for answer in heard if not answer.deep]
    if quick and len(quick) < len(heard):
        figures["ms_p50_without_encoder"] = round(percentile(quick, 0.5), 2)
    if outside:
        sure = sorted(topics(answer)[0][1] for answer in outside)
        threshold = sure[math.ceil(RECALL * len(sure)) - 1]
        kept = sum(asked.label == topics(a)[0][0] and topics(a)[0][1] > threshold for asked, a in inside)
        figures |= {
            "out_of_scope_recall": round(sum(value <= threshold for value in sure) / len(sure), 4),
            "accuracy_at_that_threshold": round(kept / len(inside), 4),
            "threshold": round(threshold, 4),
        }
    return figures


def topics(answer: Heard) -> list[tuple[str, float]]:
    """What a message may be besides out of scope, likeliest first; a stand-in when nothing is left."""
    found = [(a, b) for a, b in zip(answer.labels, answer.confidences, strict=True) if a != OUT]
    return found or [("", 0.0)]


def interval(right: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (E. B. Wilson, 1927)."""
    share, square = right / count, Z * Z / count
    middle, half = share + square / 2, Z * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return round((middle - half) / (1 + square), 4), round((middle + half) / (1 + square), 4)


def targets(sets: list[dict[str, Any]]) -> list[Target]:
    """What the figures should reach."""
    found = {one["set"]: {row["pipeline"]: row for row in one["pipelines"]} for one in sets}
    few = found[f"development, {FEW} a label"]
    ours, stock, whole = few["ours"], few["stock"], found["development, all examples"]["ours"]
    quick = whole.get("ms_p50_without_encoder", whole["ms_p50"])
    clinc = found["clinc150"]["ours"]
    error = ratio(1 - ours["accuracy"], 1 - stock["accuracy"])
    return [
        Target("error on the development set, of stock's", error, 0.5, "×"),
        Target("BANKING77", found["banking77"]["ours"]["accuracy"], 0.84, "", at_least=True),
        Target("CLINC150 in scope", clinc["accuracy"], 0.935, "", at_least=True),
        Target(
            "CLINC150 in scope where 80 % of the rest is refused", clinc["accuracy_at_that_threshold"], 0.935, "", True
        ),
        Target(
            "median of a message, all examples learned, of stock's", ratio(whole["ms_p50"], stock["ms_p50"]), 1.0, "×"
        ),
        Target(
            f"median of a message, {FEW} a label learned, of stock's", ratio(ours["ms_p50"], stock["ms_p50"]), 1.0, "×"
        ),
        Target("median without the encoder, of stock's", ratio(quick, stock["ms_p50"]), 1 / 3, "×"),
    ]


def text(result: dict[str, Any]) -> str:
    """The figures as people read them."""
    parts = []
    for one in result["sets"]:
        head = [f"{one['set']} ({one['examples']} → {one['messages']})", "right %", "95 %", "of 3 %", "ms p50", "p95"]
        rows = [
            [
                row["pipeline"],
                f"{100 * row['accuracy']:.1f}",
                f"{100 * row['low']:.1f}–{100 * row['high']:.1f}",
                f"{100 * row['among_three']:.1f}",
                row["ms_p50"],
                row["ms_p95"],
                f"{row['training_s']:.0f} s",
                f"{row['rss_mb']:.0f} MB",
                f"{100 * row.get('accuracy_at_that_threshold', 0):.1f}" if "threshold" in row else None,
                f"{100 * row['without_encoder']:.0f}",
            ]
            for row in one["pipelines"]
        ]
        parts.append(table([*head, "taught in", "memory", "at 80 % refused", "without encoder %"], rows))
    parts += [
        f"{'met   ' if t['met'] else 'missed'} {t['name']}: {t['value']} ({t['target']:.3g})" for t in result["targets"]
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
