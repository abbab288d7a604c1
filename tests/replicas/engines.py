"""Supervised fake engines: real processes that answer at once and misbehave when they are told to."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.replicas.client import EngineClient, EngineTurn
from bot.replicas.supervisor import Launch, Supervisor

FAKE = Path(__file__).with_name("fake_engine.py")
QUICK = {"check_every": 0.1, "check_timeout": 0.3, "first_pause": 0.05, "start_timeout": 10.0}


def launch_in(folder: Path, model: str = "first") -> Launch:
    command = [sys.executable, str(FAKE), "--model", model]
    return Launch(command, folder, {**os.environ, "FAKE_FOLDER": str(folder)}, folder / "log", model, "secret")


def supervise(folder: Path, replicas: int = 2, **changes: float) -> Supervisor:
    return Supervisor(launch_in(folder), replicas, **{**QUICK, **changes})


def client_of(supervisor: Supervisor, timeout: float = 20.0, patience: float = 20.0) -> EngineClient:
    return EngineClient(supervisor, "secret", timeout, patience)


def a_turn(turn_id: str) -> EngineTurn:
    return EngineTurn(turn_id, "hola", None, {}, None)


@contextmanager
def told(folder: Path, what: str) -> Iterator[None]:
    """Every engine, or those of the model `model/what`, misbehaves for the length of the block."""
    path = folder / what
    path.parent.mkdir(exist_ok=True)
    path.touch()
    try:
        yield
    finally:
        path.unlink()


def asked(folder: Path) -> list[list[str]]:
    """Turn, model and process of every turn that reached an engine."""
    path = folder / "turns"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []
