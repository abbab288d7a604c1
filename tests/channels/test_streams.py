"""The event streams of the web chat: everything once, in order, whether it was stored here or elsewhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bot.channels.web.streams import Streams
from bot.conversation.hub import Hub
from bot.conversation.writer import Said, Writer
from bot.services import Services
from bot.states import Author, State
from bot.store.tables import Conversation
from tests.cast import NURIA, do_hire
from tests.chat import Ana, chat_app
from tests.conftest import until
from tests.fakes import FakeEngine, says


class Heard:
    """What a page has been sent."""

    def __init__(self) -> None:
        self.raw = b""
        self.gone = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.raw += message.get("body", b"")

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    def events(self, name: str) -> list[dict[str, Any]]:
        blocks = [block.split("\r\n") for block in self.raw.decode().split("\r\n\r\n") if block]
        return [json.loads(block[-1][6:]) for block in blocks if f"event: {name}" in block]

    def seqs(self) -> list[int]:
        return [message["seq"] for message in self.events("message")]


@asynccontextmanager
async def page(services: Services, conversation: str, seen: int = 0) -> AsyncIterator[Heard]:
    """An open page; it has gone at the end of the block."""
    heard, streams = Heard(), Streams(services)
    task = asyncio.create_task(streams.open(conversation, seen, "127.0.0.1")({}, heard.receive, heard.send))
    try:
        yield heard
    finally:
        heard.gone.set()
        await asyncio.wait_for(task, 20)


@pytest.fixture
async def ana(working: Services) -> Ana:
    made = Ana(httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(working)), base_url="http://ventanilla.test"))
    await made.arrives()
    return made


async def test_a_page_is_told_each_message_once_and_in_order(working: Services, ana: Ana) -> None:
    async with page(working, ana.conversation) as heard:
        for number in range(5):
            await ana.posts(text=f"pregunta {number}")

        async def all_told() -> bool:
            return len(heard.seqs()) == 11

        await until(all_told)
        assert heard.seqs() == list(range(1, 12))
        assert heard.events("state")[-1]["state"] == State.ASSISTANT


async def test_a_page_that_was_away_goes_on_where_it_was(working: Services, ana: Ana) -> None:
    await ana.says(text="hola")
    async with page(working, ana.conversation, seen=2) as heard:

        async def told() -> bool:
            return bool(heard.seqs())

        await until(told)
        assert heard.seqs() == [3]


async def test_a_page_is_told_its_place_in_the_queue(working: Services, ana: Ana, engine: FakeEngine) -> None:
    engine.reply = says("utter_handed_over")
    async with page(working, ana.conversation) as heard:
        await ana.says(text="quiero hablar con una persona")

        async def told() -> bool:
            return any(state.get("position") == 1 for state in heard.events("state"))

        await until(told)
        assert heard.seqs() == sorted(set(heard.seqs()))


async def test_what_staff_note_among_themselves_stays_there_and_what_follows_arrives(
    working: Services, ana: Ana
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]

    async def say(author: Author, text: str) -> None:
        async with working.database.write() as uow:
            conversation = await uow.session.get_one(Conversation, ana.conversation)
            await working.writer.do_say(uow, conversation, Said(author, text, staff_id=nuria.id))
            await uow.commit()

    async with page(working, ana.conversation) as heard:
        await say(Author.NOTE, "entre nosotros")
        await say(Author.STAFF, "buenos días")

        async def told() -> bool:
            return heard.seqs()[-1:] == [3]

        await until(told)
        assert heard.seqs() == [1, 3]
        assert "entre nosotros" not in heard.raw.decode()


async def test_what_another_node_stored_arrives_without_a_word_from_it(
    working: Services, ana: Ana, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.streams.TICK", 0.01)
    elsewhere = Writer(Hub(), working.knowledge)
    async with page(working, ana.conversation) as heard:

        async def greeted() -> bool:
            return heard.seqs() == [1]

        await until(greeted)
        async with working.database.write() as uow:
            conversation = await uow.session.get_one(Conversation, ana.conversation)
            await elsewhere.do_say(uow, conversation, Said(Author.ASSISTANT, "desde otro nodo"))
            await uow.commit()

        async def told() -> bool:
            return heard.seqs() == [1, 2]

        await until(told)
        assert b": ping" in heard.raw or await _beaten(heard)


async def _beaten(heard: Heard) -> bool:
    async def beaten() -> bool:
        return b": ping" in heard.raw

    return bool(await until(beaten))


DNI = "12345678Z"


async def takes_back(ana: Ana) -> None:
    """She has typed what nobody needs, and presses the button that removes it."""
    told = (await ana.says(text=f"soy {DNI}"))[-1]
    await ana.says(button=told["buttons"][0]["button"])


async def erases_everything(ana: Ana) -> None:
    """She has typed something and has all of it erased."""
    await ana.says(text=f"soy {DNI}")
    preview = (await ana.says(text="/forget"))[0]
    await ana.posts(button=preview["buttons"][0]["button"])

    async def closed() -> bool:
        return bool((await ana.reads())["state"] == State.CLOSED)

    await until(closed)


async def test_an_open_page_is_told_what_is_left_when_she_takes_something_back(working: Services, ana: Ana) -> None:
    async with page(working, ana.conversation) as heard:
        await takes_back(ana)
        await until(lambda: asyncio.sleep(0, bool(heard.events("erased"))))
        [erased] = heard.events("erased")
        left = [message["text"] for message in erased["messages"]]
        assert "soy [DNI]" in left and DNI not in json.dumps(erased)
        await until(lambda: asyncio.sleep(0, "Hecho" in heard.events("message")[-1]["text"]))
        assert len(heard.events("state")) > 1, "a page that begins anew is told its state anew"
        told = [message["seq"] for message in erased["messages"]]
        assert heard.seqs()[-1] == told[-1] + 1, "what is said about it is a message of its own, behind the rest"


async def test_an_open_page_is_empty_when_she_has_everything_erased(working: Services, ana: Ana) -> None:
    async with page(working, ana.conversation) as heard:
        await erases_everything(ana)
        await until(lambda: asyncio.sleep(0, bool(heard.events("erased"))))
        assert heard.events("erased") == [{"messages": []}]
        await until(lambda: asyncio.sleep(0, "Hecho" in heard.events("message")[-1]["text"]))
        await until(lambda: asyncio.sleep(0, heard.events("state")[-1]["state"] == State.CLOSED))


@pytest.mark.parametrize("erasing", [takes_back, erases_everything])
async def test_a_page_that_was_away_is_told_when_it_comes_back(working: Services, ana: Ana, erasing: Any) -> None:
    seen = (await ana.says(text="hola"))[-1]["seq"]
    await erasing(ana)
    async with page(working, ana.conversation, seen=seen) as heard:
        await until(lambda: asyncio.sleep(0, bool(heard.events("message"))))
        assert len(heard.events("erased")) == 1 and DNI not in heard.raw.decode()
    async with page(working, ana.conversation) as heard:
        await until(lambda: asyncio.sleep(0, bool(heard.events("message"))))
        assert heard.events("erased") == [], "a page that shows nothing yet has nothing to take away"


@pytest.mark.parametrize("erasing", [takes_back, erases_everything])
async def test_a_page_without_a_stream_is_told_too(ana: Ana, erasing: Any) -> None:
    seen = (await ana.says(text="hola"))[-1]["seq"]
    assert (await ana.reads(seen - 1))["erased"] is False
    await erasing(ana)
    assert (await ana.reads(seen))["erased"] is True
    everything = await ana.reads()
    assert everything["erased"] is False and DNI not in json.dumps(everything)
    assert (await ana.reads(everything["next"]))["erased"] is False
