"""Errors, delays and hanging calls that a test orders."""

import asyncio

import pytest
from telegram import (
    Bot,
)
from telegram.error import Forbidden, NetworkError, RetryAfter, TimedOut

from emulator.chats import Citizen
from emulator.emulator import Emulator


async def test_429_says_how_long_to_wait(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    emulator.plays("sendMessage", status=429, retry_after=1, times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(ana.id, "Hola")
    await bot.send_message(ana.id, "Hola")
    assert [call.status for call in emulator.calls_of("sendMessage")] == [429, 429, 200]
    assert len(ana.heard) == 1


async def test_a_fault_can_strike_one_chat_only(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    emulator.plays("*", status=403, chat_id=ana.id)
    bruno = emulator.citizen("Bruno")
    bruno.writes("hola")
    await bot.send_message(bruno.id, "Hola")
    with pytest.raises(Forbidden):
        await bot.send_message(ana.id, "Hola")


async def test_an_error_may_hide_a_success(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    emulator.plays("sendMessage", status=500, after_effect=True)
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "Hola")
    await ana.hears("Hola")
    emulator.plays("sendMessage", status=502, body="<html>Bad Gateway</html>")
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "Hola")
    await ana.hears_nothing(within=0.05)


async def test_a_call_may_hang(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    emulator.plays("sendMessage", hang=True, times=2)
    with pytest.raises(TimedOut):
        await bot.send_message(ana.id, "Hola", read_timeout=0.1)
    waiting = asyncio.create_task(bot.send_message(ana.id, "Hola"))
    await ana.hears_nothing(within=0.1)
    emulator.clears()
    with pytest.raises(NetworkError):
        await waiting


async def test_a_chat_takes_one_message_a_second_when_told_so(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    emulator.limits_rate(1)
    await bot.send_message(ana.id, "uno")
    with pytest.raises(RetryAfter):
        await bot.send_message(ana.id, "dos")
    emulator.limits_rate(None)
    await bot.send_message(ana.id, "dos")
