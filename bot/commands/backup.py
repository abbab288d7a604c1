"""Backups of what cannot be made again: the database, the secrets, and which knowledge they belong to."""

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot.commands import dump
from bot.settings import Settings
from bot.setup.home import hold_home, prepare_home
from bot.setup.problems import Problem
from bot.store.migrate import revisions, upgrade

FORMAT = 1  # a SQLite file
FORMAT_TABLES = 2  # a file per table, from PostgreSQL
DATABASE = "ventanilla.db"
TABLES = "tables"


def do_backup(settings: Settings, target: Path) -> Path:
    """Write a backup while everything goes on serving; the file is complete or not there."""
    if target.exists():
        raise Problem("file_exists", file=target)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        manifest, files = _take_tables(settings, folder) if is_postgresql(settings) else _take_file(settings, folder)
        packed = folder / "backup.tar.gz"
        descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            _add_text(tar, "manifest.json", json.dumps(manifest, indent=2))
            for file in files:
                tar.add(file, file.relative_to(folder).as_posix())
            for secret in secret_files(settings.home):
                tar.add(secret, f"secrets/{secret.relative_to(settings.home).as_posix()}")
        os.replace(packed, target)
    return target


def do_restore(settings: Settings, source: Path) -> dict[str, object]:
    """Put a backup in place of what is there, which is kept aside, and bring it up to today's tables.

    Refuses while serving. The backup's manifest.
    """
    prepare_home(settings.home)
    moment = dt.datetime.now()
    with hold_home(settings.home), tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.home) as name:
        folder = Path(name)
        manifest = _unpack(source, folder, FORMAT_TABLES if is_postgresql(settings) else FORMAT)
        if is_postgresql(settings):
            _check_tables(folder / TABLES, manifest, source)
            dump.restore(settings, folder / TABLES, manifest, moment)
        else:
            _check_database(folder / DATABASE, source)
            _put_file(folder / DATABASE, database_file(settings), moment)
            upgrade(settings)
        _restore_secrets(folder / "secrets", settings.home, moment)
    return manifest


def is_postgresql(settings: Settings) -> bool:
    """Whether the data is in PostgreSQL; in a SQLite file otherwise."""
    return make_url(settings.database).get_backend_name() == "postgresql"


def _take_file(settings: Settings, folder: Path) -> tuple[dict[str, object], list[Path]]:
    database, copy = database_file(settings), folder / DATABASE
    if not database.is_file():
        raise Problem("database_failed", reason=f"{database} is not there yet")
    _copy_database(database, copy)
    return _manifest(settings, FORMAT), [copy]


def _take_tables(settings: Settings, folder: Path) -> tuple[dict[str, object], list[Path]]:
    (folder / TABLES).mkdir()
    dumped = dump.dump(settings, folder / TABLES)
    files = sorted((folder / TABLES).iterdir())
    return _manifest(settings, FORMAT_TABLES) | dumped | {"sha256": {file.name: _sum(file) for file in files}}, files


def _put_file(copy: Path, database: Path, moment: dt.datetime) -> None:
    for old in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
        if old.exists():
            os.replace(old, old.with_name(f"{old.name}.before-{moment:%Y%m%d-%H%M%S}"))
    copy.chmod(0o600)
    shutil.move(copy, database)


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def database_file(settings: Settings) -> Path:
    """The file of the SQLite database."""
    return Path(make_url(settings.database).database or "")


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
    changed = bool(_git(knowledge, "status", "--porcelain", "--", "."))
    return {"commit": commit or None, "uncommitted_changes": changed}


def _manifest(settings: Settings, form: int) -> dict[str, object]:
    return {
        "format": form,
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
        known = opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        revision = opened.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    except sqlite3.Error as error:
        result, revision = str(error), None
    finally:
        opened.close()
    if result != "ok":
        raise Problem("not_a_backup", file=source, reason=f"its database is damaged ({result})")
    if revision:
        _check_revision(revision[0], source)


def _check_tables(folder: Path, manifest: dict[str, Any], source: Path) -> None:
    sums = manifest["sha256"]
    if {f"{table}{dump.SUFFIX}" for table in manifest["tables"]} != set(sums):
        raise Problem("not_a_backup", file=source, reason="its list of tables is damaged")
    for name, expected in sums.items():
        if not (folder / name).is_file() or _sum(folder / name) != expected:
            raise Problem("not_a_backup", file=source, reason=f"{name} is damaged")
    _check_revision(str(manifest["revision"]), source)


def _check_revision(revision: str, source: Path) -> None:
    if revision not in revisions():
        raise Problem("not_a_backup", file=source, reason="a newer version of Ventanilla wrote it")


def _unpack(source: Path, folder: Path, form: int) -> dict[str, Any]:
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as error:
        raise Problem("not_a_backup", file=source, reason=error) from None
    if manifest.get("format") in (FORMAT, FORMAT_TABLES) and manifest["format"] != form:
        raise Problem("other_database", file=source)
    needed = {FORMAT: DATABASE, FORMAT_TABLES: TABLES}[form]
    if manifest.get("format") != form or not (folder / needed).exists():
        raise Problem("not_a_backup", file=source, reason="its format is not known")
    return manifest


def _restore_secrets(folder: Path, home: Path, moment: dt.datetime) -> None:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            target = home / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if target.exists() and target.read_bytes() != path.read_bytes():  # it opens the database put aside
                os.replace(target, target.with_name(f"{target.name}.before-{moment:%Y%m%d-%H%M%S}"))
            shutil.move(path, target)
            target.chmod(0o600)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text.encode()), 0o600
    member.mtime = int(dt.datetime.now().timestamp())
    tar.addfile(member, io.BytesIO(text.encode()))
