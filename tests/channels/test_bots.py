"""One bot on Telegram for each agency: what is written to one stays with it, and its trouble is nobody else's."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select

from bot.channels.telegram import link, webhook
from bot.commands.keys import do_rotate
from bot.conversation.writer import Said
from bot.health.readiness import read_parts, word_for
from bot.services import Services
from bot.settings import Settings
from bot.states import Author
from bot.store.tables import Conversation, Mark, Message
from emulator.emulator import Emulator
from emulator.played import Played
from tests.conftest import until
from tests.towns import add_pinares, answered_by_pinares, copy_town

PRICE = "En Pinares cuesta 9 €."


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """An installation of Aldealba that Pinares shares."""
    town = copy_town(tmp_path / "town")
    add_pinares(town)
    answered_by_pinares(town)
    return settings.model_copy(update={"knowledge": town})


@pytest.fixture
def pinares(emulator: Emulator) -> Played:
    """Pinares' bot; the emulator itself plays Aldealba's."""
    return emulator.another("pinares_bot")


@pytest.fixture
async def bots(working: Services, emulator: Emulator, pinares: Played) -> AsyncIterator[Services]:
    """The product listening to both."""
    meet(working, emulator, pinares)
    async with link.connected(working):
        await emulator.listened()
        await pinares.listened()
        yield working


def meet(services: Services, emulator: Emulator, pinares: Played) -> None:
    services.settings.telegram_token = SecretStr(emulator.token)
    services.settings.telegram_tokens = {"pinares": SecretStr(pinares.token)}
    services.settings.telegram_api_base = emulator.address


async def conversations(services: Services) -> list[Conversation]:
    async with services.database.read() as session:
        return list(await session.scalars(select(Conversation).order_by(Conversation.agency)))


async def at_both(emulator: Emulator, pinares: Played, here_says: str, there_says: str) -> tuple[Any, Any]:
    """Ana, who has asked the bots of both towns and heard from both."""
    here, there = emulator.citizen("Ana", id=501), pinares.citizen("Ana", id=501)
    here.writes(here_says)
    there.writes(there_says)
    await here.hears("gratis")
    await there.hears("Pinares cuesta")
    return here, there


async def said(services: Services, conversation: Conversation) -> str:
    async with services.database.read() as session:
        texts = select(Message.text).where(Message.conversation_id == conversation.id)
        return "\n".join(await session.scalars(texts))


async def test_each_citizen_reads_the_price_of_the_town_whose_bot_she_writes_to(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    ana, bruno = emulator.citizen("Ana", id=501), pinares.citizen("Bruno", id=502)
    ana.writes("un sofá")
    bruno.writes("un sofá")
    assert PRICE in (await bruno.hears("Pinares cuesta")).text
    assert PRICE not in (await ana.hears("gratis")).text
    assert "Ayuntamiento de Pinares" in bruno.heard[0].text and "Aldealba" in ana.heard[0].text


async def test_who_writes_to_two_bots_has_two_conversations_and_nothing_mixes(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    here, there = emulator.citizen("Ana", id=501), pinares.citizen("Ana", id=501)
    first, second = here.writes("un sofá azul"), there.writes("un colchón verde")
    assert first["message_id"] == second["message_id"], "numbers are each bot's own"
    await here.hears("gratis")
    await there.hears("Pinares cuesta")
    ours, theirs = await conversations(bots)
    assert (ours.agency, ours.channel, theirs.agency, theirs.channel) == ("aldealba", "telegram", "pinares", "telegram")
    assert "azul" in await said(bots, ours) and "verde" not in await said(bots, ours)
    assert "verde" in await said(bots, theirs) and "azul" not in await said(bots, theirs)
    assert ours.address_key != theirs.address_key
    assert ours.address_key == bots.secrets.key_of("telegram", "501"), "who wrote before keeps her history"


async def test_what_staff_write_leaves_by_the_bot_that_she_wrote_to(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    here, there = await at_both(emulator, pinares, "un sofá", "un colchón")
    _, theirs = await conversations(bots)
    async with bots.database.write() as uow:
        conversation = await uow.session.get(Conversation, theirs.id)
        assert conversation
        await bots.writer.do_say(uow, conversation, Said(Author.STAFF, "La recogida es el lunes.", name="Olga"))
        await uow.commit()
    await there.hears("La recogida es el lunes.")
    assert not any("lunes" in heard.text for heard in here.heard)


async def test_an_update_album_or_block_of_one_bot_is_not_taken_for_the_others(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    here, there = emulator.citizen("Ana", id=501), pinares.citizen("Ana", id=501)
    [ours, *_], [theirs, *_] = here.sends_album(2), there.sends_album(2)
    assert ours["media_group_id"] == theirs["media_group_id"]
    await here.hears("texto")
    await there.hears("texto")
    there.blocks()
    await pinares.settled()

    async def unreachable() -> list[str | None]:
        found = [one.unreachable for one in await conversations(bots)]
        return found if any(found) else []

    assert await until(unreachable) == [None, "blocked_by_citizen"]


async def test_who_asks_one_bot_to_forget_her_is_still_known_to_the_other(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    _, there = await at_both(emulator, pinares, "un sofá azul", "un colchón verde")
    there.writes("/misdatos")
    call = (await pinares.called("sendDocument", 2))[0]
    [kept] = [file.content.decode() for file in call.files.values()]
    assert "colchón verde" in kept and "sofá azul" not in kept
    there.writes("/olvidar")
    ask = await there.hears("Se borrará para siempre")
    there.presses(ask.buttons[0], on=ask)
    await there.hears("borrado")

    async def left() -> list[str]:
        found = [one.agency for one in await conversations(bots)]
        return found if len(found) == 1 else []

    assert await until(left) == ["aldealba"]
    async with bots.database.read() as session:
        marks = list(await session.scalars(select(Mark.name).where(Mark.name.like("telegram_update:pinares:%"))))
    assert len(marks) <= 1, "only the press itself is left, which came behind what was erased"


async def test_a_bot_that_is_asked_to_wait_holds_nobody_elses(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    pinares.plays("sendMessage", status=429, retry_after=3_600, times=2)
    for number in (502, 503):
        pinares.citizen(f"Bruno {number}", id=number).writes("un sofá")
    await pinares.called("sendMessage", 2)

    async def paused() -> bool:
        async with bots.database.read() as session:
            return await session.get(Mark, "pause:telegram:pinares") is not None

    await until(paused)
    ana = emulator.citizen("Ana", id=501)
    ana.writes("un sofá")
    await ana.hears("gratis")
    assert {call.status for call in pinares.calls_of("sendMessage")} == {429}


async def test_a_bot_whose_token_is_refused_is_told_by_itself(
    working: Services, emulator: Emulator, pinares: Played
) -> None:
    meet(working, emulator, pinares)
    working.settings.telegram_tokens = {"pinares": SecretStr("1:AAnobody_knows_this_one")}
    async with link.connected(working):
        await emulator.listened()

        async def refused() -> dict[str, Any] | None:
            parts = await read_parts(working)
            return None if parts["telegram:pinares"]["ok"] else parts

        parts = await until(refused)
        assert parts["telegram"] == {"ok": True, "configured": True}
        assert parts["telegram:pinares"] == {"ok": False, "configured": True}
        assert word_for(parts) == "degraded"


async def test_each_bot_goes_on_where_it_had_ended(working: Services, emulator: Emulator, pinares: Played) -> None:
    meet(working, emulator, pinares)
    ana, bruno = emulator.citizen("Ana", id=501), pinares.citizen("Bruno", id=502)
    async with link.connected(working):
        bruno.writes("uno")
        await bruno.hears("Pinares cuesta")
        await pinares.settled()
    ana.writes("un sofá")
    bruno.writes("dos")
    async with link.connected(working):
        await ana.hears("gratis")
        await bruno.hears("Pinares cuesta")
        await pinares.settled()
        await emulator.settled()
    [_, theirs] = await conversations(working)
    assert (await said(working, theirs)).count("uno\n") == 1


@pytest.fixture
async def telegram(working: Services, emulator: Emulator, pinares: Played) -> AsyncIterator[httpx.AsyncClient]:
    """Telegram calling the webhooks of both bots."""
    meet(working, emulator, pinares)
    app = FastAPI()
    app.include_router(webhook.router(working))
    calling = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t")
    async with link.connected(working), calling as client:
        yield client


async def test_each_bot_has_its_webhook_which_only_its_own_secret_opens(
    telegram: httpx.AsyncClient, working: Services
) -> None:
    sent = json.dumps({"update_id": 9, "message": {"message_id": 7, "date": 1, "text": "un sofá",
                                                   "chat": {"id": 501, "type": "private"}}})  # fmt: skip
    home, theirs = (working.secrets.derived(f"telegram-webhook{of}") for of in ("", ":pinares"))
    calls = [("", home, 200), ("/pinares", home, 401), ("", theirs, 401), ("/pinares", theirs, 200)]
    calls += [("/nowhere", theirs, 401), ("/riomar", working.secrets.derived("telegram-webhook:riomar"), 401)]
    for path, secret, status in calls:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        answer = await telegram.post(f"/telegram/webhook{path}", content=sent, headers=headers)
        assert answer.status_code == status, path
    assert [one.agency for one in await conversations(working)] == ["aldealba", "pinares"]


async def test_with_a_public_address_each_bot_is_called_at_its_own(
    working: Services, emulator: Emulator, pinares: Played
) -> None:
    meet(working, emulator, pinares)
    working.settings.public_url = "http://127.0.0.1:9"
    async with link.connected(working):
        await emulator.called("setWebhook")
        await pinares.called("setWebhook")
    ours, theirs = emulator.calls_of("setWebhook")[0].values, pinares.calls_of("setWebhook")[0].values
    assert ours["url"] == "http://127.0.0.1:9/telegram/webhook"
    assert theirs["url"] == "http://127.0.0.1:9/telegram/webhook/pinares"
    assert ours["secret_token"] != theirs["secret_token"]


async def test_a_bots_citizens_are_recognised_after_the_key_has_been_rotated(
    bots: Services, emulator: Emulator, pinares: Played
) -> None:
    _, there = await at_both(emulator, pinares, "un sofá", "un colchón")
    before = [one.address_key for one in await conversations(bots)]
    await asyncio.to_thread(do_rotate, bots.settings, "", 0.0)
    after = [one.address_key for one in await conversations(bots)]
    assert not set(before) & set(after)
    there.writes("otro colchón")
    await there.hears("Pinares cuesta")
    assert [one.address_key for one in await conversations(bots)] == after
