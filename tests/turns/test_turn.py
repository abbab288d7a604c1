"""One turn: a late answer is dropped, a dead engine leads to a person, and order is kept."""

import asyncio
from dataclasses import replace

import httpx
from sqlalchemy import func, select

from bot.errors import EngineError, EngineRefused
from bot.services import Services
from bot.states import Outcome, Reason, State
from bot.store.tables import Case, Conversation, Inbox, Message, Turn
from tests.cast import NURIA, do_hire
from tests.chat import Ana, chat_app
from tests.conftest import until
from tests.fakes import FakeEngine, says


def citizen(services: Services) -> Ana:
    transport = httpx.ASGITransport(chat_app(services))
    return Ana(httpx.AsyncClient(transport=transport, base_url="http://ventanilla.test"))


async def test_a_dead_engine_leads_to_a_person_and_never_to_silence(working: Services, engine: FakeEngine) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = EngineError("dead")
    said = await ana.says(text="hola")
    assert len(said) >= 1
    assert (await ana.reads())["state"] == State.WAITING_STAFF
    async with working.database.read() as session:
        case = (await session.execute(select(Case))).scalar_one()
    assert case.reason == Reason.ASSISTANT_ERROR


async def test_a_late_answer_is_dropped_when_a_person_has_taken_over(working: Services, engine: FakeEngine) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = citizen(working)
    await ana.arrives()
    asked, release = asyncio.Event(), asyncio.Event()

    async def slow(turn: object) -> object:
        asked.set()
        await release.wait()
        return says("utter_faq/bulky_waste")

    engine.ask = slow  # type: ignore[method-assign, assignment]
    await ana.posts(text="¿el sofá?")
    await asked.wait()
    async with working.database.write() as uow:
        await working.cases.do_claim(uow, ana.conversation, nuria)
        await uow.commit()
    release.set()

    async def ended() -> Turn | None:
        async with working.database.read() as session:
            return (await session.execute(select(Turn))).scalar_one_or_none()

    turn = await until(ended)
    assert turn.outcome == Outcome.WITH_STAFF
    assert not any(message.get("topic") for message in (await ana.reads())["messages"])


async def test_ten_messages_at_once_are_answered_in_their_order(working: Services, engine: FakeEngine) -> None:
    ana = citizen(working)
    await ana.arrives()
    for number in range(10):
        await ana.posts(text=f"pregunta {number}")

    async def all_answered() -> bool:
        return not (await ana.reads())["pending"]

    await until(all_answered)
    assert [turn.text for turn in engine.asked] == [f"pregunta {number}" for number in range(10)]


async def test_two_lanes_answer_each_message_once(services: Services, engine: FakeEngine) -> None:
    from bot.turns.assistant import Assistant
    from bot.turns.lane import Lane
    from bot.turns.turn import Turns

    ana = citizen(services)
    await ana.arrives()
    for number in range(5):
        await ana.posts(text=f"pregunta {number}")
    assistant = Assistant(engine, services.knowledge, services.switch)  # type: ignore[arg-type]
    turns = Turns(services.database, services.writer, services.cases, assistant)
    lanes = [Lane(services.database, turns) for _ in range(2)]
    running = [asyncio.create_task(lane.run()) for lane in lanes]

    async def all_answered() -> bool:
        return not (await ana.reads())["pending"]

    await until(all_answered)
    for lane in lanes:
        await lane.stop()
    await asyncio.gather(*running)
    async with services.database.read() as session:
        answered = await session.scalar(select(func.count()).where(Inbox.answered_at.is_not(None)))
        replies = await session.scalar(select(func.count()).where(Message.topic == "bulky_waste"))
    assert (answered, replies) == (5, 5)


async def test_two_misunderstandings_in_a_row_are_counted_and_an_answer_forgets_them(
    working: Services, engine: FakeEngine
) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = says("utter_not_found")
    await ana.says(text="blurb")
    await ana.says(text="blurb blurb")
    assert [turn.slots["misunderstood"] for turn in engine.asked] == [0, 1]
    engine.reply = says("utter_faq/bulky_waste")
    await ana.says(text="un sofá")
    async with working.database.read() as session:
        conversation = await session.get_one(Conversation, ana.conversation)
    assert conversation.misunderstood == 0


async def test_a_form_that_the_model_no_longer_has_ends_and_the_citizen_is_told(
    working: Services, engine: FakeEngine
) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = says("utter_ask_item_text", form="item_form")
    await ana.says(text="quiero avisar de algo")
    engine.reply = replace(says("utter_not_found"), form_gone="item_form")
    told, answer = await ana.says(text="una farola")
    assert "empieza de nuevo" in told["text"] and answer["text"]
    assert (await ana.reads())["state"] == State.ASSISTANT


async def test_a_button_of_a_model_that_is_gone_says_so_and_calls_nobody(working: Services, engine: FakeEngine) -> None:
    ana = citizen(working)
    greeting = await ana.arrives()
    engine.reply = EngineRefused("There is no topic 'gone'.")
    [said] = await ana.says(button=greeting[-1]["buttons"][0]["button"])
    assert "ya no lleva" in said["text"] and said["outcome"] == Outcome.CLARIFIED
    assert (await ana.reads())["state"] == State.ASSISTANT


async def test_a_topic_that_the_model_knows_and_the_files_do_not_is_never_read_as_a_name(
    working: Services, engine: FakeEngine
) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = says("utter_faq/aid_of_long_ago")
    said = await ana.says(text="¿qué ayudas hay?")
    assert said and not any("utter_" in message["text"] for message in said)
    assert said[0]["text"] == working.knowledge.text("utter_not_found", "es")
