"""Calls that the description forbids are refused, the others taken."""

import json

import httpx
import pytest
from telegram import (
    Bot,
)
from telegram.error import InvalidToken

from emulator.chats import Citizen
from emulator.description import Json
from emulator.emulator import Emulator
from tests.telegram.client import YES, raw


async def test_the_client_accepts_the_bot(bot: Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot and me.username == "ventanilla_bot"


async def test_a_wrong_token_is_refused(emulator: Emulator) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=emulator.base_url):
            pass


async def test_an_unknown_method_is_a_404(emulator: Emulator, breach: list[str]) -> None:
    answer = await raw(emulator, "sendMesage", chat_id=1, text="x")
    assert answer["error_code"] == 404 and len(breach) == 1


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"text": "x"}, "chat_id is missing"),
        ({"chat_id": 501, "text": "x", "colour": "red"}, "colour is unknown"),
        ({"chat_id": 501, "text": 5}, "text must be String"),
        ({"chat_id": 501, "text": "x", "protect_content": "yes"}, "protect_content must be Boolean"),
        ({"chat_id": 501.5, "text": "x"}, "chat_id must be"),
        ({"chat_id": 501, "text": "x", "reply_parameters": {}}, "reply_parameters.message_id is missing"),
        ({"chat_id": 501, "text": "x", "reply_markup": {"inline_keyboard": [{"text": "a"}]}}, "inline_keyboard[0]"),
        (
            {"chat_id": 501, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "a", "url": "u"}]]}},
            "inline_keyboard[0][0].txt is unknown",
        ),
        (
            {"chat_id": 501, "text": "x", "reply_markup": {"keyboard": [[{"text": "a", "request_location": 1}]]}},
            "keyboard[0][0].request_location must be Boolean",
        ),
        ({"chat_id": 501, "text": "x", "entities": [{"type": "bold"}]}, "entities[0].offset is missing"),
    ],
)
async def test_a_call_against_the_description_is_refused(
    emulator: Emulator, ana: Citizen, breach: list[str], parameters: Json, problem: str
) -> None:
    answer = await raw(emulator, "sendMessage", **parameters)
    assert answer["error_code"] == 400
    assert problem in answer["description"] and problem in breach[0]
    assert ana.heard == []


async def test_a_scope_is_checked_by_its_type(emulator: Emulator, breach: list[str]) -> None:
    commands = [{"command": "start", "description": "Empezar"}]
    good = await raw(emulator, "setMyCommands", commands=commands, scope={"type": "default"})
    bad = await raw(emulator, "setMyCommands", commands=commands, scope={"type": "everyone"})
    assert good["ok"] and not bad["ok"]


async def test_form_posts_carry_json_in_their_fields(emulator: Emulator, ana: Citizen, breach: list[str]) -> None:
    url = f"{emulator.base_url}{emulator.token}/sendMessage"
    form = {"chat_id": "501", "text": "12", "protect_content": "true"}
    async with httpx.AsyncClient() as client:
        good = await client.post(url, data={**form, "reply_markup": json.dumps(YES.to_dict())})
        bad = await client.post(url, data={**form, "reply_markup": "{not json"})
        query = await client.get(url, params={"chat_id": 501, "text": "by address"})
    assert good.json()["result"]["text"] == "12" and query.is_success
    assert bad.status_code == 400 and "reply_markup must be" in breach[0]
