"""Measurements: each file of bench/ is one, run as a program of its own."""

import os
import sys
from typing import NoReturn

from bot.settings import ROOT
from bot.setup.problems import Problem


def do_bench(name: str, arguments: list[str]) -> NoReturn:
    """Become one measurement, so that signals reach it: it ends what it has started."""
    names = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if not path.stem.startswith("_"))
    if name not in names:
        raise Problem("unknown_bench", name=name, names=", ".join(names) or "none yet")
    os.chdir(ROOT)
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S606 - a path of our own
