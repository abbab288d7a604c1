"""Texts understood in one go are read as the counter's messages are."""

import json
import subprocess
import sys

from tests.engine.conftest import ROOT


def understood(model, *texts):
    """What the engine makes of texts by themselves."""
    asked = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    command = [sys.executable, "-m", "engine.understand", str(model)]
    done = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_slash_that_a_citizen_types_is_no_command(model):
    topic, typed = understood(model, "¿cuándo se paga el ibi?", "/ask_human")
    assert topic["intent"]["full_retrieval_intent_name"] == "faq/property_tax"
    assert typed["intent"] != {"name": "ask_human", "confidence": 1.0} and len(typed["ranking"]) > 1
