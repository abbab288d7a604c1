"""What comes with words or instead of them on Telegram: captions, contacts, and the message that one answers."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.services import Services
from bot.states import Author, Reason
from bot.store.tables import Conversation, Message
from emulator.chats import Citizen
from emulator.emulator import Emulator
from tests.cast import NURIA
from tests.conftest import until
from tests.desk.clerk import Clerk, desk_app, do_employ
from tests.fakes import FakeEngine, says

CAPTION = "hay una farola rota en la calle Mayor 5"
PHONE = "+34600123456"
OF_CONTACT = {"v": 1, "slots": {}, "active_form": "item_form", "requested_slot": "item_contact", "events": []}


@pytest.fixture
def ana(polling: Services, emulator: Emulator) -> Citizen:
    return emulator.citizen("Ana", id=501, language="es")


async def asked_how_to_reach_her(ana: Citizen, engine: FakeEngine) -> None:
    """She is in a report, at the question for her contact."""
    engine.reply = says("utter_ask_item_contact", form="item_form")
    engine.reply.state.update(OF_CONTACT)
    ana.writes(CAPTION)
    await ana.hears("correo o un teléfono")


async def lines_of(services: Services, author: Author) -> list[str]:
    async with services.database.read() as session:
        return list(await session.scalars(select(Message.text).where(Message.author == author).order_by(Message.seq)))


@pytest.mark.parametrize("sends", ["sends_photo", "sends_album", "sends_video", "sends_document"])
async def test_a_caption_is_the_message_and_one_line_says_what_is_not_read(
    ana: Citizen, polling: Services, engine: FakeEngine, sends: str
) -> None:
    arguments = {"sends_document": ("a.pdf",)}.get(sends, ())
    getattr(ana, sends)(*arguments, caption=CAPTION)
    await ana.hears("Fuente")
    assert [turn.text for turn in engine.asked] == [CAPTION]
    told = [line.text for line in ana.heard if "no lo leo" in line.text]
    assert len(told) == 1
    assert await lines_of(polling, Author.CITIZEN) == [CAPTION]


async def test_a_caption_reaches_the_people_who_have_the_conversation(ana: Citizen, polling: Services) -> None:
    ana.starts()
    await ana.hears("automátic")
    async with polling.database.write() as uow:
        conversation = (await uow.session.scalars(select(Conversation))).one()
        await polling.cases.do_open(uow, conversation, Reason.ASKED)
        await uow.commit()
    ana.sends_photo(CAPTION)
    await ana.hears("no lo leo")
    assert CAPTION in await lines_of(polling, Author.CITIZEN)


async def test_a_caption_that_is_corrected_is_noted(ana: Citizen, polling: Services) -> None:
    sent = ana.sends_photo("hay una farola")
    await ana.hears("Fuente")
    ana.edits_caption(sent, CAPTION)

    async def noted() -> Any:
        async with polling.database.read() as session:
            return await session.scalar(select(Message).where(Message.edited_from.is_not(None)))

    assert (await until(noted)).text == CAPTION


async def test_her_own_contact_answers_the_question_for_it(ana: Citizen, engine: FakeEngine) -> None:
    await asked_how_to_reach_her(ana, engine)
    ana.sends_contact(PHONE)

    async def heard() -> bool:
        return len(engine.asked) == 2

    await until(heard)
    assert engine.asked[-1].text == PHONE


async def test_somebody_elses_contact_is_asked_about(ana: Citizen, engine: FakeEngine) -> None:
    await asked_how_to_reach_her(ana, engine)
    ana.sends_contact(PHONE, of="Bruno")
    await ana.hears("de otra persona")
    assert len(engine.asked) == 1


async def test_a_contact_that_nobody_asked_for_is_told_what_to_do(ana: Citizen, engine: FakeEngine) -> None:
    ana.starts()
    await ana.hears("automátic")
    ana.sends_contact(PHONE)
    await ana.hears("No me hace falta")
    assert engine.asked == []


async def test_a_reply_to_an_older_answer_is_about_that_answer(ana: Citizen, engine: FakeEngine) -> None:
    engine.reply = says("utter_faq/bulky_waste", slots={"topics": json.dumps([["bulky_waste"]])})
    ana.writes("un sofá")
    older = await ana.hears("Fuente")
    engine.reply = says("utter_faq/passport", slots={"topics": json.dumps([["passport"], ["bulky_waste"]])})
    ana.writes("el pasaporte")
    newer = await ana.hears("Fuente")
    ana.writes("¿cuánto cuesta?", reply_to=older)
    await ana.hears("Fuente")
    ana.writes("¿cuánto cuesta?", reply_to=newer)
    await ana.hears("Fuente")
    remembered = [json.loads(turn.state["slots"]["topics"])[0] for turn in engine.asked[2:] if turn.state]
    assert remembered == [["bulky_waste"], ["passport"]]


async def test_the_desk_shows_which_message_a_reply_answers(ana: Citizen, polling: Services) -> None:
    await do_employ(polling, NURIA)
    nuria = Clerk(desk_app(polling))
    await nuria.signs_in(NURIA)
    ana.writes("un sofá")
    older = await ana.hears("Fuente")
    ana.writes("¿cuánto cuesta?", reply_to=older)
    await ana.hears("Fuente")
    async with polling.database.read() as session:
        conversation = (await session.scalars(select(Conversation))).one()
        answered = await session.scalar(select(Message.seq).where(Message.topic.is_not(None)).limit(1))
    page = (await nuria.opens(f"/desk/conversations/{conversation.id}")).text
    await nuria.http.aclose()
    lines = page.split('class="message')
    [line] = [line for line in lines if 'class="said" dir="auto">¿cuánto cuesta?' in line]
    assert f'href="#m{answered}"' in line


async def test_personal_data_in_a_reply_to_an_answer_is_told_as_anywhere(ana: Citizen, engine: FakeEngine) -> None:
    ana.writes("un sofá")
    answer = await ana.hears("Fuente")
    ana.writes("mi DNI es 12345678Z, ¿sirve?", reply_to=answer)
    await ana.hears("DNI")
