"""Updates by polling and by webhook."""

import asyncio

import pytest
from telegram import (
    Bot,
)
from telegram.error import BadRequest, Conflict

from emulator.chats import Citizen
from emulator.emulator import Emulator
from emulator.hook import Hook
from tests.telegram.client import raw


async def test_polling_waits_and_the_offset_acknowledges(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0)
    ana.writes("uno")
    ana.writes("dos")
    first = (await waiting)[0]
    again = await bot.get_updates()
    assert [update.update_id for update in again] == [first.update_id, first.update_id + 1]
    assert len(await bot.get_updates(offset=first.update_id + 1, limit=1)) == 1
    assert await bot.get_updates(offset=first.update_id + 2) == ()
    await emulator.settled()


async def test_polling_limits(emulator: Emulator, breach: list[str]) -> None:
    assert not (await raw(emulator, "getUpdates", limit=101))["ok"]
    assert not (await raw(emulator, "getUpdates", timeout=-1))["ok"]
    assert not (await raw(emulator, "getUpdates", allowed_updates=["mesage"]))["ok"]
    assert (await raw(emulator, "getUpdates", allowed_updates=["message"]))["ok"]


async def test_only_allowed_updates_arrive(bot: Bot, ana: Citizen) -> None:
    await bot.get_updates(allowed_updates=["edited_message"])
    ana.edits(ana.writes("uno"), "dos")
    assert [bool(update.edited_message) for update in await bot.get_updates()] == [True]


async def test_a_second_poll_ends_the_first(bot: Bot, emulator: Emulator) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await emulator.listened()
    assert (await raw(emulator, "getUpdates"))["ok"]
    with pytest.raises(Conflict):
        await first


async def test_updates_come_twice_again_and_out_of_order(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    async def texts(offset: int = 0) -> list[str | None]:
        return [update.message.text for update in await bot.get_updates(offset) if update.message]

    emulator.doubles()
    update_id = emulator.updates.made[-1]["update_id"] + 1
    ana.writes("uno")
    assert await texts() == ["uno", "uno"]
    assert await texts(update_id + 1) == []
    emulator.repeats(emulator.updates.made[-1])
    assert await texts(update_id + 1) == ["uno"] and await texts(update_id + 1) == []
    with emulator.out_of_order():
        ana.writes("dos")
        ana.writes("tres")
    assert await texts(update_id + 1) == ["tres", "dos"]


async def test_the_webhook_gets_each_update_with_the_secret(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    async with Hook() as hook:
        await bot.set_webhook(hook.url, secret_token="s3cret-_", allowed_updates=["message"])
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        hook.answers([500, 302, 200])
        ana.writes("uno")
        ana.writes("dos")
        await emulator.settled()
        assert hook.texts == ["uno", "uno", "uno", "dos"] and hook.secrets == {"s3cret-_"}
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 302"
        assert await bot.delete_webhook()
    ana.writes("tres")
    assert len(await bot.get_updates()) == 1


async def test_pending_updates_can_be_dropped(bot: Bot, ana: Citizen) -> None:
    ana.writes("uno")
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://a.example/x", "s"), ("https://a.example:8000/x", "s"), ("https://a.example/x", "no blanks")],
)
async def test_a_wrong_webhook_is_refused(bot: Bot, breach: list[str], url: str, secret: str) -> None:
    with pytest.raises(BadRequest):
        await bot.set_webhook(url, secret_token=secret)
    assert (await bot.get_webhook_info()).url == ""
