"""`python -m engine.understand MODEL`: understands texts in one go, without dialogue, actions or a server.

Standard input has one JSON object a line with a `text` and, of a third language, `heard`, and `alarmed` where a rule has heard danger; standard output gets one a line, in the same order:
`{"intent": {"name", "confidence"}, "ranking": [{"name", "confidence"}], "entities": […]}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import warnings
from typing import Any, Dict, TextIO

from engine import no_tensorflow

KEPT_OF_AN_ENTITY = ("entity", "value", "start", "end")


def shorten(parsed: Dict[str, Any]) -> Dict[str, Any]:
    """What of Rasa's parse data the counter needs."""
    entities = [{name: e[name] for name in KEPT_OF_AN_ENTITY if name in e} for e in parsed.get("entities") or []]
    return {
        "intent": parsed.get("intent") or {"name": None, "confidence": 0.0},
        "ranking": parsed.get("intent_ranking") or [],
        "entities": entities,
    }


def take_output() -> TextIO:
    """Standard output for our answers alone: what Rasa prints goes to standard error from here on."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


async def understand(model: str, answers: TextIO) -> None:
    """Loads the model once, then answers line by line."""
    from rasa.core.agent import Agent

    from engine import channel
    from engine.situation import Situation

    agent = Agent.load(model)
    assert agent.processor is not None, "a model was loaded"
    for line in sys.stdin:
        asked = json.loads(line)

        async def by_itself(text: str, heard: Any = asked.get("heard")) -> Dict[str, Any]:
            return await channel.understand(agent.processor, text, heard)

        situation = Situation(alarmed=bool(asked.get("alarmed")))
        reading = await channel.READER.read(await by_itself(asked["text"]), situation, by_itself, lambda _: None)
        print(json.dumps(shorten(reading.parsed[0]), ensure_ascii=False), file=answers, flush=True)


if __name__ == "__main__":
    os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1")
    warnings.filterwarnings("ignore")
    no_tensorflow.install()
    asyncio.run(understand(sys.argv[1], take_output()))
