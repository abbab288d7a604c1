"""Telegram, played, and the product listening to it."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.channels.telegram import link
from bot.services import Services
from emulator.emulator import Emulator


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator
        assert emulator.broken() == []
        assert not emulator.unanswered_callbacks()


@pytest.fixture
async def polling(working: Services, emulator: Emulator) -> AsyncIterator[Services]:
    working.settings.telegram_token = SecretStr(emulator.token)
    working.settings.telegram_api_base = emulator.address
    async with link.connected(working):
        await emulator.listened()
        yield working
