"""`python parse.py MODEL`, in the environment of a pipeline: texts in, its labels and the time that each took out.

Standard input has JSON lines with a `text`. The last line of standard output is about the process: its memory in MB.
It runs with Rasa's own Python (3.10), so it imports nothing of the counter.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import warnings
from pathlib import Path

WARM_UP = 20


def memory() -> float:
    """Resident MB of this process, as Linux counts them."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1_000, 1)


async def main(model: str) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Rasa prints is no answer
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    texts = [json.loads(line)["text"] for line in sys.stdin]
    for text in texts[-WARM_UP:]:
        await agent.parse_message(text[::-1])
    for text in texts:
        began = time.perf_counter()
        parsed = await agent.parse_message(text)
        took = (time.perf_counter() - began) * 1_000
        ranking = parsed.get("intent_ranking") or []
        line = {
            "labels": [entry["name"] for entry in ranking[:5]],
            "confidences": [round(entry["confidence"], 4) for entry in ranking[:5]],
            "ms": round(took, 3),
            "deep": bool(parsed.get("deep", False)),
        }
        print(json.dumps(line), file=answers)
    print(json.dumps({"rss_mb": memory()}), file=answers, flush=True)


if __name__ == "__main__":
    os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1")
    warnings.filterwarnings("ignore")
    try:
        from engine import no_tensorflow
    except ImportError:
        pass
    else:
        no_tensorflow.install()
    asyncio.run(main(sys.argv[1]))
