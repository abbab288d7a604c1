"""`./ventanilla bench privacy [--json]`: how much personal data is found, and how much is taken for it that is none.

The corpus `tests/privacy/corpus.jsonl` was written for this: invented numbers with valid check digits in sentences as
people write them, and as many look-alikes (amounts, dates, laws, references, service numbers, wrong checksums).
Recall: of the pieces of personal data, those of which nothing is left in the masked text. False alarms: of the
look-alikes, those in which anything was masked. Both by kind, and the time of one message.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bot.privacy.mask import mask
from bot.privacy.personal import find
from bot.settings import ROOT

CORPUS = ROOT / "tests" / "privacy" / "corpus.jsonl"
RECALL, FALSE_ALARMS = 97.0, 2.0  # per cent


def measure(corpus: Path = CORPUS) -> dict[str, Any]:
    """Recall and false alarms in per cent, in all and by kind, with what was missed and what was wrong."""
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    there, seen, alike, wrong = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    missed, alarms = [], []
    for row in rows:
        text, found = row["text"], find(row["text"])
        if not row["holds"]:
            alike[row["like"]] += 1
            if found:
                wrong[row["like"]] += 1
                alarms.append(text)
        for kind, value in row["holds"]:
            there[kind] += 1
            at = text.index(value)
            if any(p.kind == kind and p.start <= at and p.end >= at + len(value) for p in found):
                seen[kind] += 1
            else:
                missed.append(text)
    started = time.perf_counter()
    for row in rows:
        mask(row["text"])
    took = (time.perf_counter() - started) / len(rows) * 1_000
    return {
        "strings": len(rows),
        "recall": round(100 * seen.total() / there.total(), 2),
        "false_alarms": round(100 * wrong.total() / alike.total(), 2),
        "recall_by_kind": {kind: [seen[kind], count] for kind, count in there.items()},
        "false_alarms_by_kind": {kind: [wrong[kind], count] for kind, count in alike.items()},
        "missed": missed,
        "alarms": alarms,
        "ms_per_message": round(took, 3),
    }


def _text(result: dict[str, Any]) -> str:
    lines = [f"{result['strings']} strings, {result['ms_per_message']} ms each"]
    lines.append(f"recall {result['recall']} % (at least {RECALL} %)")
    lines += [f"  {kind:<16}{seen:>4} of {count}" for kind, (seen, count) in result["recall_by_kind"].items()]
    lines.append(f"false alarms {result['false_alarms']} % (at most {FALSE_ALARMS} %)")
    lines += [f"  {kind:<16}{bad:>4} of {count}" for kind, (bad, count) in result["false_alarms_by_kind"].items()]
    lines += [f"missed: {text}" for text in result["missed"]]
    return "\n".join(lines + [f"wrong:  {text}" for text in result["alarms"]])


def main() -> int:
    """Print the figures; exit code 1 when a threshold is missed."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench privacy", description="How personal data is found.")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    asked = parser.parse_args()
    result = measure()
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else _text(result))
    return 0 if result["recall"] >= RECALL and result["false_alarms"] <= FALSE_ALARMS else 1


if __name__ == "__main__":
    raise SystemExit(main())
