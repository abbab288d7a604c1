"""Environments are made once, made again when half made, and their failures are one sentence."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.setup import environments, uv
from bot.setup.environments import COUNTER, STAMP, fits, make, venv_of
from bot.setup.problems import Problem

UV = """#!/bin/sh
case "$1" in --version) echo "uv 0.9.0"; exit 0;; esac
echo "$@" >> "{folder}/calls"
{sync}
"""
MAKES = 'mkdir -p .venv/bin && printf "#!/bin/sh\\nexit 0\\n" > .venv/bin/python && chmod +x .venv/bin/python'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "uv.lock").write_text("lock 1")
    (tmp_path / "pyproject.toml").write_text("project")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    uv_that(tmp_path, MAKES)
    return tmp_path


def uv_that(root: Path, sync: str) -> None:
    script = root / "bin" / "uv"
    script.write_text(UV.format(folder=root, sync=sync))
    script.chmod(0o755)


def calls(root: Path) -> list[str]:
    path = root / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_an_environment_is_made_once_and_found_ever_after(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(root, COUNTER)
    make(root, COUNTER)
    assert len(calls(root)) == 1 and "--frozen" in calls(root)[0] and "--no-dev" in calls(root)[0]
    assert "Making the counter's environment (Python 3.11) …" in capsys.readouterr().err


def test_a_changed_lock_brings_it_up_to_date(root: Path) -> None:
    make(root, COUNTER)
    (root / "uv.lock").write_text("lock 2")
    assert not fits(root, COUNTER)
    make(root, COUNTER)
    assert len(calls(root)) == 2 and fits(root, COUNTER)


def test_the_tests_add_their_group_and_it_stays(root: Path) -> None:
    make(root, COUNTER)
    make(root, COUNTER, dev=True)
    make(root, COUNTER)
    assert [("--group dev" in call) for call in calls(root)] == [False, True]


def test_what_a_killed_run_left_is_removed_and_made_again(root: Path) -> None:
    make(root, COUNTER)
    (venv_of(root, COUNTER) / "half").touch()
    (root / "var" / "tools" / "counter.making").touch()
    make(root, COUNTER)
    assert not (venv_of(root, COUNTER) / "half").exists() and fits(root, COUNTER)


def test_an_environment_whose_python_has_gone_is_made_again(root: Path) -> None:
    make(root, COUNTER)
    (venv_of(root, COUNTER) / "bin" / "python").unlink()
    (venv_of(root, COUNTER) / "half").touch()
    make(root, COUNTER)
    assert not (venv_of(root, COUNTER) / "half").exists() and fits(root, COUNTER)


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("error: No interpreter found for Python 3.11 in managed installations or search path", "no_python"),
        ("error: Failed to download https://x/cpython-3.11 python-build-standalone", "no_python"),
        ("error: Failed to fetch: `https://pypi.org/simple/x/`\\n error sending request for url", "no_network"),
        ("error: failed to hardlink: No space left on device (os error 28)", "disk_full"),
        ("error: Failed to create directory: Permission denied (os error 13)", "not_writable"),
        ("error: something else", "environment_failed"),
    ],
)
def test_a_failure_is_one_sentence_and_leaves_nothing(root: Path, output: str, code: str) -> None:
    uv_that(root, f"{MAKES}\nprintf '%b' \"{output.replace('`', '')}\" >&2; exit 2")
    with pytest.raises(Problem) as raised:
        make(root, COUNTER)
    assert raised.value.code == code and raised.value.exit_code != 0
    assert not venv_of(root, COUNTER).exists()
    assert not list((root / "var" / "tools").glob("*.making"))


def test_an_update_that_fails_keeps_the_environment_but_not_its_stamp(root: Path) -> None:
    make(root, COUNTER)
    (root / "uv.lock").write_text("lock 2")
    uv_that(root, "echo 'error: Failed to fetch' >&2; exit 2")
    with pytest.raises(Problem):
        make(root, COUNTER)
    assert venv_of(root, COUNTER).exists() and not (venv_of(root, COUNTER) / STAMP).exists()


def test_too_little_room_is_said_before_anything_is_fetched(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000))
    with pytest.raises(Problem, match="has 100 MB free, the counter's environment needs about") as raised:
        make(root, COUNTER)
    assert raised.value.code == "no_disk" and calls(root) == []


def test_a_checkout_without_its_lock_is_named(root: Path) -> None:
    (root / "uv.lock").unlink()
    with pytest.raises(Problem, match=r"uv\.lock is missing"):
        make(root, COUNTER)


def test_an_old_uv_is_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "bin" / "uv").write_text("#!/bin/sh\necho uv 0.1.0\n")
    monkeypatch.setattr(uv.sys, "executable", "/nowhere/python")  # type: ignore[attr-defined]
    monkeypatch.setenv("HOME", str(root))
    assert uv.find_uv(root) is None


def test_a_missing_uv_that_cannot_be_installed_is_one_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv, "find_uv", lambda _: None)
    monkeypatch.setattr(uv, "_try", lambda _: "No module named pip")
    with pytest.raises(Problem) as raised:
        make(root, COUNTER)
    assert raised.value.code == "no_pip" and not venv_of(root, COUNTER).exists()
    assert environments.read_stamp(root, COUNTER) == ""
