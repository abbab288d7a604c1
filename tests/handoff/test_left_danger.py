"""Who has told of danger stays in the queue until a person has replied, or has said why no reply is needed."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.errors import BotError
from bot.handoff.cases import Cases
from bot.handoff.owed import count_owed
from bot.services import Services
from bot.states import Author, State
from bot.store.tables import Case, Conversation, Event, Message, Staff
from tests.cast import NURIA, do_hire
from tests.chat import Ana
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.privacy.test_my_data import dump
from tests.turns.test_danger import ana_of, fails
from tests.turns.test_danger_with_people import Move, nobody_has_claimed, nuria_has_it, rows_of, waits

DANGER = "me quiero morir"
WHY = "La he llamado por teléfono"
Leave = Callable[..., Awaitable[object]]


async def leaves(services: Services, leave: Leave, ana: Ana, nuria: Staff, why: str = "") -> None:
    """Nuria lets her go."""
    async with services.database.write() as uow:
        await leave(services.cases, uow, ana.conversation, nuria, why)
        await uow.commit()


@pytest.mark.parametrize("leave", [Cases.do_close, Cases.do_hand_back], ids=lambda leave: leave.__name__)
async def test_staff_who_have_not_replied_let_danger_go_with_a_reason_alone(
    working: Services, engine: FakeEngine, leave: Leave
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    await nuria_has_it(working, ana, nuria)
    for why, code in (("", "message_empty"), (" \n", "message_empty"), ("a" * 501, "message_too_long")):
        with pytest.raises(BotError, match=code):
            await leaves(working, leave, ana, nuria, why)
    assert await rows_of(working, nuria) == [(ana.conversation, True)]
    await leaves(working, leave, ana, nuria, WHY)
    assert await rows_of(working, nuria) == []
    async with working.database.read() as session:
        notes = list(await session.scalars(select(Message.text).where(Message.author == Author.NOTE)))
        events = list(await session.scalars(select(Event).where(Event.kind == "danger_left")))
        case = (await session.scalars(select(Case))).one()
    assert notes == [WHY] and [event.data["case"] for event in events] == [case.id] and case.ended_at
    assert WHY not in str(await ana.reads())


@pytest.mark.parametrize("leave", [Cases.do_close, Cases.do_hand_back], ids=lambda leave: leave.__name__)
async def test_who_has_replied_says_no_reason(working: Services, engine: FakeEngine, leave: Leave) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    await nuria_has_it(working, ana, nuria)
    async with working.database.write() as uow:
        await working.cases.do_reply(uow, ana.conversation, nuria, "Estoy aquí contigo.")
        await uow.commit()
    await leaves(working, leave, ana, nuria)
    assert (await ana.reads())["state"] != State.STAFF


async def test_danger_that_nobody_has_taken_is_not_closed_from_the_queue_without_a_reason(
    working: Services, engine: FakeEngine
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    with pytest.raises(BotError, match="message_empty"):
        await leaves(working, Cases.do_close, ana, nuria)
    await leaves(working, Cases.do_close, ana, nuria, WHY)
    assert (await ana.reads())["state"] == State.CLOSED


@pytest.mark.parametrize("held", [nobody_has_claimed, nuria_has_it], ids=lambda move: move.__name__)
async def test_who_ends_the_chat_in_danger_gets_the_numbers_again_and_stays_in_the_queue(
    working: Services, engine: FakeEngine, held: Move
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await held(working, ana, nuria)
    await ana.says(text=DANGER)
    state = (await ana.reads())["state"]
    for _ in range(2):
        said = await ana.says(button="system.end")
        assert "112" in said[0]["text"] and "persona leerá" in said[-1]["text"]
    assert (await ana.reads())["state"] == state
    assert await rows_of(working, nuria) == [(ana.conversation, True)]
    async with working.database.read() as session:
        case = (await session.scalars(select(Case))).one()
        events = list(await session.scalars(select(Event).where(Event.kind == "danger_ended_by_citizen")))
    assert case.ended_at is None and case.packet["she_ended"] and len(events) == 2


async def test_who_was_replied_to_ends_her_chat_as_ever(working: Services, engine: FakeEngine) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    await nuria_has_it(working, ana, nuria)
    async with working.database.write() as uow:
        await working.cases.do_reply(uow, ana.conversation, nuria, "Estoy aquí contigo.")
        await uow.commit()
    await ana.says(button="system.end")
    assert (await ana.reads())["state"] == State.CLOSED


async def test_who_has_her_words_erased_in_danger_leaves_a_case_without_them(
    working: Services, engine: FakeEngine
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=f"{DANGER}, soy Zoraida")
    await nuria_has_it(working, ana, nuria)
    said = await forgets(ana)
    assert any("112" in text for text in said) and any("sin tus palabras" in text for text in said)
    left = await dump(working)
    assert "Zoraida" not in left and DANGER not in left
    [(conversation, urgent)] = await rows_of(working, nuria)
    assert urgent and conversation != ana.conversation
    async with working.database.read() as session:
        kept = await session.get_one(Conversation, conversation)
        assert (kept.address_key, kept.token_hash, kept.display_name, kept.previous_id) == (None, None, None, None)
    await it_is_ended_with_a_reason_and_takes_no_reply(working, conversation, nuria)


async def it_is_ended_with_a_reason_and_takes_no_reply(services: Services, conversation: str, nuria: Staff) -> None:
    cases = services.cases
    async with services.database.write() as uow:
        await cases.do_claim(uow, conversation, nuria)
        await uow.commit()
    for act, code in ((cases.do_reply, "words_erased"), (cases.do_close, "message_empty")):
        with pytest.raises(BotError, match=code):
            async with services.database.write() as uow:
                await act(uow, conversation, nuria, "¿Sigue ahí?" if act == cases.do_reply else "")
    async with services.database.write() as uow:
        await cases.do_close(uow, conversation, nuria, "No hay a quién llamar")
        await uow.commit()
    assert await rows_of(services, nuria) == []


@pytest.mark.parametrize("said", [DANGER, "quiero una persona"])
async def test_a_person_who_is_still_owed_to_her_when_she_erases_is_called_for_danger_alone(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await ana_of(working)
    engine.reply = says("utter_handed_over")
    with monkeypatch.context() as patch:
        patch.setattr(working.cases, "do_open", fails)
        await ana.says(text=said)
        assert await rows_of(working, nuria) == [], "the case cannot be opened yet"
        preview = (await ana.says(text="/forget"))[-1]["text"]
        assert ("alguien contó un peligro" in preview) is (said == DANGER)
        told = await forgets(ana)
    assert any("112" in text for text in told) is (said == DANGER)
    await working.owed.do_pay()
    rows = await rows_of(working, nuria)
    assert [urgent for _, urgent in rows] == ([True] if said == DANGER else [])
    assert ana.conversation not in [conversation for conversation, _ in rows]
    async with working.database.read() as session:
        assert await count_owed(session) == 0
    assert (await ana.reads())["state"] == State.CLOSED


@pytest.mark.parametrize("replied", [False, True])
async def test_before_she_erases_she_reads_what_stays(working: Services, engine: FakeEngine, replied: bool) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await waits(working, engine)
    await ana.says(text=DANGER)
    if replied:
        await nuria_has_it(working, ana, nuria)
        async with working.database.write() as uow:
            await working.cases.do_reply(uow, ana.conversation, nuria, "Estoy aquí contigo.")
            await uow.commit()
    preview = (await ana.says(text="/forget"))[-1]["text"]
    assert ("alguien contó un peligro" in preview) is not replied
    await forgets(ana)
    assert len(await rows_of(working, nuria)) == (0 if replied else 1)


async def forgets(ana: Ana) -> list[str]:
    """She has everything erased; what she reads afterwards."""
    preview = (await ana.says(text="/forget"))[-1]
    await ana.posts(button=preview["buttons"][0]["button"])

    async def erased() -> dict[str, Any] | None:
        page = await ana.reads()
        return page if page["state"] == State.CLOSED else None

    return [message["text"] for message in (await until(erased))["messages"]]
