"""Messages, edits and files: what Telegram takes and what it refuses."""

import pytest
from telegram import (
    Bot,
    InputMediaPhoto,
    MessageEntity,
)
from telegram.error import BadRequest

from emulator.chats import Citizen
from emulator.emulator import Emulator
from tests.telegram.client import YES


async def test_a_message_is_heard(bot: Bot, ana: Citizen) -> None:
    sent = await bot.send_message(ana.id, "Hola, Ana")
    heard = await ana.hears("Hola")
    assert (sent.chat.id, sent.message_id, sent.text) == (501, heard.id, "Hola, Ana")
    await ana.hears_nothing(within=0.05)


async def test_html_becomes_entities(bot: Bot, ana: Citizen) -> None:
    sent = await bot.send_message(ana.id, "😀 <b>1 &lt; 2 &amp; <i>más</i></b>", parse_mode="HTML")
    assert sent.text == "😀 1 < 2 & más"
    assert [sent.parse_entity(entity) for entity in sent.entities] == ["1 < 2 & más", "más"]


@pytest.mark.parametrize("html", ["<b>a", "a</b>", "<b><i>a</b></i>", "<p>a</p>", "1 < 2", '<b id="x">a</b>', "a<br/>"])
async def test_broken_html_is_refused(bot: Bot, ana: Citizen, breach: list[str], html: str) -> None:
    with pytest.raises(BadRequest, match="an't parse entities"):
        await bot.send_message(ana.id, html, parse_mode="HTML")


async def test_entities_lie_inside_the_text(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    await bot.send_message(ana.id, "😀 hola", entities=[MessageEntity("bold", 3, 4)])
    for offset, size in ((0, 8), (1, 2), (-1, 1)):
        with pytest.raises(BadRequest, match="an't parse entities"):
            await bot.send_message(ana.id, "😀 hola", entities=[MessageEntity("bold", offset, size)])


async def test_text_has_1_to_4096_characters_after_parsing(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    await bot.send_message(ana.id, "<b>" + "á" * 4096 + "</b>", parse_mode="HTML")
    for text, reason in (("a" * 4097, "too long"), ("😀" * 2049, "too long"), ("  ", "empty"), ("", "empty")):
        with pytest.raises(BadRequest, match=reason):
            await bot.send_message(ana.id, text)


async def test_a_reply_names_a_message_of_the_chat(bot: Bot, ana: Citizen) -> None:
    first = ana.writes("¿y esto?")
    sent = await bot.send_message(ana.id, "Esto", reply_to_message_id=first["message_id"])
    assert sent.reply_to_message and sent.reply_to_message.text == "¿y esto?"
    with pytest.raises(BadRequest, match="replied not found"):
        await bot.send_message(ana.id, "Esto", reply_to_message_id=999)


async def test_edits_are_heard_and_must_change_something(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    sent = await bot.send_message(ana.id, "uno", reply_markup=YES)
    await bot.edit_message_text("dos", chat_id=ana.id, message_id=sent.message_id)
    heard = await ana.hears("dos")
    assert heard.edited and heard.buttons == [] and ana.buttons == []
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("dos", chat_id=ana.id, message_id=sent.message_id)
    with pytest.raises(BadRequest, match="not found"):
        await bot.edit_message_text("dos", chat_id=ana.id, message_id=77)
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("dos", chat_id=ana.id, message_id=1)
    with pytest.raises(BadRequest, match="not specified"):
        await bot.edit_message_text("dos", chat_id=ana.id)


async def test_only_the_buttons_can_be_edited(bot: Bot, ana: Citizen) -> None:
    sent = await bot.send_message(ana.id, "uno", reply_markup=YES)
    await bot.edit_message_reply_markup(chat_id=ana.id, message_id=sent.message_id)
    assert (await ana.hears(lambda heard: heard.edited)).text == "uno" and ana.buttons == []


async def test_deleting_takes_the_message_away(bot: Bot, ana: Citizen) -> None:
    sent = await bot.send_message(ana.id, "uno", reply_markup=YES)
    assert await bot.delete_message(ana.id, sent.message_id) and ana.buttons == []
    with pytest.raises(BadRequest, match="delete not found"):
        await bot.delete_message(ana.id, sent.message_id)


async def test_typing_is_seen(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    await bot.send_chat_action(ana.id, "typing")
    await ana.sees_action("typing")
    with pytest.raises(BadRequest, match="action"):
        await bot.send_chat_action(ana.id, "thinking")


async def test_files_go_out_and_come_in(bot: Bot, ana: Citizen, emulator: Emulator) -> None:
    sent = await bot.send_document(ana.id, b"%PDF", filename="plano.pdf", caption="Plano")
    assert sent.document and sent.document.file_name == "plano.pdf"
    album = await bot.send_media_group(ana.id, [InputMediaPhoto(b"one"), InputMediaPhoto(b"two")])
    assert len({photo.media_group_id for photo in album}) == 1
    photo = ana.sends_photo("bache")["photo"][-1]
    file = await bot.get_file(photo["file_id"])
    assert bytes(await file.download_as_bytearray()).startswith(b"\x89PNG")
    large = ana.sends_document("video.mp4", size=21 * 1024 * 1024)
    with pytest.raises(BadRequest, match="too big"):
        await bot.get_file(large["document"]["file_id"])
    with pytest.raises(BadRequest, match="rong remote file"):
        await bot.send_photo(ana.id, "AgACunknown")


async def test_captions_and_albums_have_limits(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    await bot.send_photo(ana.id, b"picture", caption="á" * 1024)
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_photo(ana.id, b"picture", caption="á" * 1025)
    with pytest.raises(BadRequest, match="2-10 items"):
        await bot.send_media_group(ana.id, [InputMediaPhoto(b"one")])
    with pytest.raises(BadRequest, match="non-empty"):
        await bot.send_photo(ana.id, b"")


async def test_a_place_can_be_sent_copied_and_forwarded(bot: Bot, ana: Citizen, breach: list[str]) -> None:
    sent = await bot.send_location(ana.id, 40.4, -3.7)
    await bot.copy_message(ana.id, ana.id, sent.message_id)
    assert (await bot.forward_message(ana.id, ana.id, sent.message_id)).forward_origin
    with pytest.raises(BadRequest, match="such place"):
        await bot.send_location(ana.id, 91.0, -3.7)
    with pytest.raises(BadRequest, match="to copy not found"):
        await bot.copy_message(ana.id, ana.id, 99)
