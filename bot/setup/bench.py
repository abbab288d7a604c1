"""Measurements: each file of bench/ is one, run as a program of its own."""

import os
import subprocess
import sys

from bot.settings import ROOT
from bot.setup.problems import Problem


def do_bench(name: str, arguments: list[str]) -> int:
    """Run one measurement; its exit code."""
    names = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if not path.stem.startswith("_"))
    if name not in names:
        raise Problem("unknown_bench", name=name, names=", ".join(names) or "none yet")
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode
