"""Processes that are measured are started, waited for and always stopped."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from bench.parts.machine import MeasurementFailed, Service, folder_size, memory

SLEEPS_WITH_A_CHILD = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
open("ready", "w").close()
time.sleep(60)
"""


def service(folder: Path, program: str) -> Service:
    return Service("It", [sys.executable, "-c", program], folder, dict(os.environ), folder / "log")


def test_nothing_is_left_of_a_service_when_the_block_fails(tmp_path: Path) -> None:
    family: list[psutil.Process] = []
    with pytest.raises(KeyboardInterrupt), service(tmp_path, SLEEPS_WITH_A_CHILD) as running:
        assert running.ready_after((tmp_path / "ready").exists, 30) > 0
        family = running.family()
        assert len(family) == 2
        assert memory(family)["rss_mb"]
        raise KeyboardInterrupt
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_a_service_that_ends_by_itself_is_a_failed_measurement(tmp_path: Path) -> None:
    with service(tmp_path, "raise SystemExit('no port')") as ended, pytest.raises(MeasurementFailed, match="no port"):
        ended.ready_after(lambda: False, 30)


def test_what_python_compiled_while_running_does_not_weigh(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"0" * 5_000_000)
    (tmp_path / "a.py").write_bytes(b"0" * 1_000_000)
    assert folder_size(tmp_path) == 1.0
