"""The quick run kills and refuses parts of the real product, and nothing is lost."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bench.parts.trouble import QUICK
from bot.settings import ROOT


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.faults", "--quick", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-3_000:]
    return json.loads(done.stdout)


@pytest.mark.whole
def test_nothing_is_lost_doubled_or_out_of_order(result: dict[str, Any]) -> None:
    [run] = result["runs"]
    verdict = run["verdict"]
    assert verdict["answered"] == verdict["sent"] > run["conversations"]
    assert verdict["lost"] == verdict["doubled"] == verdict["out_of_order"] == 0
    assert verdict["wrong_answers"] == verdict["counts_adrift"] == 0
    assert result["clean"] is True


@pytest.mark.whole
def test_each_fault_has_happened_and_is_named(result: dict[str, Any]) -> None:
    [run] = result["runs"]
    assert [phase["fault"] for phase in run["phases"]] == ["no fault", *(trouble.__name__ for trouble in QUICK)]
    phases = {phase["fault"]: phase for phase in run["phases"]}
    assert phases["engine_dies"]["killed"] == 1
    assert "503" in phases["disk_is_full"]["refused"]
    assert phases["telegram_repeats"]["repeated"] > 20
