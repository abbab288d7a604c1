"""The folder of database, models, secrets and logs; one counter at a time works in it."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

from bot.setup.problems import Problem

NEEDED_MEGABYTES = 200  # a model, its temporary copy, logs and room for the database to grow


def prepare_home(home: Path) -> None:
    """Make the folder, for its owner only, and see that it can be written to."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("models", "log"):
            (home / name).mkdir(exist_ok=True)
    except OSError:
        raise Problem("not_writable", where=home) from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise Problem("not_writable", where=home)
    free = shutil.disk_usage(home).free // 1_000_000
    if free < NEEDED_MEGABYTES:
        raise Problem("no_disk", where=home, free=free, part="serving", need=NEEDED_MEGABYTES)


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
