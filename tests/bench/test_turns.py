"""The quick measurement runs on the real product and says what it should; how fast it was is not judged here."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bench.turns import targets
from bot.settings import ROOT

SPREAD = {"count", "p50", "p95", "min", "max"}


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.turns", "--quick", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.whole
def test_the_quick_run_times_turns_through_the_product_and_without_it(result: dict[str, Any]) -> None:
    turn = result["turn"]
    assert turn["answered_with_a_topic"] == turn["turns"] == 20
    for name in ("stored_ms", "seen_ms", "engine_ms"):
        assert set(turn[name]) == SPREAD
        assert turn[name]["count"] == 20
        assert 0 < turn[name]["min"] <= turn[name]["p50"] <= turn[name]["p95"] <= turn[name]["max"]
    assert turn["added_until_stored_ms"]["p50"] > 0
    assert turn["added_until_seen_ms"]["p50"] > 0
    assert turn["added_by_own_clock_ms"]["p50"] > 0


@pytest.mark.whole
def test_the_quick_run_weighs_counter_and_engine_apart(result: dict[str, Any]) -> None:
    memory = result["memory"]
    assert memory["counter"]["rss_mb"] > 0 and memory["engine"]["rss_mb"] > 0
    assert memory["ours"]["rss_mb"] == pytest.approx(memory["counter"]["rss_mb"] + memory["engine"]["rss_mb"], abs=2)


@pytest.mark.whole
def test_the_quick_run_compares_early_with_later_turns(result: dict[str, Any]) -> None:
    growth = result["growth"]
    assert growth["early"]["turn"] < growth["late"]["turn"]
    assert growth["early"]["seen_ms"]["count"] == growth["late"]["seen_ms"]["count"] > 0
    assert growth["ratio"] > 0


@pytest.mark.whole
def test_the_quick_run_names_machine_commit_and_target(result: dict[str, Any]) -> None:
    assert result["quick"] is True
    assert result["commit"] and result["measured_at"]
    assert result["machine"]["cores"] > 0 and result["machine"]["cpu"]
    [target] = result["targets"]
    assert set(target) == {"name", "value", "target", "unit", "at_least", "met"}
    assert target["met"] == (target["value"] <= target["target"])


def test_a_full_run_is_held_against_three_targets() -> None:
    full = {
        "quick": False,
        "turn": {"added_until_stored_ms": {"p50": 12.0}},
        "memory": {"ratio_rss": 0.5},
        "growth": {"ratio": 1.1},
    }
    assert [(target.name, target.as_json()["met"]) for target in targets(full)] == [
        ("counter_adds_until_stored_p50", True),
        ("memory_of_stock", False),
        ("turn_1000_of_turn_10_p50", True),
    ]
