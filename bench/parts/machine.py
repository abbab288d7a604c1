"""The machine, and processes on it: started in a group of their own, measured, always stopped."""

import contextlib
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from bot.settings import ROOT

MEGA = 1_000_000
STOP_SECONDS = 20.0


class MeasurementFailed(Exception):
    """Something that was to be measured did not run; the sentence says what."""


class Service:
    """A server in a process group of its own, from start to stop; it never outlives the block."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._started = time.monotonic()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is ours to handle
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def ready_after(self, answers: Callable[[], bool], patience: float = 180.0) -> float:
        """Seconds from the process's start until `answers` is true. Raises MeasurementFailed when it never is."""
        while not answers():
            if self.process.poll() is not None:
                raise MeasurementFailed(f"{self.name} ended by itself; its output: {_tail(self.log)}")
            if time.monotonic() - self._started > patience:
                raise MeasurementFailed(f"{self.name} was not ready after {patience:.0f} s; see {self.log}")
            time.sleep(0.02)
        return time.monotonic() - self._started

    def family(self) -> list[psutil.Process]:
        """The process and everything that it has started."""
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def stop(self) -> None:
        """Ask it to end, then make it; nothing that it has started is left."""
        family = self.family() if self.process.poll() is None else []
        try:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        finally:
            self._signal(signal.SIGKILL)
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.kill()  # psutil knows a process by its start too: never another with the same number
            self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def memory(processes: Iterable[psutil.Process]) -> dict[str, float | None]:
    """Their memory in MB: resident, and proportional (a shared page counts once in all) where the system tells."""
    resident, proportional = 0, 0
    for process in processes:
        full = process.memory_full_info()
        resident += full.rss
        proportional += getattr(full, "pss", 0)
    return {"rss_mb": round(resident / MEGA, 1), "pss_mb": round(proportional / MEGA, 1) or None}


def folder_size(folder: Path) -> float:
    """Megabytes of the files as installed; what Python compiles while running is left out."""
    total = 0
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        total += sum(os.lstat(os.path.join(path, name)).st_size for name in files)
    return round(total / MEGA, 1)


def describe() -> dict[str, Any]:
    """The machine in words, and how busy it is."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": load(),
    }


def commit() -> str:
    """Which state of the program was measured."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def load() -> float:
    """Processes that wanted to run, on average over the last minute."""
    return round(os.getloadavg()[0], 2)


def check_tools(*wheels: str, otherwise: str = "") -> None:
    """Raise MeasurementFailed, in words, when wheels of the development tools are missing; `otherwise` does without."""
    missing = [wheel for wheel in wheels if find_spec(wheel.replace("-", "_")) is None]
    if missing:
        rest = f", or {otherwise}" if otherwise else ""
        names = ", ".join(missing)
        raise MeasurementFailed(
            f"This needs development tools that are missing ({names}): ./ventanilla test brings them{rest}."
        )


def say(line: str) -> None:
    """One line of progress, apart from the result."""
    print(line, file=sys.stderr, flush=True)


def _cpu() -> str:
    with contextlib.suppress(OSError):
        if found := re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()):
            return found[1].strip()
    return platform.processor() or platform.machine()


def _tail(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:])[:500] or "nothing"
