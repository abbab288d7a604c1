"""Danger is heard while somebody waits for a person or talks to one: numbers at once, and the case goes to the top."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.desk.queries import Filter, read_next_waiting, read_rows
from bot.errors import BotError, EngineError
from bot.services import Services
from bot.states import Outcome, Reason, State
from bot.store.tables import Case, Conversation, Event, Staff, Turn
from bot.turns import assistant as assistant_module
from bot.turns import hand_over
from tests.cast import NURIA, OLGA, do_hire
from tests.chat import Ana
from tests.fakes import FakeEngine, says
from tests.turns.test_danger import ana_of

Move = Callable[[Services, Ana, Staff], Awaitable[None]]


async def nobody_has_claimed(services: Services, ana: Ana, nuria: Staff) -> None:
    """She waits."""


async def nuria_has_it(services: Services, ana: Ana, nuria: Staff) -> None:
    async with services.database.write() as uow:
        await services.cases.do_claim(uow, ana.conversation, nuria)
        await uow.commit()


async def waits(services: Services, engine: FakeEngine) -> Ana:
    """Ana has asked for a person."""
    ana = await ana_of(services)
    engine.reply = says("utter_handed_over")
    await ana.says(text="quiero hablar con una persona")
    engine.reply = says("utter_faq/bulky_waste")
    return ana


async def rows_of(services: Services, staff: Staff) -> list[tuple[str, bool]]:
    """Who waits, as `staff` sees it, and whether it is red."""
    async with services.database.read() as session:
        rows, _ = await read_rows(session, staff, Filter())
    return [(row.conversation.id, row.urgent) for row in rows]


@pytest.mark.parametrize("said", ["me quiero morir", "kill myself tonight"])
@pytest.mark.parametrize("held", [nobody_has_claimed, nuria_has_it], ids=lambda move: move.__name__)
async def test_danger_gets_its_numbers_and_comes_first(
    working: Services, engine: FakeEngine, held: Move, said: str
) -> None:
    cast = await do_hire(working.database, NURIA, OLGA)
    bruno, ana = await waits(working, engine), await waits(working, engine)
    await held(working, ana, cast["Nuria"])
    state = (await ana.reads())["state"]
    answers = await ana.says(text=said)
    assert "112" in answers[0]["text"] and "600 000 016" in answers[0]["text"]
    assert (await ana.reads())["state"] == state
    assert (await rows_of(working, cast["Olga"]))[:2] == [(ana.conversation, True), (bruno.conversation, False)]
    async with working.database.read() as session:
        case = (await session.scalars(select(Case).where(Case.conversation_id == ana.conversation))).one()
        holder = (await session.get_one(Conversation, ana.conversation)).owner_id
        heard = await session.scalar(select(func.count()).where(Event.kind == "danger_heard"))
        last = (await session.scalars(select(Turn).order_by(Turn.ended_at.desc()).limit(1))).one()
        first = await read_next_waiting(session, cast["Olga"])
    assert (case.reason, heard, last.outcome) == (Reason.CRISIS, 1, Outcome.CRISIS)
    assert holder == (cast["Nuria"].id if held is nuria_has_it else None)
    assert first == ana.conversation


async def test_five_messages_within_a_minute_get_the_numbers_once_and_a_shorter_line_after(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await waits(working, engine)
    said = [(await ana.says(text=f"me quiero morir {number}"))[0]["text"] for number in range(5)]
    assert all("112" in text for text in said)
    assert said[0] not in said[1:] and len(said[1]) < len(said[0])
    monkeypatch.setattr(hand_over, "REPEATED", hand_over.REPEATED * 0)
    assert (await ana.says(text="me quiero morir"))[0]["text"] == said[0]


async def test_what_only_the_engine_hears_counts_too_and_with_staff_nothing_else_is_said(
    working: Services, engine: FakeEngine
) -> None:
    ana = await waits(working, engine)
    await nuria_has_it(working, ana, (await do_hire(working.database, NURIA))["Nuria"])
    engine.reply = says("utter_faq/bulky_waste")
    assert await ana.says(text="gracias por la información del sofá") == []
    engine.reply = says("utter_crisis")
    said = await ana.says(text="ya he escrito la carta para mis hijos")
    assert "112" in said[0]["text"]
    engine.reply = says("utter_faq/bulky_waste")
    assert await ana.says(text="ya estoy mejor") == []


async def test_who_waits_is_answered_and_what_is_for_the_person_is_noted(working: Services, engine: FakeEngine) -> None:
    ana = await waits(working, engine)
    engine.reply = says("utter_faq/bulky_waste")
    said = await ana.says(text="y el sofá, ¿cómo lo tiro?")
    assert "sofá" in said[0]["text"]
    engine.reply = says("utter_note")
    assert (await ana.says(text="me llamo Ana Gil, es por el piso de mi madre"))[0]["from"] == "system"
    engine.reply = says("utter_clarify")
    assert (await ana.says(text="bla bla"))[0]["from"] == "system"
    assert (await ana.reads())["state"] == State.WAITING_STAFF
    engine.reply = says("utter_back")
    await ana.says(text="bueno, contéstame tú")
    assert (await ana.reads())["state"] == State.ASSISTANT


@pytest.mark.parametrize("said", ["me quiero morir", "hola"])
async def test_an_engine_that_is_dead_or_late_leaves_the_rule(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    ana = await waits(working, engine)
    engine.reply = EngineError("dead")
    assert numbers_in(await ana.says(text=said)) == (said != "hola")
    never = asyncio.Event()

    async def late(turn: object) -> object:
        return await never.wait()

    await nuria_has_it(working, ana, (await do_hire(working.database, NURIA))["Nuria"])
    monkeypatch.setattr(engine, "ask", late)
    monkeypatch.setattr(assistant_module, "LISTEN_SECONDS", 0.01)
    assert numbers_in(await ana.says(text=said)) == (said != "hola")


def numbers_in(said: list[dict[str, Any]]) -> bool:
    return any("112" in message["text"] for message in said)


async def test_danger_that_was_being_worked_out_when_a_person_took_over_is_not_dropped(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await ana_of(working)
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(turn: object) -> object:
        asked.set()
        await go_on.wait()
        return says("utter_crisis")

    monkeypatch.setattr(engine, "ask", slow)
    saying = asyncio.create_task(ana.says(text="ya he escrito la carta"))
    await asked.wait()
    await nuria_has_it(working, ana, nuria)
    go_on.set()
    assert any("112" in message["text"] for message in await saying)


async def test_a_colleague_may_take_over_danger_that_its_holder_leaves_without_a_reply(
    working: Services, engine: FakeEngine
) -> None:
    cast = await do_hire(working.database, NURIA, OLGA)
    ana = await waits(working, engine)
    await nuria_has_it(working, ana, cast["Nuria"])
    await ana.says(text="me quiero morir")
    async with working.database.write() as uow:
        taken = await working.cases.do_claim(uow, ana.conversation, cast["Olga"])
        await uow.commit()
    assert (taken.owner_id, taken.state) == (cast["Olga"].id, State.STAFF)
    async with working.database.write() as uow:
        await working.cases.do_reply(uow, ana.conversation, cast["Olga"], "Estoy aquí contigo.")
        await uow.commit()
    assert await rows_of(working, cast["Nuria"]) == [], "somebody looks after her"
    with pytest.raises(BotError, match="already_taken"):
        async with working.database.write() as uow:
            await working.cases.do_claim(uow, ana.conversation, cast["Nuria"])


async def test_danger_in_the_moment_of_closing_opens_the_conversation_again(
    services: Services, engine: FakeEngine
) -> None:
    nuria = (await do_hire(services.database, NURIA))["Nuria"]
    ana = await ana_of(services)
    await ana.posts(text="me quiero morir")
    async with services.database.write() as uow:
        await services.cases.do_close(uow, ana.conversation, nuria)
        await uow.commit()
    running = asyncio.create_task(services.lane.run())
    seen = await ana.reads()
    while seen["pending"]:
        await asyncio.sleep(0)
        seen = await ana.reads()
    assert any("112" in message["text"] for message in seen["messages"])
    assert seen["state"] == State.WAITING_STAFF
    await services.lane.stop()
    await running


async def test_who_goes_back_to_the_assistant_stays_in_the_queue(working: Services, engine: FakeEngine) -> None:
    cast = await do_hire(working.database, OLGA)
    ana = await waits(working, engine)
    await ana.says(text="me quiero morir")
    [told] = await ana.says(button="system.back")
    assert "persona leerá" in told["text"]
    assert (await ana.reads())["state"] == State.WAITING_STAFF
    assert await rows_of(working, cast["Olga"]) == [(ana.conversation, True)]
