"""The folder of database, models, secrets and logs; one counter at a time works in it."""

import contextlib
import fcntl
import os
import shutil
import stat
from pathlib import Path
from typing import IO

from bot.setup.problems import Problem

NEEDED_MEGABYTES = 200  # a model, its temporary copy, logs and room for the database to grow


def prepare_home(home: Path) -> None:
    """Make the folder, or tighten the one that is there, for its owner only; see that it can be written to.

    Raises Problem when it cannot be, or the disk is full. What could not be tightened is told by `loose`.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("models", "log"):
            (home / name).mkdir(exist_ok=True, mode=0o700)
    except OSError:
        raise Problem("not_writable", where=home) from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise Problem("not_writable", where=home)
    for path in _kept(home):
        if _is_ours(path):
            with contextlib.suppress(OSError):
                path.chmod(path.stat().st_mode & 0o700)
    free = shutil.disk_usage(home).free // 1_000_000
    if free < NEEDED_MEGABYTES:
        raise Problem("no_disk", where=home, free=free, part="serving", need=NEEDED_MEGABYTES)


def loose(home: Path) -> list[Path]:
    """What of the home other users of the machine can get at; nothing while they cannot enter it."""
    if not home.exists() or not _is_open(home):
        return []
    return [path for path in _kept(home) if _is_open(path)]


def _kept(home: Path) -> list[Path]:
    """The home, what lies in it and its secrets. Not what a link leads to."""
    if _is_shared(home):
        return [home]
    found = [home, *home.iterdir(), *(home / "secrets").glob("*")]
    return [path for path in found if not path.is_symlink()]


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def _is_ours(path: Path) -> bool:
    """Whether its rights are ours to change: of this user, and no folder that all share, like /tmp."""
    return path.stat().st_uid == os.geteuid() and not _is_shared(path)


def _is_shared(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_ISVTX)


def keep_private(database: Path) -> None:
    """Make the database for its owner alone; what SQLite puts beside it takes after it."""
    try:
        os.close(os.open(database, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError:
        raise Problem("not_writable", where=database) from None


def hold_home(home: Path) -> IO[str]:
    """Keep the folder until the file is closed (or we die); a Problem when another holds it."""
    held = (home / "serving.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.seek(0)
        pid = held.read().strip() or "unknown"
        held.close()
        raise Problem("serving", where=home, pid=pid) from None
    held.truncate(0)
    held.write(f"{os.getpid()}\n")
    held.flush()
    return held
