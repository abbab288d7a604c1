"""The emulator, and a real python-telegram-bot that talks to it."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from emulator.chats import Citizen
from emulator.emulator import Emulator


@pytest.fixture
async def emulator(request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    """A Telegram of this test's own; a test that breaks its rules must say so by `breach`."""
    async with Emulator() as running:
        yield running
    if "breach" not in request.fixturenames:
        assert running.broken() == []


@pytest.fixture
def breach(emulator: Emulator) -> list[str]:
    """The rules that a test breaks on purpose."""
    return emulator.violations


@pytest.fixture
async def bot(emulator: Emulator) -> AsyncIterator[Bot]:
    """A real client, signed in."""
    client = Bot(emulator.token, base_url=emulator.base_url, base_file_url=emulator.base_file_url)
    async with client:
        yield client


@pytest.fixture
def ana(emulator: Emulator) -> Citizen:
    """A citizen who has written before."""
    citizen = emulator.citizen("Ana", id=501)
    citizen.writes("hola")
    emulator.updates.forget()
    return citizen
