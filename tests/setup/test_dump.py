"""A backup of PostgreSQL is of one moment, comes back whole, and keeps what was there; what is damaged is refused."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from bot.commands.backup import do_backup, do_restore
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.store import migrate
from tests.postgres import Server
from tests.store.test_migrations import TAKEN_OUT, fill, opened, rows


@pytest.fixture
def settings(postgres: Server, tmp_path: Path) -> Iterator[Settings]:
    """An installation whose tables have a row each."""
    url = postgres.makes()
    made = Settings(home=tmp_path / "home", database_url=url)
    migrate.upgrade(made)
    fill(opened(made))
    (made.home / "secrets").mkdir()
    (made.home / "secrets" / "installation.key").write_text("key")
    yield made
    postgres.drops(url)


def does(settings: Settings, statement: str) -> Any:
    with opened(settings).begin() as connection:
        result = connection.execute(sa.text(statement))
        return result.scalar() if result.returns_rows else None


def test_every_row_comes_back_and_what_was_there_is_kept(settings: Settings, tmp_path: Path) -> None:
    before = rows(opened(settings))
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    does(settings, "DELETE FROM message")
    does(settings, "UPDATE staff SET name = 'later'")
    (settings.home / "secrets" / "installation.key").unlink()
    do_restore(settings, file)
    assert rows(opened(settings)) == before
    assert (settings.home / "secrets" / "installation.key").read_text() == "key"
    kept = does(settings, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before%'")
    assert does(settings, f'SELECT name FROM "{kept}".staff') == "later"
    assert migrate.is_current(settings)


def test_new_rows_are_numbered_after_those_that_came_back(settings: Settings, tmp_path: Path) -> None:
    does(settings, "UPDATE item_step SET id = 41")
    do_restore(settings, do_backup(settings, tmp_path / "backup.tar.gz"))
    new = "INSERT INTO item_step (item_id, from_state, to_state, actor, note, private_note, at)"
    assert does(settings, f"{new} VALUES (1, 'a', 'b', 'c', '', '', now()) RETURNING id") == 42


def test_a_backup_is_of_one_moment_while_others_write(settings: Settings, tmp_path: Path) -> None:
    plain = sa.make_url(settings.database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as writer:
        writer.execute("UPDATE staff SET name = 'not committed'")
        file = do_backup(settings, tmp_path / "backup.tar.gz")
        writer.commit()
    do_restore(settings, file)
    assert does(settings, "SELECT name FROM staff") != "not committed"


def test_an_older_releases_backup_is_brought_up_to_todays_tables(postgres: Server, tmp_path: Path) -> None:
    url = postgres.makes()
    settings = Settings(home=tmp_path / "home", database_url=url)
    migrate.upgrade(settings, "0001")
    fill(opened(settings))
    before = rows(opened(settings))
    for table, name in TAKEN_OUT:
        before[table][0].pop(name, None)
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    migrate.upgrade(settings)
    do_restore(settings, file)
    assert migrate.is_current(settings)
    assert rows(opened(settings), {table: list(found[0]) for table, found in before.items()}) == before
    postgres.drops(url)


def test_what_is_damaged_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    before = rows(opened(settings))
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    cut, flipped, newer = tmp_path / "cut.tar.gz", tmp_path / "flipped.tar.gz", tmp_path / "newer.tar.gz"
    cut.write_bytes(file.read_bytes()[:-200])
    flipped.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"\xc3\xb1", b"\xc3\xb2")))
    repack(file, newer)
    for damaged in (cut, flipped, newer):
        with pytest.raises(Problem, match="is not a backup"):
            do_restore(settings, damaged)
    assert rows(opened(settings)) == before
    assert does(settings, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'before%'") == 0


def repack(file: Path, newer: Path) -> None:
    """The same backup, as if a later version had written it."""
    with tarfile.open(file) as old, tarfile.open(newer, "w:gz") as new:
        for member in old.getmembers():
            data = old.extractfile(member)
            assert data is not None
            content = data.read()
            if member.name == "manifest.json":
                content = json.dumps(json.loads(content) | {"revision": "9999"}).encode()
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))


def test_nothing_is_restored_while_a_counter_of_another_home_serves(settings: Settings, tmp_path: Path) -> None:
    file = do_backup(settings, tmp_path / "backup.tar.gz")
    plain = sa.make_url(settings.database).set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(plain, application_name="ventanilla"),
        pytest.raises(Problem, match="Another counter is serving"),
    ):
        do_restore(settings, file)


def test_a_backup_of_sqlite_is_not_put_into_postgresql(settings: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other", database_url="")
    migrate.upgrade(other)
    with pytest.raises(Problem, match="the other kind of database"):
        do_restore(settings, do_backup(other, tmp_path / "backup.tar.gz"))
