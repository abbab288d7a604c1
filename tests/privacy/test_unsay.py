"""What she wants removed from the chat stands nowhere in what we keep afterwards."""

import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import select

from bot.handoff.cases import Cases
from bot.privacy.cover import Cover, Piece, pieces_of
from bot.privacy.unsay import do_unsay, work_out
from bot.services import Services
from bot.store.tables import Case, Conversation, Draft, Inbox, Item, ItemStep, Message
from bot.suggestions.items import Filing
from bot.turns import data_requests
from bot.turns.assistant import Assistant
from bot.turns.turn import Turns
from tests.cast import ADA, NURIA, do_hire
from tests.chat import Ana
from tests.fakes import FakeEngine, says
from tests.privacy.test_my_data import dump
from tests.turns.test_turn import citizen

Leave = Callable[..., Awaitable[object]]
# What she types, and each way in which it might be repeated: none of it may be left.
DATA = [
    ("mi DNI es 12345678Z", ["12345678", "12345678Z"]),
    ("soy X1234567L", ["1234567L"]),
    ("llámame al 612 34 56 78", ["612 34 56 78", "612345678"]),
    ("mi móvil es +34 612 345 678", ["612 345 678", "612345678"]),
    ("escríbeme a Ana.Ruiz@correo.example", ["Ana.Ruiz@correo.example", "ana.ruiz@correo.example"]),
    ("la cuenta es ES91 2100 0418 4502 0005 1332", ["2100 0418 4502", "ES9121000418450200051332"]),
    ("pagué con 4111 1111 1111 1111", ["4111 1111", "4111111111111111"]),
    ("mi coche es el 1234 BCD", ["1234 BCD", "1234BCD"]),
]


async def in_a_report(ana: Ana, engine: FakeEngine, text: str, contact: str) -> dict[str, Any]:
    """She has typed `text`, then begins a report that repeats it: the notice that offers to remove it."""
    await ana.arrives()
    told = (await ana.says(text=text))[-1]
    slots = {"item_kind": "report", "item_text": f"Farola rota, {text}", "item_place": text, "item_contact": contact}
    shown = {"kind": "aviso", "matter": slots["item_text"], "place": text, "contact": contact, "subject": "luz"}
    engine.reply = says("utter_ask_item_confirm", form="item_form", slots=slots, agency="Aldealba", **shown)
    said = await ana.says(text=f"Farola rota, {text}, mi contacto es {contact}")
    assert text in said[0]["text"], "the summary repeats her words"
    return told


@pytest.mark.parametrize(("text", "forms"), DATA)
async def test_with_a_report_open_it_stands_nowhere_any_more(
    working: Services, engine: FakeEngine, text: str, forms: list[str]
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = citizen(working)
    told = await in_a_report(ana, engine, text, "ana@correo.example")
    await asks_for_a_person(ana, engine)
    async with working.database.write() as uow:
        uow.session.add(Draft(staff_id=nuria.id, conversation_id=ana.conversation, mode="reply", text=f"Ana: {text}"))
        await working.cases.do_note(uow, ana.conversation, nuria, f"entre nosotras: {text}")
        await uow.commit()
    filed = await has_filed(working, ana, f"Un banco, {text}", forms[-1])
    assert forms[-1] in await dump(working)
    said = await ana.says(button=remove(told))
    left = await dump(working)
    assert [form for form in (*forms, "ana@correo.example") if form in left] == []
    async with working.database.read() as session:
        conversation = await session.get_one(Conversation, ana.conversation)
        item = await session.get_one(Item, filed)
    assert (conversation.engine_state or {})["slots"]["item_text"].startswith("Farola rota, "), "the rest stays"
    assert (conversation.engine_state or {})["slots"]["item_contact"] == "none"
    assert item.contact is None and item.text.startswith("Un banco, ")
    assert any("contacto" in line["text"] for line in said), "she is told that her report goes on without it"


@pytest.mark.parametrize("leave", [Cases.do_close, Cases.do_hand_back, Cases.do_take_over], ids=lambda do: do.__name__)
async def test_what_staff_wrote_as_their_reason_is_covered_wherever_it_stands(
    working: Services, engine: FakeEngine, leave: Leave
) -> None:
    cast = await do_hire(working.database, NURIA, ADA)
    nuria = cast["Nuria"]
    ana = citizen(working)
    await ana.arrives()
    told = (await ana.says(text="mi DNI es 12345678Z"))[-1]
    await ana.says(text="me quiero morir")
    async with working.database.write() as uow:
        await working.cases.do_claim(uow, ana.conversation, nuria)
        await uow.commit()
    why = "La he llamado, es la del 12345678Z"
    async with working.database.write() as uow:
        if leave == Cases.do_take_over:
            await leave(working.cases, uow, ana.conversation, cast["Ada"], nuria.id, why)
        else:
            await leave(working.cases, uow, ana.conversation, nuria, why)
        await uow.commit()
    assert why in await dump(working)
    if leave == Cases.do_close:
        async with working.database.write() as uow:  # closed, she can have it covered by the page of her data alone
            ready = await work_out(working.database, working.secrets, ana.conversation)
            conversation = await uow.session.get_one(Conversation, ana.conversation)
            await do_unsay(uow, working.secrets, conversation, ready)
            await uow.commit()
    else:
        await ana.says(button=remove(told))
    left = await dump(working)
    assert "12345678" not in left and "La he llamado, es la del [DNI]" in left


async def test_what_is_not_hers_stays(working: Services, engine: FakeEngine) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    bea, ana = citizen(working), citizen(working)
    await bea.arrives()
    await bea.says(text="el DNI de Bea: 87654321X")
    told = await in_a_report(ana, engine, "mi DNI es 12345678Z", "none")
    await asks_for_a_person(ana, engine)
    async with working.database.write() as uow:
        await working.cases.do_claim(uow, ana.conversation, nuria)
        await working.cases.do_reply(uow, ana.conversation, nuria, "Llame al 915 550 100, o traiga el 12345678Z")
        await uow.commit()
    await ana.says(button=remove(told))
    left = await dump(working)
    assert "87654321X" in left and "915 550 100" in left and "12345678Z" not in left


async def test_an_earlier_chat_on_the_same_address_loses_what_she_wants_out_and_keeps_the_rest(
    working: Services, engine: FakeEngine
) -> None:
    ana = citizen(working)
    told = await in_a_report(ana, engine, "mi DNI es 12345678Z", "none")
    async with working.database.write() as uow:
        mine = await uow.session.get_one(Conversation, ana.conversation)
        earlier = Conversation(channel="web", agency="aldealba", language="es", state="closed")
        uow.session.add(earlier)
        await uow.session.flush()
        mine.previous_id = earlier.id
        words = "Soy la del 12.345.678-Z y el 612 34 56 78"
        uow.session.add(Message(conversation_id=earlier.id, seq=1, author="citizen", text=words, language="es"))
        await uow.commit()
    await ana.says(button=remove(told))
    async with working.database.read() as session:
        [text] = await session.scalars(select(Message.text).where(Message.conversation_id == earlier.id))
    assert text == "Soy la del [DNI] y el 612 34 56 78"


async def test_she_is_told_which_kinds_were_found_and_when_there_was_nothing(working: Services) -> None:
    ana = citizen(working)
    await ana.arrives()
    told = (await ana.says(text="mi dni es 12345678Z y mi correo ana@correo.example"))[-1]
    button = remove(told)
    said = (await ana.says(button=button))[0]["text"]
    assert "DNI" in said and "correo" in said and "copias de seguridad" in said
    assert "No encuentro" in (await ana.says(button=button))[0]["text"]


@pytest.mark.parametrize(
    ("hers", "text", "covered"),
    [
        ("612 34 56 78", "Contacto: +34 612-345-678.", "Contacto: [PHONE]."),
        ("mi dni 12345678", "dni: 12.345.678-z", "dni: [DNI]"),
        ("12345678Z", "12345678", "[DNI]"),
        ("ana arroba correo punto example", "Contacto: ana@correo.example", "Contacto: [E-MAIL]"),
        ("12345678Z", "Calle Mayor, portal del 1234567", "Calle Mayor, portal del [DNI]"),
        ("12345678Z", "factura 912345678Z, 123456789", "factura 912345678Z, 123456789"),
        ("612 34 56 78", "El 612 está roto", "El 612 está roto"),
    ],
)
def test_the_same_datum_is_known_however_it_is_spelt_or_cut(hers: str, text: str, covered: str) -> None:
    assert Cover.over_pieces(pieces_of(hers)).over(text) == covered


async def test_the_packet_of_a_waiting_case_is_covered_too(working: Services, engine: FakeEngine) -> None:
    ana = citizen(working)
    told = await in_a_report(ana, engine, "mi DNI es 12345678Z", "612 34 56 78")
    await asks_for_a_person(ana, engine)
    await ana.says(button=remove(told))
    async with working.database.read() as session:
        [case] = await session.scalars(select(Case))
    fields = {field["name"]: field["value"] for field in case.packet["form"]["fields"]}
    assert fields == {
        "item_text": "Farola rota, mi DNI es [DNI]",
        "item_place": "mi DNI es [DNI]",
        "item_contact": "[PHONE]",
    }


async def test_nothing_is_locked_and_nobody_waits_while_her_words_are_covered(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await unanswered(services, engine)
    beside: list[bool] = []
    over_pieces = Cover.over_pieces

    def covered(pieces: Iterable[Piece]) -> Cover:
        beside.append(threading.current_thread() is not threading.main_thread())
        beside.append(services.database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]
        return over_pieces(pieces)

    monkeypatch.setattr(Cover, "over_pieces", covered)
    await takes_a_turn(services, engine, ana)
    assert beside == [True, True]
    assert "12345678" not in await dump(services)


async def test_what_is_written_while_her_words_are_covered_is_covered_too(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nuria = (await do_hire(services.database, NURIA))["Nuria"]
    ana = await unanswered(services, engine)
    work_out = data_requests.work_out

    async def meanwhile(*args: Any) -> Any:
        ready = await work_out(*args)
        async with services.database.write() as uow:
            await services.cases.do_note(uow, ana.conversation, nuria, "es la del 12345678Z y el 612 34 56 78")
            await uow.commit()
        return ready

    monkeypatch.setattr(data_requests, "work_out", meanwhile)
    await takes_a_turn(services, engine, ana)
    left = await dump(services)
    assert "es la del [DNI] y el 612 34 56 78" in left and "12345678" not in left


async def takes_a_turn(services: Services, engine: FakeEngine, ana: Ana) -> None:
    """Her next message is answered, and nothing else happens meanwhile."""
    assistant = Assistant(engine, services.knowledge, services.switch)  # type: ignore[arg-type]
    await Turns(services.database, services.writer, services.cases, assistant).do_next(ana.conversation)


async def unanswered(services: Services, engine: FakeEngine) -> Ana:
    """She has typed her DNI and pressed the button that removes it; her turn has not begun."""
    ana = citizen(services)
    await ana.arrives()
    await ana.posts(text="mi DNI es 12345678Z")
    await takes_a_turn(services, engine, ana)
    told = (await ana.reads())["messages"][-1]
    await ana.posts(button=remove(told))
    return ana


def remove(told: dict[str, Any]) -> str:
    """The key of the button that removes it, in whatever language it is offered."""
    return str(told["buttons"][0]["button"])


async def asks_for_a_person(ana: Ana, engine: FakeEngine) -> None:
    """Her form stays as it is, and staff get a packet."""
    engine.reply = says("utter_handed_over")
    await ana.says(button="system.person")


async def has_filed(services: Services, ana: Ana, text: str, contact: str) -> int:
    """An item that she filed in this conversation, which staff have answered with her data in it."""
    async with services.database.write() as uow:
        turn = await uow.session.scalar(select(Inbox.turn_id).where(Inbox.conversation_id == ana.conversation).limit(1))
        filing = Filing("report", text, "other", "aldealba", place=text, contact=contact)
        item = await services.items.do_file(uow, str(turn), filing)
        step = {"from_state": "submitted", "to_state": "assigned", "actor": "staff:1"}
        uow.session.add(ItemStep(item_id=item.id, **step, note=f"Hola: {text}", private_note=contact))
        await uow.commit()
        return item.id
