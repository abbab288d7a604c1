"""To people and back: exactly one holds a conversation, the others are told who."""

import asyncio

import httpx
import pytest
from sqlalchemy import Select, select, update

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.hub import Notice
from bot.desk.people import do_close
from bot.errors import BotError
from bot.handoff.cases import MAX_WHY
from bot.handoff.holders import do_look
from bot.handoff.packet import waiting_before
from bot.services import Services
from bot.states import Author, Reason, State
from bot.store.tables import Case, Conversation, Event, Message, Staff
from bot.suggestions.items import Filing
from tests.cast import ADA, NURIA, OLGA, OMAR, Person, do_hire
from tests.chat import Ana, chat_app
from tests.fakes import FakeEngine, says


async def waiting(services: Services) -> str:
    async with services.database.write() as uow:
        conversation = await do_start(uow, services.writer, Citizen("web", "es", "aldealba"))
        await services.cases.do_open(uow, conversation, Reason.ASKED)
        await uow.commit()
        return conversation.id


def said_in(conversation: str) -> Select[Message]:
    """What was said there, the newest first."""
    return select(Message).where(Message.conversation_id == conversation).order_by(Message.seq.desc())


def drained(queue: asyncio.Queue[Notice]) -> list[Notice]:
    """The notices that wait in it."""
    return [queue.get_nowait() for _ in range(queue.qsize())]


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


async def closes(services: Services, by: Staff, person: Staff) -> None:
    await do_close(services.database, services.cases, by, person.id)


async def test_a_closed_account_returns_its_conversations_to_their_place_in_the_queue(services: Services) -> None:
    cast = await do_hire(services.database, NURIA, OLGA, ADA)
    hers, later = await waiting(services), await waiting(services)
    await claims(services, hers, cast["Nuria"])
    async with services.hub.desk("aldealba") as told, services.hub.chat(hers) as citizen:
        await closes(services, cast["Ada"], cast["Nuria"])
        assert Notice("state", hers, {"state": "waiting_staff"}) in drained(told)
        assert Notice("state", hers, {"state": "waiting_staff"}) in drained(citizen)
    async with services.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, hers)
        case = (await uow.session.scalars(select(Case).where(Case.conversation_id == hers))).one()
        event = (await uow.session.scalars(select(Event).where(Event.kind == "case_returned"))).one()
        last = (await uow.session.scalars(said_in(hers))).first()
        assert (conversation.state, conversation.owner_id) == (State.WAITING_STAFF, None)
        assert (case.taken_at, case.taken_by, case.ended_at) == (None, None, None)
        assert await waiting_before(uow, "aldealba", case) == 0, "she came before the other one"
    assert (event.actor, event.data["holder"]) == (f"staff:{cast['Ada'].id}", cast["Nuria"].id)
    assert last and last.response in ("utter_case_returned", "utter_case_returned_closed")
    assert last.response.endswith("_closed") or "puesto 1" in last.text
    assert await claims(services, hers, cast["Olga"]) == "won" and await claims(services, later, cast["Olga"]) == "won"


@pytest.mark.parametrize("change", [{"agency": "riomar"}, {"role": "visitor"}, {"active": False}], ids=str)
async def test_whoever_may_no_longer_hold_a_conversation_holds_none_whoever_changed_that(
    services: Services, change: dict[str, object]
) -> None:
    cast = await do_hire(services.database, NURIA, OLGA)
    hers, other = await waiting(services), await waiting(services)
    await claims(services, hers, cast["Nuria"])
    await claims(services, other, cast["Olga"])
    async with services.database.write() as uow:
        await uow.session.execute(update(Staff).where(Staff.name == "Nuria").values(change))
        await uow.commit()
    assert await do_look(services) == 1
    assert await do_look(services) == 0
    async with services.database.read() as session:
        states = {c.id: c.state for c in await session.scalars(select(Conversation))}
    assert states == {hers: State.WAITING_STAFF, other: State.STAFF}


async def takes_over(services: Services, conversation: str, staff: Staff, holder: Staff, why: str) -> None:
    async with services.database.write() as uow:
        await services.cases.do_take_over(uow, conversation, staff, holder.id, why)
        await uow.commit()


async def test_an_administrator_takes_over_what_a_colleague_holds_and_says_why(services: Services) -> None:
    cast = await do_hire(services.database, NURIA, OLGA, ADA)
    conversation = await waiting(services)
    await claims(services, conversation, cast["Nuria"])
    for why, code in (("  ", "message_empty"), ("x" * (MAX_WHY + 1), "message_too_long")):
        with pytest.raises(BotError, match=code):
            await takes_over(services, conversation, cast["Ada"], cast["Nuria"], why)
    with pytest.raises(BotError, match="not_yours"):
        await takes_over(services, conversation, cast["Olga"], cast["Nuria"], "Yo conozco el caso")
    await takes_over(services, conversation, cast["Ada"], cast["Nuria"], "Nuria está de baja")
    async with services.database.read() as session:
        row = await session.get_one(Conversation, conversation)
        event = (await session.scalars(select(Event).where(Event.kind == "case_taken_over"))).one()
        notes = (await session.scalars(said_in(conversation).where(Message.author == Author.NOTE))).all()
        last = (await session.scalars(said_in(conversation))).first()
        case = (await session.scalars(select(Case))).one()
    assert (row.state, row.owner_id, case.taken_by) == (State.STAFF, cast["Ada"].id, cast["Ada"].id)
    assert event.data == {"holder": cast["Nuria"].id}, "her reason stands in the note alone"
    assert [note.text for note in notes] == ["Nuria está de baja"]
    assert last and last.response == "utter_staff_joined" and "Ada" in last.text


async def test_of_two_administrators_who_take_over_at_once_the_second_reads_who_was_faster(services: Services) -> None:
    eva = Person("eva@aldealba.example", "Eva", "administrator", "aldealba")
    cast = await do_hire(services.database, NURIA, ADA, eva)
    conversation = await waiting(services)
    await claims(services, conversation, cast["Nuria"])
    both = (takes_over(services, conversation, cast[name], cast["Nuria"], "Hace falta") for name in ("Ada", "Eva"))
    ended = [end for end in await asyncio.gather(*both, return_exceptions=True) if end]
    assert [(type(end), end.code) for end in ended] == [(BotError, "already_taken")]  # type: ignore[union-attr]
    assert ended[0].data["holder"] in ("Ada", "Eva")  # type: ignore[union-attr]


async def test_nobody_takes_over_in_another_agency_or_what_nobody_holds(services: Services) -> None:
    rosa = Person("rosa@riomar.example", "Rosa", "administrator", "riomar")
    cast = await do_hire(services.database, NURIA, ADA, rosa)
    conversation = await waiting(services)
    with pytest.raises(BotError, match="state_changed"):
        await takes_over(services, conversation, cast["Ada"], cast["Nuria"], "Hace falta")
    await claims(services, conversation, cast["Nuria"])
    with pytest.raises(BotError, match="not_found"):
        await takes_over(services, conversation, cast["Rosa"], cast["Nuria"], "Hace falta")
