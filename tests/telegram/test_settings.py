"""The settings of the bot."""

import pytest
from telegram import (
    Bot,
    BotCommand,
)
from telegram.error import BadRequest

from emulator.chats import Citizen
from emulator.emulator import Emulator


async def test_commands_are_kept_by_language(bot: Bot, breach: list[str]) -> None:
    await bot.set_my_commands([BotCommand("start", "Empezar")], language_code="es")
    assert (await bot.get_my_commands(language_code="es"))[0].command == "start"
    assert await bot.get_my_commands() == ()
    for wrong in (BotCommand("Start", "Empezar"), BotCommand("a" * 33, "x"), BotCommand("a", "")):
        with pytest.raises(BadRequest):
            await bot.set_my_commands([wrong])
    with pytest.raises(BadRequest, match="ore than 100"):
        await bot.set_my_commands([BotCommand("a", "x")] * 101)


async def test_descriptions_have_limits(bot: Bot, breach: list[str], emulator: Emulator) -> None:
    assert await bot.set_my_description("á" * 512) and await bot.set_my_short_description("á" * 120)
    assert await bot.set_my_name("Ventanilla") and await bot.set_chat_menu_button()
    assert emulator.world.settings["setMyName"] == {"name": "Ventanilla"}
    with pytest.raises(BadRequest, match="0-512 characters"):
        await bot.set_my_description("á" * 513)


async def test_a_chat_is_described(bot: Bot, ana: Citizen) -> None:
    assert (await bot.get_chat(ana.id)).first_name == "Ana"
