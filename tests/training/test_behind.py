"""New training data is learned beside what serves, which tells how it goes."""

import asyncio
from pathlib import Path

import psutil
import pytest

from bot.settings import Settings
from bot.training import behind
from bot.training.behind import learn_behind
from tests.conftest import until
from tests.fakes import FakeEngines


def learning(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(behind, "COMMAND", ("-c", program))


async def test_it_is_told_while_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learning(monkeypatch, "input()")  # there is nobody to answer: it ends at once, with an error
    serving = FakeEngines()
    task = asyncio.create_task(learn_behind(Settings(home=tmp_path), serving))
    await asyncio.sleep(0)
    assert serving.learning
    await task
    assert not serving.learning and "EOF" in serving.unlearned


async def test_what_was_learned_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learning(monkeypatch, "print('Serving it')")
    serving = FakeEngines()
    await learn_behind(Settings(home=tmp_path), serving)
    assert (serving.learning, serving.unlearned) == (False, "")
    assert (tmp_path / "log" / "learning.log").read_text() == "Serving it\n"


async def test_who_stops_the_counter_leaves_no_training_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learning(monkeypatch, "import signal; signal.pause()")
    task = asyncio.create_task(learn_behind(Settings(home=tmp_path), FakeEngines()))

    async def children() -> list[psutil.Process]:
        return psutil.Process().children()

    mine = await until(children)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not any(child.is_running() for child in mine)
