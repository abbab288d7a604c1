"""The quick fuzz of the started product finds nothing, and crafted texts make nobody else wait."""

import json
import os
import subprocess
import sys

import pytest

from bot.settings import ROOT


@pytest.mark.whole
def test_broken_calls_are_refused_as_described_and_nothing_is_stored_twice() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.fuzz", "--quick", "--json", "--seed", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    result = json.loads(done.stdout)
    assert (result["server_errors"], result["unexpected"], result["stored_twice"], result["lost"]) == (0, 0, 0, 0)
    assert result["cases"] > 300
    crafted = result["crafted"]
    assert not result["slower"], crafted
    assert crafted["cases"] >= 100
    assert {"202", "404", "401", "413", "422"} <= set(crafted["statuses"]), crafted
    assert result["api"]["accepted"] > 0
    assert result["webhook"]["texts_sent"] > 0
    said = result["api"]["statuses"]
    for path in ("POST /", "GET /{conversation_id}/messages", "GET /{conversation_id}/events"):
        assert any(name.startswith(f"{path} 2") for name in said), said
