"""The quick measurement of many citizens runs on the real product; how fast it was is not judged here."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bench.load import targets
from bench.parts.crowd import Phase, together
from bench.parts.fresh import fresh_questions
from bot.settings import ROOT


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "--quick", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.whole
def test_every_message_of_the_quick_run_is_answered_as_expected(result: dict[str, Any]) -> None:
    for senders, sides in result["side_by_side"].items():
        for phase in sides.values():
            assert phase["messages"] == 5 * int(senders)
            assert phase["errors"] == 0
            assert 0 < phase["p50_ms"] <= phase["p95_ms"] <= phase["p99_ms"]
            assert set(phase["processor_ms_per_message"]) == {"counter", "engine", "senders"}


@pytest.mark.whole
def test_messages_that_never_repeat_are_answered_too(result: dict[str, Any]) -> None:
    assert result["never_repeated"]["ours"]["messages"] == 5 * result["never_repeated"]["senders"]


@pytest.mark.whole
def test_the_quick_run_holds_streams_open_and_a_message_still_arrives(result: dict[str, Any]) -> None:
    assert result["streams"]["streams"] == 40
    assert result["streams"]["message_ms"]["count"] > 0
    assert result["targets"] == []


def test_a_full_run_is_held_against_stock_rasa_at_sixteen_senders() -> None:
    sides = {"ours": {"per_second": 190.0, "p95_ms": 90.0}, "stock": {"per_second": 60.0, "p95_ms": 300.0}}
    memory = {"ours": {"all": {"rss_mb": 400.0}}, "stock": {"all": {"rss_mb": 1000.0}}}
    result = {"quick": False, "side_by_side": {"16": sides}, "never_repeated": sides, "memory": memory}
    found = [target.as_json() for target in targets(result)]
    assert [target["value"] for target in found] == [3.167, 3.167, 0.3, 0.4]
    assert all(target["met"] for target in found)
    sides["ours"] |= {"per_second": 170.0, "p95_ms": 310.0}
    memory["ours"]["all"]["rss_mb"] = 500.0
    found = [target.as_json() for target in targets(result)]
    assert [target["met"] for target in found] == [True, False, False, False]


def test_new_questions_never_repeat() -> None:
    asked = list(fresh_questions())
    assert len(set(asked)) == len(asked) >= 3_000


def test_rounds_are_one_measurement_together() -> None:
    rounds = [Phase([1.0, 3.0], 1.0, {"counter": 0.1}, 0), Phase([5.0, 7.0], 3.0, {"counter": 0.3}, 1)]
    assert together(rounds).as_json() == {
        "messages": 4,
        "errors": 1,
        "per_second": 1.0,
        "p50_ms": 4.0,
        "p95_ms": 6.7,
        "p99_ms": 6.9,
        "processor_ms_per_message": {"counter": 100.0},
    }
