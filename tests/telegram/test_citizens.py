"""What the played citizens do reaches the client; what they may not is refused."""

import pytest
from telegram import (
    Bot,
)
from telegram.error import BadRequest, Forbidden
from telegram.ext import (
    filters,
)

from emulator.chats import Citizen
from emulator.emulator import Emulator


async def test_the_client_reads_everything_that_citizens_do(bot: Bot, emulator: Emulator) -> None:
    bruno = emulator.citizen("Bruno", language="en")
    bruno.starts("report_12")
    bruno.sends_location(40.1, -3.2)
    bruno.sends_photo("a hole")
    bruno.sends_voice()
    bruno.sends_sticker()
    bruno.sends_document("plan.pdf")
    bruno.sends_contact("+34600000000")
    bruno.edits(bruno.writes("lihgt"), "light")
    bruno.blocks()
    bruno.unblocks()
    updates = await bot.get_updates()
    kinds: list[filters.BaseFilter] = [
        filters.COMMAND,
        filters.LOCATION,
        filters.PHOTO,
        filters.VOICE,
        filters.Sticker.ALL,
    ]
    kinds += [filters.Document.ALL, filters.CONTACT, filters.TEXT, filters.UpdateType.EDITED_MESSAGE]
    assert all(kind.check_update(update) for kind, update in zip(kinds, updates[:9], strict=True))
    blocked, back = (update.my_chat_member for update in updates[9:])
    assert blocked and blocked.new_chat_member.status == "kicked"
    assert back and back.new_chat_member.status == "member"


async def test_an_album_shares_its_group(bot: Bot, ana: Citizen) -> None:
    ana.sends_album(3)
    updates = await bot.get_updates()
    assert len(updates) == 3
    assert len({update.message.media_group_id for update in updates if update.message}) == 1


async def test_the_bot_cannot_write_first_nor_to_nobody(bot: Bot, emulator: Emulator) -> None:
    bruno = emulator.citizen("Bruno")
    with pytest.raises(Forbidden, match="can't initiate"):
        await bot.send_message(bruno.id, "Hola")
    with pytest.raises(BadRequest, match="hat not found"):
        await bot.send_message(999, "Hola")


async def test_a_blocked_bot_gets_403_until_it_is_let_in(bot: Bot, ana: Citizen) -> None:
    ana.blocks()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(ana.id, "Hola")
    ana.unblocks()
    assert await bot.send_message(ana.id, "Hola")


async def test_a_deep_link_payload_is_checked(ana: Citizen, emulator: Emulator) -> None:
    assert ana.starts("a" * 64)["text"].startswith("/start a")
    for payload in ("a" * 65, "calle Mayor", "ñ"):
        with pytest.raises(AssertionError, match="payload"):
            ana.starts(payload)


async def test_in_a_group_the_bot_reads_what_is_meant_for_it(bot: Bot, ana: Citizen) -> None:
    there = ana.in_group("Vecinos")
    there.writes("¿quién baja la basura?")
    there.writes("/help")
    there.writes("@ventanilla_bot hola")
    updates = await bot.get_updates()
    assert updates[0].my_chat_member and updates[1].message and updates[1].message.new_chat_members
    assert [update.message.text for update in updates[2:] if update.message] == ["/help", "@ventanilla_bot hola"]
    await bot.send_message(there.chat.id, "Escríbeme en privado")
    await there.hears("privado")
    assert await bot.leave_chat(there.chat.id)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(there.chat.id, "Adiós")
    assert ana.heard == []


async def test_who_hears_nothing_says_what_was_heard_instead(bot: Bot, ana: Citizen) -> None:
    await bot.send_message(ana.id, "Buenas")
    with pytest.raises(AssertionError, match="Buenas"):
        await ana.hears("Adiós", within=0.05)
    with pytest.raises(AssertionError, match="Buenas"):
        await ana.hears_nothing(within=0.05)
