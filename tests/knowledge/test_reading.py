"""Answers are read again when a file changes, whoever notices it first."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge import knowledge as module
from bot.knowledge.knowledge import Knowledge
from tests.towns import copy_whole

NEW = "Solo los lunes."
GREETING = "utter_greet"


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    town = copy_whole(tmp_path / "town")
    return Knowledge(town, library=town)


def change(knowledge: Knowledge, response: str, text: str) -> None:
    """Another wording of `response` in Spanish, in whichever file it stands."""
    answer = knowledge.answer(response, "es")
    assert answer
    for path in (knowledge.root / "data" / "responses").glob("*.yml"):
        words = path.read_text()
        if answer.text in words:
            path.write_text(words.replace(answer.text, text))
            return
    raise AssertionError(f"{response} stands in no file")


def gate(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Files are read once the second event is set; the first tells that somebody is waiting for that."""
    came, may_go = threading.Event(), threading.Event()
    read: Callable[[Path], Any] = module.read_yaml

    def waits(path: Path) -> Any:
        came.set()
        assert may_go.wait(60)
        return read(path)

    monkeypatch.setattr(module, "read_yaml", waits)
    return came, may_go


def test_who_saves_while_another_thread_reads_waits_for_what_it_reads(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The studio says "live now" when this returns; the watcher may have noticed the file a moment before."""
    change(knowledge, GREETING, NEW)
    came, may_go = gate(monkeypatch)
    watcher = threading.Thread(target=knowledge.reload_if_changed)
    watcher.start()
    assert came.wait(60)
    may_go.set()
    knowledge.reload_if_changed()
    assert knowledge.text(GREETING, "es") == NEW
    watcher.join(60)


def test_a_file_that_could_not_be_read_is_tried_again(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    change(knowledge, GREETING, NEW)

    def fails(path: Path) -> Any:
        raise OSError(5, "Input/output error", str(path))

    with monkeypatch.context() as broken:
        broken.setattr(module, "read_yaml", fails)
        with pytest.raises(OSError, match="Input/output"):
            knowledge.reload_if_changed()
    assert knowledge.reload_if_changed()
    assert knowledge.text(GREETING, "es") == NEW


def test_a_broken_file_keeps_what_was_read_and_says_so(knowledge: Knowledge) -> None:
    before = knowledge.text(GREETING, "es")
    extra = knowledge.root / "data" / "responses" / "zz.yml"
    extra.write_text("responses: [")
    assert not knowledge.reload_if_changed()
    assert knowledge.text(GREETING, "es") == before
    assert knowledge.problem
    assert "zz.yml" in knowledge.problem
    extra.unlink()
    assert knowledge.reload_if_changed()
    assert knowledge.problem is None
