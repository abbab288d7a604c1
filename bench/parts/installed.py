"""What an installation costs: room on the disk, training, and the time until it serves."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from bench.parts.figures import median
from bench.parts.machine import MeasurementFailed, folder_size, say
from bench.parts.product import Engine, Product
from bench.parts.stock import Stock
from bot.settings import ROOT, Settings
from bot.setup.environments import Environment, read_stamp, venv_of
from bot.setup.uv import get_uv
from bot.training.model import ensure_model


def size_of(env: Environment, scratch: Path) -> float:
    """Megabytes of an environment without development tools; made anew beside when the one at hand has them."""
    if "dev" not in read_stamp(ROOT, env).split():
        return folder_size(venv_of(ROOT, env))
    folder = scratch / env.name
    command = [*get_uv(ROOT), "sync", "--quiet", "--frozen", "--no-dev", "--project", env.folder]
    command += ["--python", str(venv_of(ROOT, env) / "bin" / "python")]
    done = subprocess.run(command, cwd=ROOT, env=_environ(folder), capture_output=True, text=True)
    if done.returncode:
        raise MeasurementFailed(f"{env.part} could not be made to be weighed: {done.stderr.strip()[-300:]}")
    return folder_size(folder)


def _environ(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return kept | {"UV_PROJECT_ENVIRONMENT": str(folder)}


def train_ours(home: Path) -> float:
    """Seconds of a training from nothing, in a home that is thrown away."""
    started = time.monotonic()
    ensure_model(home, Settings().knowledge)
    return round(time.monotonic() - started, 1)


def start_ups(home: Path, model: Path, stock: Path | None, rounds: int) -> dict[str, float]:
    """Median seconds from a process's start to ready, one at a time and in turn; the first round does not count."""
    ways: dict[str, Callable[[], Product | Engine | Stock]] = {
        "product": lambda: Product(home),
        "engine": lambda: Engine(home, model),
    }
    if stock is not None:
        ways["stock"] = lambda: Stock(stock, home / "stock.log")
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        say(f"Starting and stopping: {'once before' if number == 0 else f'{number} of {rounds}'}")
        for name, start in ways.items():
            with start() as server:
                seconds[name].append(server.ready())
    return {name: median(times[1:]) for name, times in seconds.items()}
