"""Finds uv, the tool that makes the environments, or installs a private one.

Standard library only, Python 3.8 and later: the launcher needs it before any environment exists.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bot.setup.problems import Problem

OLDEST = (0, 5, 0)  # the first that reads today's lock files


def find_uv(root: Path) -> list[str] | None:
    """The command of a uv that is recent enough, or None."""
    for command in _candidates(root):
        version = _version(command, root)
        if version is not None and version >= OLDEST:
            return command
    return None


def get_uv(root: Path) -> list[str]:
    """The command of a usable uv; installs one under var/tools when there is none."""
    found = find_uv(root)
    if found is not None:
        return found
    print("uv is missing: installing it under var/tools …", file=sys.stderr, flush=True)
    reason = _install(root)
    found = find_uv(root)
    if found is not None:
        return found
    if "No module named pip" in reason:
        raise Problem("no_pip", python=sys.executable)
    raise Problem("no_uv", reason=reason)


def _candidates(root: Path) -> list[list[str]]:
    tools = root / "var" / "tools"
    places = [
        shutil.which("uv") or "",
        str(Path.home() / ".local" / "bin" / "uv"),
        str(tools / "uv" / "bin" / "uv"),
        str(tools / "uv-target" / "bin" / "uv"),
    ]
    commands = [[place] for place in places if place and os.access(place, os.X_OK)]
    return [*commands, [sys.executable, "-m", "uv"]]


def _version(command: list[str], root: Path) -> tuple[int, ...] | None:
    try:
        done = subprocess.run(
            [*command, "--version"], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(rb"uv (\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in match.groups()) if match and done.returncode == 0 else None


def _install(root: Path) -> str:
    """Try a private environment, then a private folder; answer with the last reason it failed for."""
    tools = root / "var" / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    reason = _try([sys.executable, "-m", "venv", str(tools / "uv")])
    if not reason:
        reason = _try([str(tools / "uv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"])
    if not reason:
        return ""
    shutil.rmtree(tools / "uv", ignore_errors=True)
    target = tools / "uv-target"
    reason = _try([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "uv"])
    if reason:
        shutil.rmtree(target, ignore_errors=True)
    return reason


def _try(command: list[str]) -> str:
    """Run it; empty when it worked, else its last line."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else "no reason given")
