"""A backup can be put back; what is not one is refused; nothing is touched while serving."""

import sqlite3
import tarfile
from pathlib import Path

import pytest

from bot.commands.backup import do_backup, do_restore
from bot.settings import Settings
from bot.setup.home import hold_home
from bot.setup.problems import Problem
from bot.store import migrate


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    write(home / "ventanilla.db", "first")
    (home / "secret.key").write_text("key")
    return Settings(home=home, database_url="")


def write(database: Path, text: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS note (text)")
        connection.execute("DELETE FROM note")
        connection.execute("INSERT INTO note VALUES (?)", (text,))
    connection.close()


def read(database: Path) -> str:
    connection = sqlite3.connect(database)
    try:
        return str(connection.execute("SELECT text FROM note").fetchone()[0])
    finally:
        connection.close()


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept(settings: Settings, tmp_path: Path) -> None:
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    write(settings.home / "ventanilla.db", "second")
    (settings.home / "secret.key").unlink()
    manifest = do_restore(settings, file)
    assert read(settings.home / "ventanilla.db") == "first"
    assert (settings.home / "secret.key").read_text() == "key"
    [kept] = settings.home.glob("ventanilla.db.before-*")
    assert read(kept) == "second"
    assert manifest["format"] == 1 and isinstance(manifest["knowledge"], dict)


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(settings: Settings, tmp_path: Path) -> None:
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    assert file.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "home"]


def test_a_backup_is_whole_while_somebody_writes(settings: Settings, tmp_path: Path) -> None:
    writer = sqlite3.connect(settings.home / "ventanilla.db")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE note SET text = 'not committed'")
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    writer.rollback()
    writer.close()
    do_restore(settings, file)
    assert read(settings.home / "ventanilla.db") == "first"


def test_a_backup_never_overwrites(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "backup.tar.gz").write_text("mine")
    with pytest.raises(Problem, match="is there already"):
        do_backup(settings, tmp_path / "backup.tar.gz")


def test_nothing_is_restored_while_serving(settings: Settings, tmp_path: Path) -> None:
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    with hold_home(settings.home), pytest.raises(Problem, match="is being served"):
        do_restore(settings, file)


def test_what_is_no_backup_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        tar.add(tmp_path / "x.txt", "manifest.json")
    for name in ("x.txt", "x.tar", "missing.tar"):
        with pytest.raises(Problem, match="is not a backup"):
            do_restore(settings, tmp_path / name)
    assert read(settings.home / "ventanilla.db") == "first"


def test_an_older_releases_backup_is_brought_up_to_todays_tables(tmp_path: Path) -> None:
    older = Settings(home=tmp_path / "older", database_url="")
    migrate.upgrade(older, "0001")
    file = do_backup(older, tmp_path / "backup.tar.gz")
    do_restore(older, file)
    assert migrate.is_current(older)
