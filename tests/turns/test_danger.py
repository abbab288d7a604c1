"""Danger is answered whatever else breaks, the case follows, and nobody else meets silence either."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import select, text

from bot.errors import EngineError
from bot.handoff import cases as cases_module
from bot.handoff import waiting
from bot.handoff.switch import ALL
from bot.health.readiness import read_parts, word_for
from bot.knowledge.knowledge import Knowledge
from bot.services import Services
from bot.states import Reason, State
from bot.store.tables import Case, Conversation
from bot.turns import assistant as assistant_module
from bot.turns import data_requests
from bot.turns.danger import hears
from tests.chat import Ana, chat_app
from tests.conftest import until
from tests.fakes import FakeEngine, says

DANGER = "me quiero morir"
PERSON = "quiero hablar con una persona"
Break = Callable[[Services, FakeEngine, pytest.MonkeyPatch], Awaitable[None]]


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What was logged; a traceback drawn for the screen takes seconds."""
    with structlog.testing.capture_logs() as entries:
        yield entries


async def ana_of(services: Services) -> Ana:
    """Ana, in a conversation that she has begun."""
    transport = httpx.ASGITransport(chat_app(services), client=("127.0.0.1", 50_000))
    ana = Ana(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"))
    await ana.arrives()
    return ana


def fails(*_: Any, **__: Any) -> Any:
    """What breaks."""
    raise ValueError("broken on purpose")


async def the_hours(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(waiting, "is_open", fails)


async def the_packet(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cases_module, "make_packet", fails)


async def a_table_that_the_packet_reads(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(text("ALTER TABLE item RENAME TO item_away"))
        await uow.commit()


async def the_queue(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cases_module, "waiting_before", fails)


async def the_words_of_the_hand_over(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    answer = services.knowledge.answer

    def missing(response: str, *rest: Any) -> Any:
        return fails() if response.startswith("utter_handed_over") else answer(response, *rest)

    patch.setattr(services.knowledge, "answer", missing)


async def the_notice(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    async with services.database.write() as uow:
        for conversation in await uow.session.scalars(select(Conversation)):
            conversation.notice_version = "of long ago"
        await uow.commit()
    patch.setattr(services.writer, "_notice", fails)


async def the_screens(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(services.hub, "publish", fails)


async def the_engine(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    engine.reply = EngineError("dead")


PARTS: tuple[Break, ...] = (
    the_hours,
    the_packet,
    a_table_that_the_packet_reads,
    the_queue,
    the_words_of_the_hand_over,
    the_notice,
    the_screens,
)


async def the_case_of(services: Services) -> Case:
    async def opened() -> Case | None:
        async with services.database.read() as session:
            return (await session.scalars(select(Case))).one_or_none()

    return await until(opened)  # type: ignore[no-any-return]


@pytest.mark.parametrize("broken", [*PARTS, the_engine], ids=lambda part: part.__name__)
async def test_danger_gets_its_numbers_and_a_case_whatever_breaks(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    ana = await ana_of(working)
    await broken(working, engine, monkeypatch)
    said = await ana.says(text=DANGER)
    assert [("016" in message["text"]) for message in said].count(True) == 1
    assert (await the_case_of(working)).reason == Reason.CRISIS
    assert (await ana.reads())["state"] == State.WAITING_STAFF


@pytest.mark.parametrize("broken", PARTS, ids=lambda part: part.__name__)
async def test_who_asks_for_a_person_is_answered_and_gets_a_case_whatever_breaks(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    ana = await ana_of(working)
    await broken(working, engine, monkeypatch)
    engine.reply = says("utter_handed_over")
    said = await ana.says(text=PERSON)
    assert said and all(message["text"] for message in said)
    assert not any("utter_" in message["text"] for message in said)
    assert (await the_case_of(working)).reason == Reason.ASKED


@pytest.mark.parametrize("broken", [the_hours, the_packet, the_queue], ids=lambda part: part.__name__)
async def test_what_broke_while_a_case_was_opened_is_told_to_operators(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    ana = await ana_of(working)
    with monkeypatch.context() as patch:
        await broken(working, engine, patch)
        await ana.says(text=DANGER)
        parts = await read_parts(working)
        assert word_for(parts) == "degraded"
        assert "ValueError" in parts["handoff"]["problem"]
    bruno = await ana_of(working)
    await bruno.says(text=DANGER)
    assert not (await read_parts(working))["handoff"]["problem"]


@pytest.mark.parametrize("said", [DANGER, PERSON])
async def test_a_case_that_cannot_be_opened_is_tried_again_and_the_numbers_are_said_once(
    working: Services, engine: FakeEngine, said: str
) -> None:
    """While the table of cases is away the citizen is answered and operators are told; the case follows."""
    engine.reply = says("utter_handed_over")
    ana = await ana_of(working)
    async with working.database.write() as uow:
        await uow.session.execute(text("ALTER TABLE handoff_case RENAME TO case_away"))
        await uow.commit()
    answers = await ana.says(text=said)
    assert answers
    parts = await read_parts(working)
    assert (parts["handoff"]["ok"], parts["handoff"]["owed"], word_for(parts)) == (False, 1, "degraded")
    async with working.database.write() as uow:
        await uow.session.execute(text("ALTER TABLE case_away RENAME TO handoff_case"))
        await uow.commit()
    assert (await the_case_of(working)).reason == (Reason.CRISIS if said == DANGER else Reason.ASKED)
    page = await ana.reads()
    assert page["state"] == State.WAITING_STAFF
    assert [("016" in message["text"]) for message in page["messages"]].count(True) == (said == DANGER)
    parts = await read_parts(working)
    assert (parts["handoff"]["ok"], parts["handoff"]["owed"]) == (True, 0)


async def the_engine_is_late(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    async def never(_turn: object) -> None:
        await asyncio.Event().wait()

    patch.setattr(engine, "ask", never)
    patch.setattr(assistant_module, "LISTEN_SECONDS", 0.01)


async def the_assistant_is_off(services: Services, engine: FakeEngine, patch: pytest.MonkeyPatch) -> None:
    await services.switch.do_turn_off(ALL, "operator:root")


@pytest.mark.parametrize(
    ("broken", "problem"),
    [(the_engine, "EngineError"), (the_engine_is_late, "TimeoutError"), (the_assistant_is_off, "switched off")],
)
async def test_danger_that_the_rule_alone_has_handled_is_logged_and_is_no_crash(
    working: Services,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[Any],
    broken: Break,
    problem: str,
) -> None:
    ana = await ana_of(working)
    await broken(working, engine, monkeypatch)
    await ana.says(text=f"{DANGER}, soy Zoraida")
    alone = [entry for entry in logged if entry["event"] == "danger.rule_alone"]
    assert [(entry["log_level"], entry["problem"]) for entry in alone] == [("warning", problem)]
    assert not [entry for entry in logged if entry["log_level"] == "error"]
    assert "Zoraida" not in str(logged)


async def test_the_numbers_are_said_with_no_answers_to_read(working: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await ana_of(working)
    monkeypatch.setattr(Knowledge, "answer", fails)
    said = await ana.says(text=DANGER)
    assert "112" in said[0]["text"] and "024" in said[0]["text"]


async def test_the_numbers_are_said_when_the_language_cannot_be_told(
    working: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await ana_of(working)
    monkeypatch.setattr(assistant_module, "spoken", fails)
    assert "112" in (await ana.says(text=DANGER))[0]["text"]


async def test_a_button_of_the_page_that_breaks_leads_to_a_person(
    working: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await ana_of(working)
    monkeypatch.setattr(working.cases, "do_end", fails)
    assert await ana.says(button="system.end")
    assert (await the_case_of(working)).reason == Reason.ASSISTANT_ERROR


async def about_to_be_erased(services: Services) -> Ana:
    """Ana, who has said yes to the erasure; her turn has not come."""
    ana = await ana_of(services)
    await ana.posts(text="/forget")
    await services.lane._turns.do_next(ana.conversation)
    preview = (await ana.reads())["messages"][-1]
    await ana.posts(button=preview["buttons"][0]["button"])
    return ana


@pytest.mark.parametrize(("behind", "numbers"), [(DANGER, True), ("gracias", False)])
async def test_danger_that_waits_behind_an_erasure_gets_its_numbers_in_the_farewell(
    services: Services, behind: str, numbers: bool
) -> None:
    ana = await about_to_be_erased(services)
    await ana.posts(text=behind)
    await services.lane._turns.do_next(ana.conversation)
    said = (await ana.reads())["messages"]
    assert any("600 000 016" in message["text"] for message in said) is numbers


async def test_what_waits_behind_an_erasure_is_read_by_the_rule_while_nothing_is_locked(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await about_to_be_erased(services)
    await ana.posts(text=DANGER)
    free: list[bool] = []

    async def watched(words: str, rules: Any) -> bool:
        if words == DANGER:
            free.append(services.database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]
        return await hears(words, rules)

    monkeypatch.setattr(data_requests, "hears", watched)
    await services.lane._turns.do_next(ana.conversation)
    assert free == [True]
    assert any("600 000 016" in message["text"] for message in (await ana.reads())["messages"])
