"""`./ventanilla start` with the real engine: ready, healed after a kill, gone when told to go."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from bot.replicas.process import free_port
from bot.settings import ROOT, Settings
from bot.training.model import ensure_model

pytestmark = pytest.mark.whole


class Counter:
    """A started installation with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.output = home, free_port(), home / "said"
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "VENTANILLA_HOME": str(home), "VENTANILLA_PORT": str(self.port)}
        self.process = self.run("start")

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *command],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text()

    def engines(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if is_engine(child)]

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def word(self) -> str:
        return str(httpx.get(f"{self.address}/readyz").json()["status"])


def is_engine(child: psutil.Process) -> bool:
    try:
        return "run" in child.cmdline()
    except psutil.Error:  # it has just ended
        return False


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    home = tmp_path_factory.mktemp("home")
    trained = ensure_model(Settings().home, Settings().knowledge)
    (home / "models").mkdir()
    shutil.copy(trained, home / "models")
    counter = Counter(home)
    until(lambda: "Ready after" in counter.said() or counter.process.poll() is not None)
    yield counter
    counter.process.terminate()
    counter.process.wait(20)


def test_it_says_where_it_is_and_how_the_first_administrator_signs_in(counter: Counter) -> None:
    assert f"{counter.address}/desk/first" in counter.said()
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", counter.said())
    assert "Training" not in counter.said()
    assert counter.is_ready()


def test_what_it_keeps_is_for_its_owner_alone(counter: Counter) -> None:
    assert (counter.home / "ventanilla.db").stat().st_mode & 0o077 == 0


def test_the_same_home_is_not_served_twice(counter: Counter) -> None:
    counter.environment["VENTANILLA_PORT"] = str(free_port())
    assert counter.run("start").wait(30) == 9
    assert f"(process {counter.process.pid})" in counter.said()


def test_a_killed_engine_comes_back(counter: Counter) -> None:
    [engine] = counter.engines()
    engine.kill()
    until(lambda: any(other.pid != engine.pid for other in counter.engines()))
    until(lambda: counter.word() == "ok")


def test_it_ends_with_its_engine_and_without_complaint(counter: Counter) -> None:
    [engine] = counter.engines()
    started = time.monotonic()
    counter.process.send_signal(signal.SIGINT)
    assert counter.process.wait(15) == 0
    assert time.monotonic() - started < 10 and not engine.is_running()
    assert counter.said().rstrip().endswith("Stopped.") and "Traceback" not in counter.said()
