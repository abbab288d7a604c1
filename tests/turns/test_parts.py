"""A text that is longer than a message comes in parts, and is understood as one."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.replicas.client import EngineReply, EngineTurn
from bot.services import Services
from bot.states import State
from bot.store.tables import Conversation, Inbox, Turn
from bot.text import MAX_LENGTH
from bot.turns import parts
from bot.turns.parts import shortened
from tests.cast import NURIA, do_hire
from tests.chat import Ana
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen

DANGER = "mi marido me pega y tengo miedo"
LONG = "Vivo aquí desde hace años y la historia es larga. " * 79  # some 3,950 characters


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that nobody follows is answered soon."""
    monkeypatch.setattr(parts, "PATIENCE", {"web": 1.0, "telegram": 1.0})


async def arrived(services: Services) -> Ana:
    ana = citizen(services)
    await ana.arrives()
    return ana


async def said_after(ana: Ana, seq: int) -> list[dict[str, Any]]:
    async def answered() -> dict[str, Any] | None:
        page = await ana.reads(seq)
        return None if page["pending"] else page

    return list((await until(answered))["messages"])


async def test_two_parts_are_one_question_with_one_answer(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    await ana.posts(text="Tengo una pregunta larga.", more=True)
    said = await ana.says(text="¿Cómo tiro un sofá?")
    assert [turn.text for turn in engine.asked] == ["Tengo una pregunta larga.\n¿Cómo tiro un sofá?"]
    assert len(said) == 1
    shown = [message["text"] for message in (await ana.reads())["messages"] if message["from"] == "citizen"]
    assert shown == ["Tengo una pregunta larga.", "¿Cómo tiro un sofá?"], "both stand in the conversation"
    async with working.database.read() as session:
        assert await session.scalar(select(func.count()).where(Inbox.answered_at.is_(None))) == 0
        assert await session.scalar(select(func.count()).select_from(Turn)) == 1


async def test_a_part_that_nothing_follows_is_answered_by_itself(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    assert len(await ana.says(text="¿Cómo tiro un sofá?", more=True)) == 1
    await ana.says(text="y otra cosa")
    assert [turn.text for turn in engine.asked] == ["¿Cómo tiro un sofá?", "y otra cosa"]


async def test_of_a_text_that_is_too_long_for_the_engine_it_gets_beginning_and_end(
    working: Services, engine: FakeEngine
) -> None:
    ana = await arrived(working)
    for part in (f"Hola. {LONG}", LONG):
        await ana.posts(text=part, more=True)
    await ana.says(text="¿Cómo tiro un sofá?")
    turn = engine.asked[-1]  # the others ask for each part whether it tells of danger
    assert turn.text and len(turn.text) <= MAX_LENGTH
    assert turn.text.startswith("Hola. Vivo") and turn.text.endswith("¿Cómo tiro un sofá?")


async def test_danger_in_any_part_gets_its_numbers(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    await ana.posts(text=LONG, more=True)
    await ana.posts(text=f"{LONG[:2000]}{DANGER}. {LONG[:1500]}", more=True)
    receipt = await ana.posts(text="¿Cómo tiro un sofá?")
    assert "112" in "".join(m["text"] for m in (await said_after(ana, 0)) if m["from"] != "citizen")
    assert receipt.status_code == 202


async def test_danger_that_only_the_engine_hears_in_the_middle_of_a_long_text_gets_them_too(
    working: Services, engine: FakeEngine
) -> None:
    def hears(turn: EngineTurn) -> EngineReply:
        return says("utter_crisis" if turn.text and "ya no puedo con esto" in turn.text else "utter_not_found")

    engine.reply = hears
    ana = await arrived(working)
    await ana.posts(text=LONG, more=True)
    await ana.posts(text=f"{LONG[:1900]}ya no puedo con esto. {LONG[:1900]}", more=True)
    await ana.posts(text=LONG)
    assert "112" in "".join(m["text"] for m in (await said_after(ana, 0)) if m["from"] != "citizen")


async def test_danger_waits_for_no_second_part(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PATIENCE", {"web": 3_600.0, "telegram": 3_600.0})
    ana = await arrived(working)
    assert "112" in (await ana.says(text=DANGER, more=True))[0]["text"]


async def test_in_a_form_each_part_is_what_she_types(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    engine.reply = says("utter_ask_item_text_report", form="item_form")
    await ana.says(text="quiero avisar de algo")
    await ana.posts(text="Primera parte.", more=True)
    await ana.says(text="Segunda parte.")
    assert [turn.text for turn in engine.asked[1:]] == ["Primera parte.", "Segunda parte."]


@pytest.mark.parametrize("closed", [False, True])
async def test_what_is_written_to_a_person_stands_at_the_desk_at_once(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    monkeypatch.setattr(parts, "PATIENCE", {"web": 3_600.0})
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await arrived(working)
    async with working.database.write() as uow:
        await working.cases.do_claim(uow, ana.conversation, nuria)
        if closed:  # what she had sent before it was closed
            await uow.session.execute(update(Conversation).values(state=State.CLOSED))
            inbox = Inbox(
                channel="web", external_id="1", conversation_id=ana.conversation, message_seq=1, kind="text",
                payload={"more": True}, turn_id="t_1",
            )  # fmt: skip
            uow.session.add(inbox)
            await uow.session.execute(update(Conversation).values(waiting_messages=1))
        await uow.commit()
    if closed:
        working.lane.wake()
        await said_after(ana, 0)
    else:
        assert await ana.says(text="Le cuento mi caso.", more=True) == []


async def test_who_sends_in_parts_leaves_room_for_all_others(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PATIENCE", {"web": 3_600.0})
    monkeypatch.setattr(parts, "MOST_WAITING", 1)
    ana, bruno = await arrived(working), await arrived(working)
    await ana.posts(text="Primera parte.", more=True)
    assert len(await bruno.says(text="¿Cómo tiro un sofá?", more=True)) == 1, "he is answered by himself"
    assert (await ana.reads())["pending"], "she is waited for"
    await ana.says(text="¿Y un colchón?")
    assert engine.asked[-1].text == "Primera parte.\n¿Y un colchón?"
    await ana.posts(text="Otra vez.", more=True)
    await ana.says(text="¿Y una mesa?")
    assert engine.asked[-1].text == "Otra vez.\n¿Y una mesa?", "there is room again"


async def test_a_part_is_read_by_the_rule_once_however_long_it_waits(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    async def hears(text: str, words: object) -> bool:
        read.append(text)
        return False

    monkeypatch.setattr(parts, "hears", hears)
    monkeypatch.setattr(parts, "LOOK_AGAIN", 0.01)
    ana = await arrived(working)
    await ana.says(text="Una parte.", more=True)
    assert read == ["Una parte."]


async def test_the_time_of_a_turn_begins_when_its_parts_are_there(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    await ana.says(text="Una parte.", more=True)
    async with working.database.read() as session:
        turn, inbox = (await session.execute(select(Turn, Inbox).join(Inbox, Inbox.turn_id == Turn.id))).one()
    whole = (turn.ended_at - inbox.received_at).total_seconds() * 1_000
    assert whole > 1_000 and turn.total_ms <= whole - 900, "the second that was waited for the next part is not in it"


async def test_a_button_pressed_meanwhile_is_no_part(working: Services, engine: FakeEngine) -> None:
    ana = await arrived(working)
    await asyncio.gather(ana.posts(text="¿Cómo tiro un sofá?", more=True), ana.posts(button="lang.en"))
    await said_after(ana, 0)
    assert [turn.text for turn in engine.asked] == ["¿Cómo tiro un sofá?"]


def test_what_is_cut_is_cut_between_words() -> None:
    assert shortened("corto") == "corto"
    text = shortened(" ".join(f"palabra{number}" for number in range(1_000)))
    assert len(text) <= MAX_LENGTH and " … " in text
    assert all(word.startswith("palabra") or word == "…" for word in text.split())
    assert len(shortened("x" * 9_000)) <= MAX_LENGTH
