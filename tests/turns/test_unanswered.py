"""What the assistant could not answer is kept for the administrators: without personal data, and never twice."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import select

from bot.privacy.forget import do_forget
from bot.privacy.retention import Retention, read_days
from bot.replicas.client import EngineReply, EngineTurn
from bot.services import Services
from bot.settings import ROOT
from bot.states import State
from bot.store.tables import Conversation, Inbox, now
from bot.store.unanswered import Unanswered
from bot.turns.assistant import Assistant
from bot.turns.turn import Turns
from tests.chat import Ana
from tests.fakes import FakeEngine, says
from tests.privacy.test_unsay import remove
from tests.turns.test_turn import citizen

SOFA = {"title": "Tirar un sofá", "payload": "/faq/bulky_waste"}
TAX = {"title": "El IBI", "payload": "/faq/property_tax"}
NONE = {"title": "Ninguna", "payload": "/rephrase"}


async def kept(services: Services) -> list[Unanswered]:
    async with services.database.read() as session:
        return list(await session.scalars(select(Unanswered).order_by(Unanswered.id)))


async def arrived(services: Services) -> Ana:
    ana = citizen(services)
    await ana.arrives()
    return ana


async def test_what_the_answer_does_not_say_is_kept_for_those_whose_answer_it_is(
    working: Services, engine: FakeEngine
) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_part_unsaid", topic_id="id_card_renew", title="Renovar el DNI", parts="", ways="")
    await ana.says(text="¿y si estoy en silla de ruedas? Mi móvil es el 612 34 56 78")
    [row] = await kept(working)
    assert row.text == "¿y si estoy en silla de ruedas? Mi móvil es el [PHONE]"
    topic = working.knowledge.topics["id_card_renew"]
    assert (row.kind, row.topic, row.agency, row.language) == ("not_in_answer", topic.id, topic.agency, "es")
    assert topic.agency != "aldealba", "an answer of another agency than the one she writes to"
    assert row.conversation_id == ana.conversation and row.done_at is None


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        ("utter_not_found", "not_understood"),
        ("utter_clarify", "not_understood"),
        ("utter_offer_person", "not_understood"),
        ("utter_out_of_scope", "out_of_scope"),
    ],
)
async def test_what_was_not_understood_or_nobodys_business_is_kept_without_a_topic(
    working: Services, engine: FakeEngine, response: str, kind: str
) -> None:
    ana = await arrived(working)
    engine.reply = says(response)
    await ana.says(text="lo del chisme aquel")
    [row] = await kept(working)
    assert (row.kind, row.topic, row.agency, row.text) == (kind, None, "aldealba", "lo del chisme aquel")


async def test_who_finds_it_among_what_was_offered_was_understood(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_clarify", buttons=[SOFA, TAX, NONE])
    [asked] = await ana.says(text="lo del sofá o el impuesto")
    engine.reply = says("utter_faq/bulky_waste")
    await ana.says(button=asked["buttons"][0]["button"])
    assert await kept(working) == []


async def test_who_names_what_was_offered_in_her_own_words_was_understood(
    working: Services, engine: FakeEngine
) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_clarify", buttons=[SOFA, TAX, NONE])
    await ana.says(text="lo del sofá o el impuesto")
    engine.reply = replace(says("utter_faq/bulky_waste"), topic="bulky_waste")
    await ana.says(text="el primero")
    assert await kept(working) == []


@pytest.mark.parametrize("response", ["utter_not_found", "utter_offer_person"])
async def test_who_is_told_that_nothing_was_found_and_presses_what_stands_below_was_not_understood(
    working: Services, engine: FakeEngine, response: str
) -> None:
    for payload in ("/ask_human", "/capabilities"):
        ana = await arrived(working)
        engine.reply = says(response)
        [told] = await ana.says(text=f"lo del chisme, {payload}")
        buttons = [one["button"] for one in told["buttons"]]
        shown = working.knowledge.answer(response, "es")
        assert shown
        engine.reply = says("utter_handed_over" if payload == "/ask_human" else "utter_capabilities")
        await ana.says(button=buttons[[one.payload for one in shown.buttons].index(payload)])
    assert [row.text for row in await kept(working)] == ["lo del chisme, /ask_human", "lo del chisme, /capabilities"]


async def test_that_an_answer_says_no_more_is_kept_too(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_part_unsaid_more", topic_id="census_register", title="El padrón", ways="")
    await ana.says(text="¿y a un perro, de verdad que no?")
    assert [(row.kind, row.topic) for row in await kept(working)] == [("not_in_answer", "census_register")]


@pytest.mark.parametrize("waits", [False, True])
async def test_a_question_that_another_node_has_answered_and_kept_is_left_to_it(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    ana = await arrived(services)
    async with services.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, ana.conversation)
        conversation.channel = "telegram"  # whose lines are queued while the turn is stored
        conversation.state = State.WAITING_STAFF if waits else State.ASSISTANT
        uow.session.add(
            Inbox(
                channel="telegram", external_id="1", conversation_id=ana.conversation, message_seq=1, kind="text",
                payload={}, turn_id="t_1",
            )
        )  # fmt: skip
        conversation.waiting_messages = 1
        await uow.commit()
    both, asked = asyncio.Event(), 0

    async def ask(turn: EngineTurn) -> EngineReply:
        nonlocal asked
        asked += 1
        if asked == 2:
            both.set()
        await both.wait()
        return says("utter_part_unsaid", topic_id="census_register", title="", parts="", ways="")

    monkeypatch.setattr(engine, "ask", ask)
    assistant = Assistant(engine, services.knowledge, services.switch)  # type: ignore[arg-type]
    nodes = [Turns(services.database, services.writer, services.cases, assistant) for _ in range(2)]
    with structlog.testing.capture_logs() as logged:
        await asyncio.gather(*(node.do_next(ana.conversation) for node in nodes))
    told = [entry["event"] for entry in logged]
    assert "turn.answered_meanwhile" in told and "turn.not_stored" not in told
    assert len(await kept(services)) == 1


async def test_none_of_what_was_offered_leaves_the_question_and_the_press_is_no_question(
    working: Services, engine: FakeEngine
) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_clarify", buttons=[SOFA, TAX, NONE])
    [asked] = await ana.says(text="lo del chisme")
    engine.reply = replace(says("utter_rephrase"), intent="rephrase")
    await ana.says(button=asked["buttons"][2]["button"])
    engine.reply = replace(says("utter_faq/census_register"), topic="census_register")
    await ana.says(text="empadronarme")
    assert [row.text for row in await kept(working)] == ["lo del chisme"]


async def test_that_it_was_something_else_that_she_meant_is_no_question(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    for response in ("utter_rephrase", "utter_offer_person"):
        engine.reply = replace(says(response), intent="rephrase")
        await ana.says(text="no, no es eso")
    assert await kept(working) == []


async def test_an_answer_and_a_form_keep_nothing(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    await ana.says(text="un sofá")
    engine.reply = says("utter_ask_item_place", form="item_form")
    await ana.says(text="hay un bache")
    assert await kept(working) == []


async def test_a_question_asked_while_a_person_is_waited_for_is_that_persons(
    working: Services, engine: FakeEngine
) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_handed_over")
    await ana.says(text="quiero una persona")
    engine.reply = says("utter_not_found")
    await ana.says(text="lo del chisme")
    assert await kept(working) == [], "noted for the person who comes"
    engine.reply = says("utter_part_unsaid", topic_id="census_register", title="", parts="", ways="")
    await ana.says(text="¿y a un perro?")
    assert [row.topic for row in await kept(working)] == ["census_register"], "said, not noted"


async def test_who_has_her_data_erased_leaves_no_word_of_it(working: Services, engine: FakeEngine) -> None:
    ana, bea = await arrived(working), await arrived(working)
    engine.reply = says("utter_not_found")
    await ana.says(text="lo de Ana")
    await bea.says(text="lo de Bea")
    async with working.database.write() as uow:
        await do_forget(uow, await uow.session.get_one(Conversation, ana.conversation))
        await uow.commit()
    assert [row.text for row in await kept(working)] == ["lo de Bea"]


async def test_what_she_has_removed_is_covered_in_a_question_that_spells_it_otherwise(
    working: Services, engine: FakeEngine
) -> None:
    ana = await arrived(working)
    told = (await ana.says(text="mi DNI es 12345678Z"))[-1]
    engine.reply = says("utter_not_found")
    await ana.says(text="¿y con el 12345678 qué?")
    assert (await kept(working))[0].text == "¿y con el 12345678 qué?", "by itself it is a number like any other"
    await ana.says(button=remove(told))
    assert (await kept(working))[0].text == "¿y con el [DNI] qué?"


async def test_it_goes_with_the_conversation_when_that_is_old(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_not_found")
    await ana.says(text="lo del chisme")
    async with working.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, ana.conversation)
        conversation.state, conversation.closed_at = "closed", now() - dt.timedelta(days=2_000)
        await uow.commit()
    await Retention(working.database, read_days(ROOT)).do_erase("aldealba")
    assert await kept(working) == []
