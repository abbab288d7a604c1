"""The two environments, made from their locks and only when a lock has changed.

Standard library only, Python 3.8 and later: the launcher needs it before any environment exists.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.setup.problems import Problem
from bot.setup.uv import get_uv

STAMP = "ventanilla-stamp"


class Environment(NamedTuple):
    """One Python environment of the project."""

    name: str
    part: str  # how sentences call it
    folder: str  # below the root; holds pyproject.toml, uv.lock and .venv
    python: str
    megabytes: int  # room it takes, fetched packages included


COUNTER = Environment("counter", "the counter's environment", ".", "3.11", 700)
ENGINE = Environment("engine", "the engine's environment", "engine", "3.11", 900)


def venv_of(root: Path, env: Environment) -> Path:
    """Where the environment lies."""
    return root / env.folder / ".venv"


def python_of(root: Path, env: Environment) -> Path:
    """The environment's Python."""
    return venv_of(root, env) / "bin" / "python"


def wanted_stamp(root: Path, env: Environment) -> str:
    """What the stamp of a fitting environment starts with."""
    digest = hashlib.sha256(env.python.encode())
    for name in ("uv.lock", "pyproject.toml"):
        path = root / env.folder / name
        if not path.is_file():
            raise Problem("no_lock", lock=path.relative_to(root))
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stamp(root: Path, env: Environment) -> str:
    """What the environment was made from: "" when that is unknown."""
    try:
        return (venv_of(root, env) / STAMP).read_text().strip()
    except OSError:
        return ""


def fits(root: Path, env: Environment, dev: bool = False) -> bool:
    """Whether the environment is there, whole and made from today's lock."""
    stamp = read_stamp(root, env).split()
    if not stamp or stamp[0] != wanted_stamp(root, env) or _marker(root, env).exists():
        return False
    return (not dev or "dev" in stamp) and python_of(root, env).exists()


def make(root: Path, env: Environment, dev: bool = False) -> None:
    """Bring the environment in line with its lock; says one line when there is something to do."""
    if fits(root, env, dev):
        return
    with _only_one(root):
        if not fits(root, env, dev):
            _make(root, env, dev or (venv_of(root, env) / "bin" / "pytest").exists())


def _make(root: Path, env: Environment, dev: bool) -> None:
    venv, marker = venv_of(root, env), _marker(root, env)
    wanted = wanted_stamp(root, env)
    if marker.exists() or not _runs(python_of(root, env)):
        shutil.rmtree(venv, ignore_errors=True)
    fresh = not venv.exists()
    if fresh:
        _check_room(root, env)
    uv = get_uv(root)
    say(f"Making {env.part} (Python {env.python}) …", end="")
    started = time.monotonic()
    marker.write_text(str(os.getpid()))
    try:
        _sync(uv, root, env, dev)
    except BaseException:
        say(" failed")
        if fresh:
            shutil.rmtree(venv, ignore_errors=True)
        marker.unlink()
        raise
    (venv / STAMP).write_text(wanted + (" dev" if dev else "") + "\n")
    marker.unlink()
    say(f" {time.monotonic() - started:.0f} s")


def _sync(uv: list[str], root: Path, env: Environment, dev: bool) -> None:
    """Run uv; turn its failure into one sentence."""
    with contextlib.suppress(OSError):
        (venv_of(root, env) / STAMP).unlink()
    command = [*uv, "sync", "--frozen", "--project", env.folder, "--python", _python_for(env)]
    command += ["--group", "dev"] if dev else ["--no-dev"]
    log = root / "var" / "tools" / f"{env.name}.log"
    with log.open("w+", errors="replace") as output:
        process = subprocess.Popen(command, cwd=root, env=_clean_environ(), stdout=output, stderr=output)
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        output.seek(0)
        text = output.read()
    if code:
        raise _explain(text, root, env, log)


def _python_for(env: Environment) -> str:
    """The version, or a Python of pyenv that the PATH does not lead to."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(pyenv.glob(f"versions/{env.python}.*/bin/python{env.python}"))
    return str(found[-1]) if found else env.python


def _explain(text: str, root: Path, env: Environment, log: Path) -> Problem:
    """The problem that uv's output stands for."""
    low = text.lower()
    if "no space left" in low or "os error 28" in low or "disk quota" in low:
        return Problem("disk_full", part=env.part, need=env.megabytes, where=root)
    no_python = ("no interpreter found", "no download found", "failed to download python", "python-build-standalone")
    if any(sign in low for sign in no_python):
        return Problem("no_python", part=env.part, version=env.python)
    no_network = ("error sending request", "failed to fetch", "dns error", "failed to download", "network", "timed out")
    if any(sign in low for sign in no_network):
        return Problem("no_network", part=env.part)
    if "permission denied" in low:
        return Problem("not_writable", where=venv_of(root, env))
    lines = [line.strip(" ×╰─▶├│") for line in text.strip().splitlines() if line.strip()]
    reason = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "no reason given")
    return Problem("environment_failed", part=env.part, reason=reason.rstrip("."), log=log)


def _check_room(root: Path, env: Environment) -> None:
    free = shutil.disk_usage(root).free // 1_000_000
    if free < env.megabytes:
        raise Problem("no_disk", where=root, free=free, need=env.megabytes, part=env.part)


def _runs(python: Path) -> bool:
    """Whether the Python of an environment answers (its own Python may have been removed)."""
    try:
        return subprocess.run([str(python), "-c", ""], stderr=subprocess.DEVNULL, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _marker(root: Path, env: Environment) -> Path:
    """A file that is there while the environment is being made: left behind by a run that was killed."""
    return root / "var" / "tools" / f"{env.name}.making"


@contextlib.contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Two commands started at once make the environments one after the other."""
    folder = root / "var" / "tools"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "setup.lock").open("w")
    except OSError:
        raise Problem("not_writable", where=folder) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clean_environ() -> dict[str, str]:
    """Our surroundings without what would send uv to another environment."""
    unwanted = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def say(line: str, end: str = "\n") -> None:
    """One line of progress, apart from what a command answers."""
    print(line, end=end, file=sys.stderr, flush=True)
