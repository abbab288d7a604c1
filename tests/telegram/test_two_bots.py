"""Two bots on one Telegram: each has its token, its chats, its updates and its webhook."""

import pytest
from telegram import Bot
from telegram.error import BadRequest, InvalidToken

from emulator.emulator import Emulator
from emulator.played import Played


@pytest.fixture
def second(emulator: Emulator) -> Played:
    return emulator.another("pinares_bot")


def client_of(emulator: Emulator, token: str) -> Bot:
    return Bot(token, base_url=emulator.base_url, base_file_url=emulator.base_file_url)


async def test_each_bot_is_called_by_its_own_token(emulator: Emulator, second: Played) -> None:
    assert emulator.token != second.token
    for bot in (emulator, second):
        async with client_of(emulator, bot.token) as client:
            assert client.token.startswith(f"{client.id}:") and client.username == bot.world.bot["username"]
    with pytest.raises(InvalidToken):
        await client_of(emulator, "1:AAnobody").initialize()


async def test_one_person_writes_to_both_and_each_hears_its_own(emulator: Emulator, second: Played) -> None:
    here, there = emulator.citizen("Ana", id=501), second.citizen("Ana", id=501)
    here.writes("hola")
    there.writes("buenas")
    async with client_of(emulator, emulator.token) as one, client_of(emulator, second.token) as other:
        [first], [other_first] = await one.get_updates(), await other.get_updates()
        assert first.message and other_first.message and first.update_id == other_first.update_id
        assert (first.message.text, other_first.message.text) == ("hola", "buenas")
        await other.send_message(501, "Pinares")
        await there.hears("Pinares")
        await here.hears_nothing()
    assert [call.method for call in emulator.calls].count("sendMessage") == 0


async def test_who_has_written_to_one_bot_cannot_be_written_to_by_the_other(emulator: Emulator, second: Played) -> None:
    emulator.citizen("Ana", id=501).writes("hola")
    async with client_of(emulator, second.token) as other:
        with pytest.raises(BadRequest, match=r"(?i)chat not found"):
            await other.send_message(501, "hola")


async def test_what_one_bot_breaks_is_told_of_the_whole_telegram(emulator: Emulator, second: Played) -> None:
    second.violations.append("sendMessage: something")
    assert emulator.broken() == ["sendMessage: something"]
    second.violations.clear()
