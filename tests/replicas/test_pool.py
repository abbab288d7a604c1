"""A turn finds a replica that can answer it, whatever the others do: tried on real processes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from bot.errors import EngineError
from bot.replicas.seats import EACH
from bot.replicas.supervisor import ModelRefused, Supervisor
from tests.conftest import until
from tests.replicas.engines import a_turn, asked, client_of, launch_in, supervise, told


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[Supervisor]:
    """Two replicas."""
    supervisor = supervise(tmp_path)
    await supervisor.start()
    await all_ready(supervisor)
    yield supervisor
    await supervisor.stop()


async def all_ready(supervisor: Supervisor) -> None:
    async def ready() -> bool:
        return all(one["state"] == "ready" for one in supervisor.status())

    await until(ready)


def pids(supervisor: Supervisor) -> list[int]:
    return [int(str(one["pid"])) for one in supervisor.status()]


async def test_turns_are_spread_over_the_replicas(pool: Supervisor, tmp_path: Path) -> None:
    client = client_of(pool)
    for number in range(4):
        await client.ask(a_turn(f"t_{number}"))
    assert {pid for _, _, pid in asked(tmp_path)} == {str(pid) for pid in pids(pool)}
    await client.close()


async def test_a_turn_on_a_killed_replica_is_answered_by_the_other(pool: Supervisor, tmp_path: Path) -> None:
    client = client_of(pool)
    with told(tmp_path, "slow"):
        turns = [asyncio.create_task(client.ask(a_turn(f"t_{number}"))) for number in range(4)]

        async def all_asked() -> bool:
            return len(asked(tmp_path)) == 4

        await until(all_asked)
        os.kill(pids(pool)[0], signal.SIGKILL)

        async def asked_again() -> bool:
            return len(asked(tmp_path)) == 6

        await until(asked_again)
    replies = await asyncio.gather(*turns)
    assert sorted(reply.tries for reply in replies) == [1, 1, 2, 2]
    await client.close()


async def test_a_turn_on_a_replica_that_hangs_is_answered_by_the_other(pool: Supervisor) -> None:
    client = client_of(pool, timeout=2.0)
    hangs = pids(pool)[0]
    os.kill(hangs, signal.SIGSTOP)
    replies = await asyncio.gather(*(client.ask(a_turn(f"t_{number}")) for number in range(12)))
    assert len(replies) == 12

    async def replaced() -> bool:
        return hangs not in [one["pid"] for one in pool.status()] and len(pool.urls()) == 2

    await until(replaced)
    await client.close()


async def test_a_sick_replica_that_answers_its_checks_gets_no_more_turns(pool: Supervisor, tmp_path: Path) -> None:
    client = client_of(pool)
    with told(tmp_path, "sick"):
        for number in range(3):
            with pytest.raises(EngineError):
                await client.ask(a_turn(f"sick_{number}"))
    assert [one["breaker"] for one in pool.status()] == ["open", "open"]
    assert [one["state"] for one in pool.status()] == ["ready", "ready"]
    reached = len(asked(tmp_path))
    waiting = asyncio.create_task(client.ask(a_turn("t_later")))
    await asyncio.sleep(0)
    assert len(asked(tmp_path)) == reached
    assert (await waiting).tries == 1
    assert "closed" in [one["breaker"] for one in pool.status()]
    await client.close()


async def test_a_replica_whose_turns_never_succeed_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.replicas.breaker.PAUSE", 0.05)
    monkeypatch.setattr("bot.replicas.seats.PAUSE", 0.05)
    supervisor = supervise(tmp_path, replicas=1)
    client = client_of(supervisor)
    await supervisor.start()
    with told(tmp_path, "sick"):
        while supervisor.status()[0]["restarts"] == 0:
            with pytest.raises(EngineError):
                await client.ask(a_turn("t_1"))
    assert "again and again" in str(supervisor.status()[0]["reason"])
    await client.close()
    await supervisor.stop()


async def test_a_refused_turn_is_neither_repeated_nor_held_against_the_replica(
    pool: Supervisor, tmp_path: Path
) -> None:
    client = client_of(pool)
    with told(tmp_path, "refuses"):
        for number in range(8):
            with pytest.raises(EngineError, match="no slot"):
                await client.ask(a_turn(f"t_{number}"))
    assert len(asked(tmp_path)) == 8
    assert [one["breaker"] for one in pool.status()] == ["closed", "closed"]
    await client.close()


async def test_an_answer_that_is_none_is_a_failure(pool: Supervisor, tmp_path: Path) -> None:
    client = client_of(pool)
    with told(tmp_path, "babbles"), pytest.raises(EngineError, match="KeyError"):
        await client.ask(a_turn("t_1"))
    assert len({pid for _, _, pid in asked(tmp_path)}) == 2
    await client.close()


async def test_a_replica_has_only_so_many_turns_at_once_and_the_rest_wait_their_turn(
    pool: Supervisor, tmp_path: Path
) -> None:
    client = client_of(pool)
    with told(tmp_path, "slow"):
        turns = [asyncio.create_task(client.ask(a_turn(f"t_{number:02}"))) for number in range(3 * EACH)]

        async def full() -> bool:
            return len(asked(tmp_path)) == 2 * EACH

        await until(full)
        assert [one["in_flight"] for one in pool.status()] == [EACH, EACH]
    await asyncio.gather(*turns)
    assert [one["in_flight"] for one in pool.status()] == [0, 0]
    await client.close()


async def test_a_turn_that_is_given_up_leaves_its_place_to_others(pool: Supervisor, tmp_path: Path) -> None:
    client = client_of(pool)
    with told(tmp_path, "slow"):
        turns = [asyncio.create_task(client.ask(a_turn(f"t_{number:02}"))) for number in range(3 * EACH)]

        async def full() -> bool:
            return len(asked(tmp_path)) == 2 * EACH

        await until(full)
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)
    assert [one["in_flight"] for one in pool.status()] == [0, 0]
    assert [one["breaker"] for one in pool.status()] == ["closed", "closed"]
    await client.close()


async def test_with_every_replica_dead_the_wait_ends(tmp_path: Path) -> None:
    with told(tmp_path, "dies"):
        supervisor = supervise(tmp_path)
        await supervisor.start()
        client = client_of(supervisor, patience=0.2)
        with pytest.raises(EngineError, match="no engine is alive"):
            await client.ask(a_turn("t_1"))
        await client.close()
        await supervisor.stop()


async def test_another_model_takes_over_while_turns_run_and_none_is_lost(pool: Supervisor, tmp_path: Path) -> None:
    client = client_of(pool)
    old = pids(pool)
    with told(tmp_path, "first/slow"):
        running = asyncio.create_task(client.ask(a_turn("t_old")))

        async def reached() -> bool:
            return bool(asked(tmp_path))

        await until(reached)
        await pool.switch(launch_in(tmp_path, "second"))
        assert (pool.model, pool.switches) == ("second", 1)
        reply = await client.ask(a_turn("t_new"))
        assert reply.say[0]["args"]["model"] == "second"
        assert not running.done() and any(one["pid"] in old for one in pool.status())
    assert (await running).say[0]["args"]["model"] == "first"

    async def alone() -> bool:
        return len(pool.status()) == 2

    await until(alone)
    assert not set(pids(pool)) & set(old)
    await client.close()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("second/dies", "exit code 1"),
        ("second/broken", "could not load its model"),
        ("second/sick", "The turn failed"),
        ("second/refuses", "no slot"),
        ("second/babbles", "KeyError"),
    ],
)
async def test_a_model_that_does_not_work_is_refused_and_the_old_one_goes_on(
    pool: Supervisor, tmp_path: Path, fault: str, reason: str
) -> None:
    client, before = client_of(pool), pids(pool)
    with told(tmp_path, fault), pytest.raises(ModelRefused, match=reason):
        await pool.switch(launch_in(tmp_path, "second"))
    assert pool.model == "first" and pids(pool) == before
    assert (await client.ask(a_turn("t_1"))).say[0]["args"]["model"] == "first"
    await client.close()


async def test_stopping_in_the_middle_of_a_switch_leaves_no_process(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path)
    await supervisor.start()
    await all_ready(supervisor)
    with told(tmp_path, "second/never-ready"):
        switching = asyncio.create_task(supervisor.switch(launch_in(tmp_path, "second")))

        async def begun() -> bool:
            return all(one["pid"] for one in supervisor.status()) and len(supervisor.status()) == 4

        await until(begun)
        started = pids(supervisor)
        switching.cancel()
        await asyncio.gather(switching, return_exceptions=True)
        await supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in started)
