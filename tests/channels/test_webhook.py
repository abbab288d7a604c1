"""What Telegram's webhook answers, whatever it is sent."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from telegram import Bot

from bot.channels.telegram import receive, webhook
from bot.channels.telegram.receive import Receiver
from bot.channels.telegram.webhook import PATH
from bot.services import Services
from bot.store.tables import Conversation, Inbox, Message
from bot.web import problems

CHAT = {"id": 501, "type": "private"}
TEXT = {"update_id": 9, "message": {"message_id": 7, "date": 1, "chat": CHAT, "text": "un sofá"}}


@pytest.fixture
async def telegram(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Telegram, with the right secret."""
    services.telegram[""] = Receiver(services, Bot("1:x", base_url="http://127.0.0.1:9/bot"))
    app = FastAPI()
    app.add_middleware(problems.BodyLimit, knowledge=services.knowledge)
    problems.install(app, services.knowledge)
    app.include_router(webhook.router(services))
    secret = services.secrets.derived("telegram-webhook")
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def stored(services: Services, table: Any) -> int:
    async with services.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 60_000,
        b'{"update_id": "9"}',
        b'{"update_id": -1, "message": {}}',
        b'{"update_id": ' + b"9" * 5_000 + b"}",
        json.dumps({"update_id": 9, "message": {**TEXT["message"], "chat": {"id": 2**70, "type": "private"}}}).encode(),
        json.dumps({"update_id": 9, "message": {**TEXT["message"], "text": {"a": []}}}).encode(),
        json.dumps({"update_id": 9, "callback_query": {"id": 4, "from": [], "data": "1.0"}}).encode(),
    ],
)
async def test_what_cannot_be_read_is_taken_and_left_out(
    telegram: httpx.AsyncClient, services: Services, body: bytes
) -> None:
    assert (await telegram.post(PATH, content=body)).status_code == 200
    assert await stored(services, Inbox) == await stored(services, Conversation) == 0


async def test_a_wrong_secret_or_a_body_too_large_is_refused(telegram: httpx.AsyncClient, services: Services) -> None:
    for secret in (b"", b"wrong", b"\xc3\xb1\xff"):
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        assert (await telegram.post(PATH, json=TEXT, headers=headers)).status_code == 401
    assert (await telegram.post(PATH, content=json.dumps(TEXT) + " " * 70_000)).status_code == 413
    assert await stored(services, Inbox) == 0


async def test_an_update_is_stored_once_whatever_its_type_and_order(
    telegram: httpx.AsyncClient, services: Services
) -> None:
    for number in (9, 7, 9, 100, 7):
        sent = json.dumps(TEXT | {"update_id": number}).encode()
        assert (await telegram.post(PATH, content=sent, headers={"Content-Type": "text/plain"})).status_code == 200
    async with services.database.read() as session:
        found = list(await session.scalars(select(Inbox.external_id).order_by(Inbox.id)))
    assert found == ["9", "7", "100"]


async def test_while_the_database_is_away_telegram_keeps_the_update(
    telegram: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> bool:
        raise OperationalError("INSERT", {}, Exception("away"))

    with monkeypatch.context() as away:
        away.setattr(receive, "is_new", fails)
        for _ in range(5):
            assert (await telegram.post(PATH, json=TEXT)).status_code == 503
    assert (await telegram.post(PATH, json=TEXT)).status_code == 200
    assert await stored(services, Inbox) == 1


async def test_an_update_that_always_fails_is_left_behind_and_stops_no_other(
    telegram: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise ValueError("veneno")

    with monkeypatch.context() as broken:
        broken.setattr(Receiver, "_store", fails)
        assert [(await telegram.post(PATH, json=TEXT)).status_code for _ in range(3)] == [503, 503, 200]
    assert (await telegram.post(PATH, json=TEXT | {"update_id": 10})).status_code == 200
    assert await stored(services, Inbox) == 1


async def test_an_edit_or_a_block_of_somebody_unknown_begins_nothing(
    telegram: httpx.AsyncClient, services: Services
) -> None:
    change = {"chat": CHAT, "date": 1, "new_chat_member": {"status": "kicked"}}
    for update in ({"edited_message": TEXT["message"]}, {"my_chat_member": change}):
        assert (await telegram.post(PATH, json={"update_id": hash(str(update)) % 1_000} | update)).status_code == 200
    assert await stored(services, Conversation) == 0


async def test_hidden_characters_reach_no_table(telegram: httpx.AsyncClient, services: Services) -> None:
    message = TEXT["message"] | {"from": {"first_name": "A\x00na\ud800"}, "text": "un\x00 so\ud800fá"}
    assert (await telegram.post(PATH, content=json.dumps({"update_id": 1, "message": message}))).status_code == 200
    edited = message | {"text": "dos\x00 sofás\ud800"}
    await telegram.post(PATH, content=json.dumps({"update_id": 2, "edited_message": edited}))
    async with services.database.read() as session:
        assert (await session.scalars(select(Conversation.display_name))).one() == "Ana"
        said = (await session.scalars(select(Message).where(Message.author == "citizen"))).one()
    assert (said.text, said.edited_from) == ("dos sofás", "un sofá")
