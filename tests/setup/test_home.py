"""The home is for its owner alone, also when somebody made it otherwise beforehand."""

import os
from pathlib import Path

import pytest

from bot.commands.checks import CHECKS, WARN
from bot.settings import Settings
from bot.setup.home import loose, prepare_home


def made_open(home: Path) -> list[Path]:
    """A home with everything in it, as a careless hand or an old umask leaves it."""
    folders = [home, home / "models", home / "log", home / "secrets", home / "outbox"]
    for folder in folders:
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    files = [home / "ventanilla.db", home / "ventanilla.db-wal", home / "secrets" / "installation.key"]
    for file in files:
        file.write_text("x")
        file.chmod(0o644)
    return [*folders, *files]


def test_a_home_that_others_can_read_is_tightened_with_what_is_in_it(tmp_path: Path) -> None:
    paths = made_open(tmp_path / "home")
    prepare_home(tmp_path / "home")
    assert [path.name for path in paths if path.stat().st_mode & 0o077] == []
    assert all(path.stat().st_mode & 0o600 == 0o600 for path in paths)
    assert loose(tmp_path / "home") == []


def test_a_new_home_and_its_folders_are_for_the_owner(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        prepare_home(tmp_path / "home")
    finally:
        os.umask(old)
    assert [path.name for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []


def test_a_folder_that_all_share_is_left_as_it_is_and_told(tmp_path: Path) -> None:
    """Somebody who names /tmp as the home must not shut everybody else out of it."""
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    prepare_home(shared)
    assert shared.stat().st_mode & 0o7777 == 0o1777
    assert loose(shared) == [shared]
    found = CHECKS["secrets"](Settings(home=shared))
    assert found.state == WARN and str(shared) in found.says


def test_what_lies_behind_a_link_is_not_touched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(elsewhere)
    prepare_home(tmp_path / "home")
    assert elsewhere.stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_of_somebody_else_is_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    os.chown(home, 4_321, 4_321)
    prepare_home(home)
    assert loose(home) == [home]
    assert CHECKS["secrets"](Settings(home=home)).state == WARN
