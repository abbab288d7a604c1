"""The engine is started, watched, started again and ended: tried on real processes."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from bot.replicas.supervisor import Launch, Supervisor

FAKE = Path(__file__).with_name("fake_engine.py")


def launch_in(folder: Path) -> Launch:
    environment = {**os.environ, "FAKE_FOLDER": str(folder)}
    return Launch([sys.executable, str(FAKE)], folder, environment, folder / "log")


def supervise(folder: Path, **changes: float) -> Supervisor:
    quick = {"check_every": 0.1, "check_timeout": 0.3, "first_pause": 0.05, "start_timeout": 5.0, **changes}
    replicas = int(quick.pop("replicas", 1))
    return Supervisor(launch_in(folder), replicas, **quick)


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    engine = supervise(tmp_path)
    await engine.start()
    assert await engine.wait_ready(10)
    yield engine
    await engine.stop()


def pid_of(supervisor: Supervisor, replica: int = 0) -> int:
    pid = supervisor.status()[replica]["pid"]
    assert isinstance(pid, int)
    return pid


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - a process cannot set an event
            await asyncio.sleep(0.02)


async def test_a_started_engine_is_offered_with_its_address_and_memory(supervisor: Supervisor) -> None:
    [status] = supervisor.status()
    assert status["state"] == "ready"
    assert isinstance(status["rss"], int) and status["rss"] > 1_000_000
    assert supervisor.urls() == [f"http://127.0.0.1:{status['port']}"]


async def test_a_killed_engine_is_started_again(supervisor: Supervisor) -> None:
    first = pid_of(supervisor)
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.status()[0]["restarts"] == 1 and bool(supervisor.urls()))
    assert pid_of(supervisor) != first
    assert "signal 9" in str(supervisor.status()[0]["reason"])


async def test_an_engine_that_hangs_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    first = pid_of(supervisor)
    (tmp_path / "hang").touch()
    await until(lambda: not supervisor.urls())
    await until(lambda: supervisor.status()[0]["pid"] not in (first, None))
    (tmp_path / "hang").unlink()
    await until(lambda: bool(supervisor.urls()))
    assert not psutil.pid_exists(first)


async def test_an_engine_that_never_gets_ready_is_reported(tmp_path: Path) -> None:
    (tmp_path / "never-ready").touch()
    engine = supervise(tmp_path, start_timeout=0.5)
    await engine.start()
    assert not await engine.wait_ready(1)
    await until(lambda: "was not ready" in str(engine.status()[0]["reason"]))
    assert engine.urls() == []
    await engine.stop()


async def test_an_engine_that_dies_at_once_is_tried_again_ever_more_slowly(tmp_path: Path) -> None:
    (tmp_path / "dies").touch()
    engine = supervise(tmp_path)
    await engine.start()
    await until(lambda: int(str(engine.status()[0]["restarts"])) >= 2)
    assert "exit code 1" in str(engine.status()[0]["reason"])
    assert "no model" in (tmp_path / "log" / "engine-1.log").read_text()
    (tmp_path / "dies").unlink()
    assert await engine.wait_ready(10)
    await engine.stop()


async def test_a_missing_python_is_reported_and_not_raised(tmp_path: Path) -> None:
    launch = launch_in(tmp_path)
    launch.command = [str(tmp_path / "no-python")]
    engine = Supervisor(launch, first_pause=0.05)
    await engine.start()
    assert not await engine.wait_ready(0.5)
    assert "No such file" in str(engine.status()[0]["reason"])
    await engine.stop()


async def test_one_replica_serves_while_another_is_started_again(tmp_path: Path) -> None:
    engine = supervise(tmp_path, replicas=2, first_pause=0.5)
    await engine.start()
    await until(lambda: len(engine.urls()) == 2)
    os.kill(pid_of(engine, 0), signal.SIGKILL)
    await until(lambda: len(engine.urls()) == 1)
    await until(lambda: len(engine.urls()) == 2)
    await engine.stop()


async def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    engine = supervise(tmp_path, replicas=2)
    await engine.start()
    await until(lambda: len(engine.urls()) == 2)
    pids = [pid_of(engine, 0), pid_of(engine, 1)]
    await engine.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert engine.urls() == [] and engine.status()[0]["state"] == "stopped"


async def test_stopping_while_it_starts_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "never-ready").touch()
    engine = supervise(tmp_path)
    await engine.start()
    await until(lambda: engine.status()[0]["pid"] is not None)
    pid = pid_of(engine)
    await engine.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the children on Linux only")
def test_the_engine_goes_when_the_counter_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from tests.replicas.test_supervisor import supervise
async def main():
    engine = supervise(Path({str(tmp_path)!r}))
    await engine.start()
    await engine.wait_ready(10)
    print(engine.status()[0]["pid"], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) as counter:
        assert counter.stdout is not None
        engine = 0
        for line in counter.stdout:  # the log may speak first
            if line.strip().isdigit():
                engine = int(line)
                break
        counter.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(engine).wait(5)
    assert engine and not psutil.pid_exists(engine)
