"""The switch: the assistant is off, citizens are told and people answer; on again, it goes on where it stood."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from bot.errors import EngineError
from bot.handoff.switch import ALL, Switch
from bot.services import Services
from bot.states import Reason, State
from bot.store.database import Database
from bot.store.tables import Case, Conversation, Event
from tests.cast import NURIA, do_hire
from tests.chat import Ana, chat_app
from tests.conftest import until
from tests.fakes import FakeEngine, says


@pytest.fixture
async def ana(working: Services) -> AsyncIterator[Ana]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(working)), base_url="http://t") as http:
        ana = Ana(http)
        await ana.arrives(language="es")
        yield ana


async def test_while_it_is_off_a_person_is_called_and_the_citizen_told(
    ana: Ana, working: Services, engine: FakeEngine
) -> None:
    engine.reply = EngineError("dead as well")
    await working.switch.do_turn_off(ALL, "operator:root", "wrong fees")
    [told] = await ana.says(text="quiero tirar un sofá")
    assert "apagado" in told["text"]
    assert "persona" in told["text"]
    assert "wrong fees" not in told["text"]
    async with working.database.read() as session:
        case = (await session.scalars(select(Case))).one()
        conversation = await session.get_one(Conversation, ana.conversation)
    assert (case.reason, conversation.state) == (Reason.ASSISTANT_OFF, State.WAITING_STAFF)


async def test_she_is_told_in_her_language(ana: Ana, working: Services) -> None:
    await working.switch.do_turn_off(ALL, "operator:root")
    [told] = await ana.says(text="hello, how do I get rid of an old sofa please?")
    assert "switched off" in told["text"]


async def test_danger_is_heard_while_it_is_off(ana: Ana, working: Services) -> None:
    await working.switch.do_turn_off(ALL, "operator:root")
    told = await ana.says(text="quiero suicidarme")
    assert "112" in told[0]["text"]
    async with working.database.read() as session:
        assert (await session.scalars(select(Case.reason))).one() == Reason.CRISIS


async def test_a_form_that_was_begun_is_kept(ana: Ana, working: Services, engine: FakeEngine) -> None:
    engine.reply = says("utter_ask_item_place", form="item_form", slots={"item_text": "farola rota"})
    await ana.says(text="hay una farola rota")
    await working.switch.do_turn_off(ALL, "operator:root")
    await ana.says(text="calle Luna 12")
    async with working.database.read() as session:
        conversation = await session.get_one(Conversation, ana.conversation)
        case = (await session.scalars(select(Case))).one()
    assert conversation.engine_state and conversation.engine_state["active_form"] == "item_form"
    assert case.packet["form"]["fields"][0]["value"] == "farola rota"


async def test_the_buttons_of_the_page_still_work(ana: Ana, working: Services, engine: FakeEngine) -> None:
    await working.switch.do_turn_off(ALL, "operator:root")
    [english] = await ana.says(button="lang.en")
    assert english["language"] == "en"
    await ana.says(text="hello, are you there?")
    await ana.posts(button="system.back")

    async def told() -> bool:
        return "still switched off" in (await ana.reads())["messages"][-1]["text"]

    await until(told)
    assert (await ana.reads())["state"] == "waiting_staff"
    await ana.posts(button="system.end")

    async def ended() -> bool:
        return bool((await ana.reads())["state"] == "closed")

    await until(ended)


@pytest.mark.parametrize(("off", "says_"), [(True, "está apagado"), (False, "Vuelve a atenderte el asistente")])
async def test_who_is_handed_back_reads_whether_the_assistant_is_there(
    ana: Ana, working: Services, engine: FakeEngine, off: bool, says_: str
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    engine.reply = says("utter_handed_over", handoff="citizen_request")
    await ana.says(text="quiero una persona")
    async with working.database.write() as uow:
        await working.cases.do_claim(uow, ana.conversation, nuria)
        await uow.commit()
    if off:
        await working.switch.do_turn_off(ALL, "operator:root")
    async with working.database.write() as uow:
        await working.cases.do_hand_back(uow, ana.conversation, nuria)
        await uow.commit()
    assert says_ in (await ana.reads())["messages"][-1]["text"]


async def test_on_again_the_assistant_answers(ana: Ana, working: Services, engine: FakeEngine) -> None:
    await working.switch.do_turn_off(ALL, "operator:root")
    assert await working.switch.do_turn_on(ALL, "operator:root")
    [answer] = await ana.says(text="quiero tirar un sofá")
    assert answer["topic"] == "bulky_waste"
    assert not await working.switch.do_turn_on(ALL, "operator:root")


async def test_another_agency_is_not_concerned(ana: Ana, working: Services) -> None:
    await working.switch.do_turn_off("riomar", "operator:root")
    [answer] = await ana.says(text="quiero tirar un sofá")
    assert answer["topic"] == "bulky_waste"
    await working.switch.do_turn_off("aldealba", "operator:root")
    [told] = await ana.says(text="quiero tirar un sofá")
    assert "apagado" in told["text"]


async def test_another_node_hears_of_it(services: Services) -> None:
    database = Database(services.settings.database)
    other = Switch(database, services.knowledge)
    watching = asyncio.create_task(other.run())
    await services.switch.do_turn_off(ALL, "operator:root", "mantenimiento")

    async def heard() -> bool:
        return (off := other.off("estado")) is not None and off.reason == "mantenimiento"

    await until(heard)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await database.close()


async def test_each_use_is_written_down_with_who(services: Services) -> None:
    await services.switch.do_turn_off(ALL, "operator:root", "wrong fees")
    await services.switch.do_turn_on(ALL, "staff:7")
    async with services.database.read() as session:
        events = (await session.scalars(select(Event).where(Event.agency == "riomar").order_by(Event.id))).all()
    assert [(event.kind, event.actor, event.data) for event in events] == [
        ("assistant_off", "operator:root", {"scope": ALL, "reason": "wrong fees"}),
        ("assistant_on", "staff:7", {"scope": ALL}),
    ]


@pytest.mark.parametrize("waiting", [False, True])
async def test_danger_that_only_the_engine_hears_gets_its_numbers_while_the_assistant_is_off(
    ana: Ana, working: Services, engine: FakeEngine, waiting: bool
) -> None:
    await working.switch.do_turn_off(ALL, "operator:root", "wrong fees")
    if waiting:
        await ana.says(text="hola")
    engine.reply = says("utter_crisis")
    said = await ana.says(text="ya he escrito la carta para mis hijos")
    assert "112" in said[0]["text"]
    async with working.database.read() as session:
        case = (await session.scalars(select(Case))).one()
    assert case.reason == Reason.CRISIS


async def test_of_the_engine_only_its_judgement_counts_while_the_assistant_is_off(
    ana: Ana, working: Services, engine: FakeEngine
) -> None:
    await working.switch.do_turn_off(ALL, "operator:root", "wrong fees")
    engine.reply = says("utter_faq/bulky_waste")
    [told] = await ana.says(text="quiero tirar un sofá")
    assert "apagado" in told["text"]
