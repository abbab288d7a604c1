"""To people and back: exactly one holds a conversation, the others are told who."""

import asyncio

import httpx
import pytest
from sqlalchemy import select

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.states import Reason, State
from bot.errors import BotError
from bot.services import Services
from bot.store.tables import Case, Conversation, Message, Staff
from bot.suggestions.items import Filing
from tests.cast import NURIA, OLGA, OMAR, do_hire
from tests.chat import Ana, chat_app
from tests.fakes import FakeEngine, says


async def waiting(services: Services) -> str:
    async with services.database.write() as uow:
        conversation = await do_start(uow, services.writer, Citizen("web", "es", "aldealba"))
        await services.cases.do_open(uow, conversation, Reason.ASKED)
        await uow.commit()
        return conversation.id


async def claims(services: Services, conversation: str, staff: Staff) -> str:
    """`won`, or the name of who has it."""
    try:
        async with services.database.write() as uow:
            await services.cases.do_claim(uow, conversation, staff)
            await uow.commit()
            return "won"
    except BotError as error:
        assert error.code == "already_taken"
        return str(error.data["holder"])


async def test_of_fifty_claims_exactly_one_wins_and_the_others_learn_who(services: Services) -> None:
    cast = await do_hire(services.database, NURIA, OLGA)
    conversation = await waiting(services)
    people = [cast["Nuria"], cast["Olga"]] * 25
    results = await asyncio.gather(*(claims(services, conversation, person) for person in people))
    async with services.database.read() as session:
        taken = await session.get_one(Conversation, conversation)
        joined = (await session.scalars(select(Message).where(Message.response == "utter_staff_joined"))).all()
    holder = next(name for name, staff in cast.items() if staff.id == taken.owner_id)
    assert results.count(holder) == 25
    assert results.count("won") == 25, "the holder's own repeated clicks are no loss"
    assert len(joined) == 1


async def test_staff_of_another_agency_finds_nothing(services: Services) -> None:
    omar = (await do_hire(services.database, OMAR))["Omar"]
    conversation = await waiting(services)
    with pytest.raises(BotError, match="not_found"):
        async with services.database.write() as uow:
            await services.cases.do_claim(uow, conversation, omar)


async def test_only_the_holder_replies(services: Services) -> None:
    cast = await do_hire(services.database, NURIA, OLGA)
    conversation = await waiting(services)
    await claims(services, conversation, cast["Nuria"])
    with pytest.raises(BotError, match="not_yours") as refused:
        async with services.database.write() as uow:
            await services.cases.do_reply(uow, conversation, cast["Olga"], "hola")
    assert refused.value.data["holder"] == "Nuria"


async def test_handing_back_ends_the_case_and_the_assistant_answers_again(services: Services) -> None:
    nuria = (await do_hire(services.database, NURIA))["Nuria"]
    conversation = await waiting(services)
    await claims(services, conversation, nuria)
    async with services.database.write() as uow:
        await services.cases.do_reply(uow, conversation, nuria, "Aquí estoy.")
        await services.cases.do_hand_back(uow, conversation, nuria)
        await uow.commit()
    async with services.database.read() as session:
        case = (await session.execute(select(Case))).scalar_one()
        state = (await session.get_one(Conversation, conversation)).state
    assert (state, case.ended_as) == (State.ASSISTANT, "handed_back")
    assert case.first_reply_at is not None


async def test_a_form_that_was_open_is_in_the_packet_and_goes_on_afterwards(
    working: Services, engine: FakeEngine
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(working)), base_url="http://test") as http:
        ana = Ana(http)
        await ana.arrives()
        engine.reply = says("utter_ask_item_contact", form="item_form", slots={"item_text": "un bache"})
        await ana.says(text="hay un bache")
        engine.reply = says("utter_handed_over")
        await ana.says(text="quiero una persona")
        async with working.database.read() as session:
            case = (await session.scalars(select(Case))).one()
        assert case.packet["form"]["done"] == 1
        assert "un bache" in [field["value"] for field in case.packet["form"]["fields"]]
        async with working.database.write() as uow:
            await working.cases.do_claim(uow, ana.conversation, nuria)
            await working.cases.do_hand_back(uow, ana.conversation, nuria)
            await uow.commit()
        await ana.says(text="nada, saltar")
    assert engine.asked[-1].state and engine.asked[-1].state["active_form"] == "item_form"


async def test_a_packet_tells_of_what_was_filed_with_its_own_agency_alone(services: Services) -> None:
    async with services.database.write() as uow:
        ana = await do_start(uow, services.writer, Citizen("telegram", "es", "aldealba", address_key="a"))
        for agency in ("aldealba", "riomar"):
            filing = Filing(kind="report", text="La farola está rota", subject="lighting", agency=agency)
            item = await services.items.do_file(uow, f"t_{agency}", filing)
            item.conversation_id = ana.id
        await uow.session.flush()
        case = await services.cases.do_open(uow, ana, Reason.ASKED)
        await uow.commit()
    assert [earlier["reference"][:3] for earlier in case.packet["earlier_items"]] == ["ALD"]
