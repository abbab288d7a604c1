"""Who types what stands on a button has pressed it: what the counter itself offers, too, and on every channel."""

import uuid

import pytest
from sqlalchemy import select

from bot.conversation.inbox import Incoming, do_receive
from bot.errors import EngineError
from bot.services import Services
from bot.states import State
from bot.store.tables import Conversation, Message
from tests.cast import NURIA, do_hire
from tests.chat import Ana
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen

PERHAPS = ("utter_faq/bulky_waste", "utter_perhaps_danger")


async def begins(services: Services, engine: FakeEngine, *responses: str, language: str = "es") -> Ana:
    """Ana has been answered with `responses`."""
    ana = citizen(services)
    await ana.arrives(language=language)
    engine.reply = says(*responses)
    await ana.says(text="hola, una pregunta" if language == "es" else "hello, a question")
    engine.reply = says("utter_rephrase")
    return ana


@pytest.mark.parametrize(
    ("language", "erase", "yes", "erased"),
    [
        ("es", "BORRAR MIS DATOS", "Sí, borrar todo", "borrad"),
        ("es", "  borrar mis datos.", "si borrar todo", "borrad"),
        ("en", "erase my data", "Yes erase everything!", "erased"),
    ],
)
async def test_erasing_can_be_finished_by_typing(
    working: Services, engine: FakeEngine, language: str, erase: str, yes: str, erased: str
) -> None:
    ana = await begins(working, engine, "utter_my_data", language=language)
    assert any(button["title"] for button in (await ana.says(text=erase))[-1]["buttons"])
    await ana.says(text=yes)
    page = await ana.reads()
    assert erased in page["messages"][-1]["text"].lower() and len(engine.asked) == 1
    async with working.database.read() as session:
        assert not [text for text in await session.scalars(select(Message.text)) if "pregunta" in text]


@pytest.mark.parametrize("words", ["dejalo", "DÉJALO", "déjalo…", "2", "la 2"])
async def test_a_notice_is_answered_in_the_words_of_its_button(
    working: Services, engine: FakeEngine, words: str
) -> None:
    ana = await begins(working, engine, "utter_faq/bulky_waste")
    engine.reply = says("utter_thank")
    await ana.says(text="mi dni es 12345678Z")
    asked = len(engine.asked)
    said = await ana.says(text=words)
    assert len(said) == 1 and said[0]["buttons"] == [] and len(engine.asked) == asked


async def test_the_words_of_a_button_of_the_counter_are_known_a_turn_later(
    working: Services, engine: FakeEngine
) -> None:
    ana = await begins(working, engine, "utter_my_data")
    await ana.says(text="y eso para qué?")
    asked = len(engine.asked)
    await ana.says(text="borrar mis datos")
    assert len(engine.asked) == asked


async def test_what_the_engine_offered_is_pressed_by_its_title_and_no_longer_after_the_next_turn(
    working: Services, engine: FakeEngine
) -> None:
    ana = await begins(working, engine, "utter_not_found")
    await ana.says(text="qué puedes hacer")
    assert (engine.asked[-1].payload, engine.asked[-1].text) == ("/capabilities", None)
    await ana.says(text="que puedes hacer")
    assert (engine.asked[-1].payload, engine.asked[-1].text) == (None, "que puedes hacer")


async def test_a_title_inside_a_sentence_and_a_number_for_the_engine_are_messages(
    working: Services, engine: FakeEngine
) -> None:
    ana = await begins(working, engine, "utter_not_found")
    for words in ("no sé qué puedes hacer por mí", "2"):
        engine.reply = says("utter_not_found")
        await ana.says(text=words)
        assert engine.asked[-1].text == words


async def test_back_to_the_assistant_can_be_typed_while_waiting(working: Services, engine: FakeEngine) -> None:
    ana = await begins(working, engine, "utter_handed_over")
    await ana.says(text="seguir con el asistente")
    assert (await ana.reads())["state"] == State.ASSISTANT


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("with_staff", [False, True])
async def test_the_button_of_danger_is_heard_pressed_and_typed_whoever_has_the_conversation(
    working: Services, engine: FakeEngine, with_staff: bool, dead: bool
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    for words in ("Estoy en peligro", None):
        ana = await begins(working, engine, *PERHAPS)
        key = (await ana.reads())["messages"][-1]["buttons"][0]["button"]
        if with_staff:
            async with working.database.write() as uow:
                await working.cases.do_claim(uow, ana.conversation, nuria)
                await uow.commit()
        engine.reply = EngineError("dead") if dead else says("utter_crisis")
        said = await ana.says(text=words) if words else await ana.says(button=key)
        assert "112" in said[0]["text"]


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_it_is_the_same_on_every_channel(working: Services, engine: FakeEngine, channel: str) -> None:
    ana = await begins(working, engine, "utter_my_data")
    asked = len(engine.asked)
    async with working.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, ana.conversation)
        await do_receive(
            uow, working.writer, conversation, Incoming(channel, uuid.uuid4().hex, "text", "ver mis datos")
        )
        await uow.commit()
    working.lane.wake()

    async def answered() -> bool:
        return not (await ana.reads())["pending"]

    await until(answered)
    assert len(engine.asked) == asked
