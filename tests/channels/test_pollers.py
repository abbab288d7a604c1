"""Two nodes and one Telegram: one of them polls, and the other goes on where it ended."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from telegram import Bot

from bot.channels.telegram import link
from bot.services import Services
from bot.store.tables import Inbox
from bot.workers import Workers
from emulator.emulator import Emulator
from tests.conftest import until


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator
        assert emulator.violations == []


async def test_one_node_polls_and_when_it_ends_the_other_goes_on_from_the_stored_offset(
    working: Services, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pollers, get_updates = set(), link._get_updates

    async def noted(bot: Bot, offset: int) -> list[dict[str, Any]]:
        pollers.add(id(bot))
        return await get_updates(bot, offset)

    async def connected() -> bool:
        return link.CHANNEL in working.senders and working.senders[link.CHANNEL].ok  # type: ignore[attr-defined]

    monkeypatch.setattr(link, "_get_updates", noted)
    working.settings.telegram_token = SecretStr(emulator.token)
    working.settings.telegram_api_base = emulator.address
    first = replace(working, senders={}, telegram={}, workers=Workers())
    ana = emulator.citizen("Ana", id=501, language="es")
    async with AsyncExitStack() as nodes:
        async with link.connected(first):
            await emulator.listened()
            await nodes.enter_async_context(link.connected(working))
            await until(connected)
            ana.writes("un sofá")
            await ana.hears("Fuente")
            assert len(pollers) == 1
        ana.writes("otro sofá")
        await ana.hears("Fuente", within=30)
        async with working.database.read() as session:
            kept = list((await session.scalars(select(Inbox.external_id))).all())
        assert len(kept) == len(set(kept)) == 2
