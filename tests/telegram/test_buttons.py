"""Buttons and presses."""

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest

from emulator.chats import Citizen
from emulator.description import Json
from emulator.emulator import Emulator
from emulator.heard import Press
from tests.telegram.client import YES, raw


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "a", "callback_data": ""}, "1-64 bytes"),
        ({"text": "a", "callback_data": "ñ" * 33}, "1-64 bytes"),
        ({"text": "a"}, "exactly one thing"),
        ({"text": "a", "callback_data": "x", "url": "https://a.example"}, "exactly one thing"),
        ({"text": " ", "callback_data": "x"}, "no text"),
        ({"text": "a", "url": "not an address"}, "wrong URL"),
        ({"text": "a", "url": "https://t.me/ventanilla_bot?start=a+b%20c"}, "deep-link payload"),
        ({"text": "a", "url": "https://t.me/ventanilla_bot?start=" + "a" * 65}, "deep-link payload"),
    ],
)
async def test_a_wrong_button_is_refused(
    emulator: Emulator, ana: Citizen, breach: list[str], button: Json, reason: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    answer = await raw(emulator, "sendMessage", chat_id=501, text="x", reply_markup=markup)
    assert reason in answer["description"]


async def test_right_buttons_are_taken(bot: Bot, ana: Citizen) -> None:
    link = InlineKeyboardButton("Abrir", url="https://t.me/ventanilla_bot?start=report_1-A")
    await bot.send_message(ana.id, "x", reply_markup=InlineKeyboardMarkup([[link]]))
    full = InlineKeyboardButton("Sí", callback_data="ñ" * 32)
    await bot.send_message(ana.id, "x", reply_markup=InlineKeyboardMarkup([[full] * 8]))
    assert (await ana.hears(lambda heard: len(heard.buttons) == 8)).text == "x"


@pytest.mark.parametrize(("rows", "columns"), [(1, 9), (26, 4)])
async def test_too_many_buttons_are_refused(bot: Bot, ana: Citizen, breach: list[str], rows: int, columns: int) -> None:
    button = InlineKeyboardButton("Sí", callback_data="yes")
    with pytest.raises(BadRequest, match="more than"):
        await bot.send_message(ana.id, "x", reply_markup=InlineKeyboardMarkup([[button] * columns] * rows))


async def test_a_press_is_answered_once_and_in_time(
    bot: Bot, ana: Citizen, emulator: Emulator, breach: list[str]
) -> None:
    await bot.send_message(ana.id, "¿Seguro?", reply_markup=YES)
    press, late = ana.presses("Sí"), ana.presses("Sí")
    assert isinstance(press, Press) and isinstance(late, Press)
    late.expires()
    assert emulator.unanswered_callbacks() == [press, late]
    queries = [update.callback_query for update in await bot.get_updates()]
    assert queries[0] and queries[0].data == "yes" and queries[0].message
    await queries[0].answer("Gracias")
    assert (await press.answered())["text"] == "Gracias"
    for query_id in (press.id, late.id, "unknown"):
        with pytest.raises(BadRequest, match="uery is too old"):
            await bot.answer_callback_query(query_id)
    assert emulator.unanswered_callbacks() == [late] and len(breach) == 1


async def test_an_answer_to_a_press_has_200_characters_at_most(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    await bot.send_message(ana.id, "¿Seguro?", reply_markup=YES)
    press = ana.presses("Sí")
    assert isinstance(press, Press)
    with pytest.raises(BadRequest, match="0-200 characters"):
        await bot.answer_callback_query(press.id, "á" * 201)
    assert await bot.answer_callback_query(press.id, "á" * 200)


async def test_a_button_of_the_past_can_be_pressed_on_the_old_screen(bot: Bot, ana: Citizen) -> None:
    sent = await bot.send_message(ana.id, "uno", reply_markup=YES)
    old = await ana.hears("uno")
    await bot.edit_message_reply_markup(chat_id=ana.id, message_id=sent.message_id)
    with pytest.raises(AssertionError, match="no button"):
        ana.presses("Sí")
    assert isinstance(ana.presses("Sí", on=old), Press)


async def test_a_keyboard_writes_and_shares_the_place(bot: Bot, ana: Citizen) -> None:
    keys = [[KeyboardButton("Centro"), KeyboardButton("Mi ubicación", request_location=True)]]
    await bot.send_message(ana.id, "¿Dónde?", reply_markup=ReplyKeyboardMarkup(keys))
    assert ana.buttons == ["Centro", "Mi ubicación"]
    ana.presses("Centro")
    ana.presses("Mi ubicación")
    updates = await bot.get_updates()
    assert updates[0].message and updates[0].message.text == "Centro"
    assert updates[1].message and updates[1].message.location
    await bot.send_message(ana.id, "Gracias", reply_markup=ReplyKeyboardRemove())
    assert ana.buttons == []
