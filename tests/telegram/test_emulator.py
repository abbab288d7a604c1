"""A whole bot of python-telegram-bot on the emulator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from telegram import (
    Update,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from emulator.emulator import Emulator
from emulator.heard import Press
from tests.telegram.client import YES


async def echo(update: Update, _: object) -> None:
    assert update.effective_message
    await update.effective_message.reply_text(f"Oigo: {update.effective_message.text}", reply_markup=YES)


async def confirm(update: Update, _: object) -> None:
    assert update.callback_query
    await update.callback_query.answer()
    await update.callback_query.edit_message_text("Hecho")


@asynccontextmanager
async def running(emulator: Emulator) -> AsyncIterator[None]:
    """An ordinary python-telegram-bot application that polls."""
    builder = ApplicationBuilder().token(emulator.token).base_url(emulator.base_url)
    application: Application = builder.build()  # type: ignore[type-arg]
    application.add_handler(CommandHandler("start", echo))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(confirm))
    async with application:
        assert application.updater
        await application.updater.start_polling(timeout=5)
        await application.start()
        yield
        await application.updater.stop()
        await application.stop()


async def test_a_whole_conversation_by_polling(emulator: Emulator) -> None:
    ana = emulator.citizen("Ana")
    async with running(emulator):
        ana.starts("report")
        await ana.hears("Oigo: /start report")
        press = ana.presses("Sí")
        assert isinstance(press, Press)
        await press.answered()
        assert (await ana.hears("Hecho")).edited
    assert emulator.unanswered_callbacks() == []


async def test_telegram_goes_away_and_comes_back(emulator: Emulator) -> None:
    ana = emulator.citizen("Ana")
    async with running(emulator):
        ana.writes("uno")
        await ana.hears("uno")
        await emulator.__aexit__(None, None, None)
        ana.writes("dos")
        await emulator.__aenter__()
        await ana.hears("dos", within=15)


def test_it_serves_from_a_thread_of_its_own() -> None:
    with Emulator().in_thread() as emulator:
        ana = emulator.citizen("Ana")
        ana.writes("hola")
        url = f"{emulator.base_url}{emulator.token}/sendMessage"
        assert httpx.post(url, json={"chat_id": ana.id, "text": "Hola"}).is_success
        assert asyncio.run(ana.hears("Hola")).text == "Hola"
