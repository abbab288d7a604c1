"""What `./ventanilla` does before the command itself runs: the environments that it needs.

Standard library only, Python 3.8 and later.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NoReturn

from bot.setup.environments import COUNTER, ENGINE, Environment, make, python_of, say
from bot.setup.problems import Problem

ENGINE_COMMANDS = ("start", "train", "test", "understand", "evaluate", "bench", "rasa")
INTERRUPTED = 130
STARTED = time.time()


def launch(root: str, arguments: list[str]) -> int:
    """Make what the command needs and become it; an exit code when that failed."""
    signal.signal(signal.SIGTERM, _stopped)
    try:
        return _launch(Path(root), arguments)
    except Problem as problem:
        say(str(problem))
        return problem.exit_code
    except KeyboardInterrupt:
        say("\nStopped.")
        return INTERRUPTED


def _launch(root: Path, arguments: list[str]) -> NoReturn:
    command = next((word for word in arguments if not word.startswith("-")), "")
    helps = any(word in ("--help", "-h") for word in arguments) and command != "rasa"
    if command == "rasa":
        make(root, ENGINE)
        become(root, ENGINE, ["-m", "engine", *arguments[arguments.index("rasa") + 1 :]])
    make(root, COUNTER, dev=command == "test" and not helps)
    if command in ENGINE_COMMANDS and not helps:
        make(root, ENGINE, dev=command == "test")
    become(root, COUNTER, ["-m", "bot.cli", *arguments])


def become(root: Path, env: Environment, arguments: list[str]) -> NoReturn:
    """Replace this process by the environment's Python, so that signals reach the command itself."""
    python = str(python_of(root, env))
    os.execve(python, [python, *arguments], _surroundings(root))  # noqa: S606 - a path of our own


def _surroundings(root: Path) -> dict[str, str]:
    surroundings = dict(os.environ)
    for name in ("PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):
        surroundings.pop(name, None)
    surroundings["PYTHONPATH"] = str(root)
    surroundings["VENTANILLA_STARTED"] = str(STARTED)
    surroundings["RASA_TELEMETRY_ENABLED"] = "false"
    return surroundings


def _stopped(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
