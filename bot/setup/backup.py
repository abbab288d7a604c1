"""Backups of what cannot be made again: the database, the secrets, and which knowledge they belong to."""

import datetime as dt
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from bot.settings import Settings
from bot.setup.home import hold_home, prepare_home
from bot.setup.problems import Problem

FORMAT = 1
DATABASE = "ventanilla.db"


def do_backup(settings: Settings, target: Path) -> Path:
    """Write a backup while everything goes on serving; the file is complete or not there."""
    database = database_file(settings)
    if target.exists():
        raise Problem("file_exists", file=target)
    if not database.is_file():
        raise Problem("database_failed", reason=f"{database} is not there yet")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copy, packed = Path(folder) / DATABASE, Path(folder) / "backup.tar.gz"
        _copy_database(database, copy)
        descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            _add_text(tar, "manifest.json", json.dumps(_manifest(settings), indent=2))
            tar.add(copy, DATABASE)
            for secret in secret_files(settings.home):
                tar.add(secret, f"secrets/{secret.relative_to(settings.home).as_posix()}")
        os.replace(packed, target)
    return target


def do_restore(settings: Settings, source: Path) -> dict[str, object]:
    """Put a backup in place of what is there, which is kept aside. Refuses while serving. The backup's manifest."""
    database = database_file(settings)
    prepare_home(settings.home)
    with hold_home(settings.home), tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.home) as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        _check_database(folder / DATABASE, source)
        moment = dt.datetime.now().strftime("%Y%m%d-%H%M%S")
        for old in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
            if old.exists():
                os.replace(old, old.with_name(f"{old.name}.before-{moment}"))
        (folder / DATABASE).chmod(0o600)
        shutil.move(folder / DATABASE, database)
        _restore_secrets(folder / "secrets", settings.home)
    return manifest


def database_file(settings: Settings) -> Path:
    """The file of the SQLite database; a Problem when the data is in PostgreSQL."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Problem("not_sqlite")
    return Path(url.database)


def secret_files(home: Path) -> list[Path]:
    """Keys and the like: without them, what is encrypted in the database cannot be read."""
    return [
        path
        for path in sorted([*home.glob("*secret*"), *home.glob("secrets/*"), *home.glob("*.key")])
        if path.is_file()
    ]


def knowledge_version(knowledge: Path) -> dict[str, object]:
    """The commit that the training data stands at, and whether there is more than the commit."""
    commit = _git(knowledge, "rev-parse", "HEAD")
    changed = bool(_git(knowledge, "status", "--porcelain", "--", "data", "config.yml", "domain.yml"))
    return {"commit": commit or None, "uncommitted_changes": changed}


def _manifest(settings: Settings) -> dict[str, object]:
    return {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "knowledge": knowledge_version(settings.knowledge),
    }


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _copy_database(database: Path, copy: Path) -> None:
    """SQLite's own online backup: a consistent copy while others write."""
    source, target = sqlite3.connect(database, timeout=30), sqlite3.connect(copy)
    try:
        source.backup(target, pages=1000)
    except sqlite3.Error as error:
        raise Problem("database_failed", reason=error) from None
    finally:
        source.close()
        target.close()


def _check_database(database: Path, source: Path) -> None:
    opened = sqlite3.connect(database)
    try:
        result = opened.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        result = str(error)
    finally:
        opened.close()
    if result != "ok":
        raise Problem("not_a_backup", file=source, reason=f"its database is damaged ({result})")


def _unpack(source: Path, folder: Path) -> dict[str, object]:
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise Problem("not_a_backup", file=source, reason=error) from None
    if manifest.get("format") != FORMAT or not (folder / DATABASE).is_file():
        raise Problem("not_a_backup", file=source, reason="its format is not known")
    return manifest


def _restore_secrets(folder: Path, home: Path) -> None:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            target = home / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.move(path, target)
            target.chmod(0o600)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text.encode()), 0o600
    member.mtime = int(dt.datetime.now().timestamp())
    tar.addfile(member, io.BytesIO(text.encode()))
