"""Telegram end to end against the strict emulator: every call is held to the published Bot API."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bot.channels.telegram import link, receive, send, webhook
from bot.replicas.client import EngineReply, EngineTurn
from bot.services import Services
from bot.store.tables import Case, Conversation, Inbox, Message, Outbox, Turn
from bot.turns import assistant, danger, parts
from bot.turns.danger import danger_in
from emulator.emulator import Emulator
from tests.cast import NURIA, do_hire
from tests.conftest import until
from tests.fakes import FakeEngine, says


async def stored(services: Services, table: Any) -> int:
    async with services.database.read() as session:
        return int((await session.scalar(select(func.count()).select_from(table))) or 0)


async def test_a_citizen_is_greeted_and_answered_with_buttons(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    ana.writes("quiero tirar un sofá")
    answer = await ana.hears("Fuente")
    assert answer.buttons
    press = ana.presses(answer.buttons[0])
    await press.answered()
    await ana.hears("Fuente")
    assert engine.asked[-1].payload.startswith("/faq/")


async def test_a_repeated_update_is_one_turn(polling: Services, emulator: Emulator, engine: FakeEngine) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    emulator.doubles(times=2)
    ana.writes("un sofá")
    await ana.hears("Fuente")
    emulator.repeats(emulator.updates.made[-1])
    await emulator.settled()
    ana.writes("otra vez")
    await ana.hears("Fuente")
    assert [turn.text for turn in engine.asked] == ["un sofá", "otra vez"]


async def test_an_edited_message_starts_no_turn_and_is_noted(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    sent = ana.writes("un sofa")
    await ana.hears("Fuente")
    ana.edits(sent, "un sofá viejo")
    await emulator.settled()

    async def noted() -> Any:
        async with polling.database.read() as session:
            return (await session.scalars(select(Message).where(Message.edited_from.is_not(None)))).first()

    message = await until(noted)
    assert (message.edited_from, message.text) == ("un sofa", "un sofá viejo")
    assert len(engine.asked) == 1


def in_danger(turn: EngineTurn) -> EngineReply:
    """What the engine says when a rule of the counter has heard danger."""
    return says("utter_crisis" if turn.slots["alarmed"] else "utter_faq/bulky_waste")


async def reasons(services: Services) -> list[str]:
    async with services.database.read() as session:
        return list(await session.scalars(select(Case.reason)))


@pytest.mark.parametrize(
    "typed",
    [
        "/ayuda mi marido me esta pegando",
        "/help me quiero matar",
        "/person me quiero matar",
        "/forget me quiero matar",
        "/misdatos me quiero matar",
        "/start me quiero matar",
        "/start me_quiero_matar",
        "/idioma me quiero matar",
        "a" * 4_050 + " me quiero matar",
    ],
    ids=lambda typed: typed[-40:],
)
async def test_danger_is_answered_in_whatever_form_it_comes(
    polling: Services, emulator: Emulator, engine: FakeEngine, typed: str
) -> None:
    engine.reply = in_danger
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes(typed)
    await ana.hears("112")

    async def opened() -> bool:
        return await reasons(polling) == ["crisis"]

    await until(opened)


@pytest.mark.parametrize("text", ["hola, ¿el sofá?", "me quiero morir"])
async def test_the_rule_reads_a_text_once(
    polling: Services, emulator: Emulator, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    read: list[str] = []

    def reads(said: str, words: Any) -> str | None:
        read.append(said)
        return danger_in(said, words)

    for module in (danger, assistant):
        monkeypatch.setattr(module, "danger_in", reads)
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes(text)
    await ana.hears("Fuente" if "sofá" in text else "112")
    assert read == [text]


async def test_a_message_that_becomes_danger_when_it_is_edited_is_answered_once(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    engine.reply = in_danger
    ana = emulator.citizen("Ana", id=501, language="es")
    sent = ana.writes("hola")
    await ana.hears("Fuente")
    ana.edits(sent, "me quiero matar")
    await ana.hears("112")
    ana.edits(sent, "me quiero matar hoy")
    await emulator.settled()
    assert len(engine.asked) == 2


async def test_words_behind_a_command_are_a_message_and_a_person_reads_what_she_is_wanted_for(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("/ayuda quiero tirar un sofá")
    await ana.hears("Fuente")
    engine.reply = says("utter_handed_over")
    ana.writes("/persona por lo del padrón")

    async def asked() -> bool:
        return len(engine.asked) == 2

    await until(asked)
    assert [(turn.text, turn.payload) for turn in engine.asked] == [
        ("quiero tirar un sofá", None),
        (None, "/ask_human"),
    ]
    async with polling.database.read() as session:
        texts = list(await session.scalars(select(Message.text).where(Message.author == "citizen")))
    assert texts == ["quiero tirar un sofá", "por lo del padrón"]


@pytest.mark.parametrize("sends", ["sends_photo", "sends_voice", "sends_sticker", "sends_document", "sends_contact"])
async def test_what_is_no_text_gets_a_polite_answer(
    polling: Services, emulator: Emulator, engine: FakeEngine, sends: str
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    arguments = {"sends_document": ("a.pdf",), "sends_contact": ("+34600000000",)}.get(sends, ())
    getattr(ana, sends)(*arguments)
    said = await ana.hears(lambda heard: "automátic" not in heard.text)
    assert "utter_" not in said.text
    assert engine.asked == []


async def test_a_location_reaches_the_engine_as_a_payload(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.sends_location(40.4, -3.7)
    await ana.hears("Fuente")
    assert engine.asked[0].payload.startswith('/share_location{"lat": 40.4')


async def test_a_group_is_refused_politely(polling: Services, emulator: Emulator, engine: FakeEngine) -> None:
    there = emulator.citizen("Ana", id=501).in_group("Vecinos")
    there.writes("/help")
    await emulator.called("sendMessage")
    assert engine.asked == []
    assert await stored(polling, Conversation) == 0


async def test_a_deep_link_opens_its_topic(polling: Services, emulator: Emulator, engine: FakeEngine) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts("t_bulky_waste")
    await ana.hears("Fuente")
    assert engine.asked[0].payload == "/faq/bulky_waste"


async def test_busy_telegram_is_obeyed_and_nothing_is_lost(polling: Services, emulator: Emulator) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    emulator.plays("sendMessage", status=429, retry_after=1, times=2)
    ana.writes("un sofá")
    await ana.hears("Fuente", within=20)


async def test_a_citizen_who_blocks_us_is_marked(polling: Services, emulator: Emulator) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    ana.blocks()

    async def marked() -> Any:
        async with polling.database.read() as session:
            return (await session.execute(select(Conversation.unreachable))).scalar_one()

    assert await until(marked) == "blocked_by_citizen"


async def test_an_old_button_gets_a_notice_and_no_turn(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    engine.reply = says("utter_ask_item_contact", form="item_form")
    ana.writes("un bache")
    asked = await ana.hears(lambda heard: bool(heard.buttons) and "automátic" not in heard.text)
    engine.reply = says("utter_faq/bulky_waste", form="item_form")
    ana.writes("¿y un sofá?")
    await ana.hears("Fuente")
    press = ana.presses(asked.buttons[0], on=asked)
    notice = await press.answered()
    assert notice
    assert len(engine.asked) == 2


async def test_staff_reply_to_telegram_by_name(polling: Services, emulator: Emulator, engine: FakeEngine) -> None:
    nuria = (await do_hire(polling.database, NURIA))["Nuria"]
    ana = emulator.citizen("Ana", id=501, language="es")
    engine.reply = says("utter_handed_over")
    ana.writes("quiero hablar con alguien")

    async def waiting() -> Any:
        async with polling.database.read() as session:
            found = await session.scalars(select(Conversation.id).where(Conversation.state == "waiting_staff"))
            return found.first()

    conversation = await until(waiting)
    async with polling.database.write() as uow:
        await polling.cases.do_claim(uow, conversation, nuria)
        await polling.cases.do_reply(uow, conversation, nuria, "Hola Ana, ¿qué necesitas?")
        await uow.commit()
    said = await ana.hears("¿qué necesitas?")
    assert said.text.startswith("Nuria")


async def test_a_long_reply_arrives_in_parts(polling: Services, emulator: Emulator, engine: FakeEngine) -> None:
    nuria = (await do_hire(polling.database, NURIA))["Nuria"]
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    async with polling.database.write() as uow:
        conversation = (await uow.session.execute(select(Conversation))).scalar_one()
        await polling.cases.do_claim(uow, conversation.id, nuria)
        await polling.cases.do_reply(uow, conversation.id, nuria, "palabra " * 499 + "fin")
        await polling.cases.do_reply(uow, conversation.id, nuria, "😀" * 3_990 + " fin largo")
        await uow.commit()
    await ana.hears("fin largo")


async def test_the_webhook_needs_its_secret_and_stores_once(
    working: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    import uvicorn

    app = FastAPI()
    app.include_router(webhook.router(working))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started)
    port = server.servers[0].sockets[0].getsockname()[1]
    working.settings.telegram_token = SecretStr(emulator.token)
    working.settings.telegram_api_base = emulator.address
    working.settings.public_url = f"http://127.0.0.1:{port}"
    async with link.connected(working):
        await emulator.listened()
        async with httpx.AsyncClient(base_url=working.settings.public_url) as http:
            assert (await http.post(webhook.PATH, json={"update_id": 1})).status_code == 401
        ana = emulator.citizen("Ana", id=501, language="es")
        emulator.doubles(times=1)
        ana.writes("un sofá")
        await ana.hears("Fuente")
        await emulator.settled()
    server.should_exit = True
    await serving
    assert await stored(working, Inbox) == 1


async def test_a_language_button_changes_the_language(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("/language")
    asked = await ana.hears("idioma")
    await ana.presses(asked.buttons[1], on=asked).answered()
    await ana.hears("English")
    assert engine.asked == []
    ana.writes("/help")
    await ana.hears("person")


async def test_parts_that_have_left_are_not_sent_again(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    nuria = (await do_hire(polling.database, NURIA))["Nuria"]
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    emulator.plays("sendMessage", status=429, retry_after=1, spared=2)
    async with polling.database.write() as uow:
        conversation = (await uow.session.execute(select(Conversation))).scalar_one()
        await polling.cases.do_claim(uow, conversation.id, nuria)
        await polling.cases.do_reply(uow, conversation.id, nuria, "principio " + "😀" * 3_980 + " fin largo")
        await uow.commit()
    await ana.hears("fin largo")
    assert len([heard for heard in ana.heard if "principio" in heard.text]) == 1


async def test_waiting_for_a_person_can_be_ended(polling: Services, emulator: Emulator, engine: FakeEngine) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    engine.reply = says("utter_handed_over")
    ana.writes("quiero hablar con alguien")
    told = await ana.hears(lambda heard: heard.buttons == ["Seguir con el asistente"])
    ana.presses(told.buttons[0], on=told)
    await ana.hears("Ya no esperas")
    engine.reply = says("utter_faq/bulky_waste")
    ana.writes("un sofá")
    await ana.hears("Fuente")


async def test_an_update_that_always_fails_does_not_silence_the_others(
    polling: Services, emulator: Emulator, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "AGAIN", 0.01)
    storing = receive.Receiver._store

    async def store(self: receive.Receiver, uow: Any, update_id: int, heard: Any) -> Any:
        if heard.text == "veneno":
            raise ValueError("veneno")
        return await storing(self, uow, update_id, heard)

    monkeypatch.setattr(receive.Receiver, "_store", store)
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("veneno")
    ana.writes("un sofá")
    await ana.hears("Fuente")
    assert [turn.text for turn in engine.asked] == ["un sofá"]


async def test_while_the_database_is_away_no_update_is_left_behind(
    polling: Services, emulator: Emulator, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "AGAIN", 0.01)
    storing, left = receive.Receiver._store, [10]

    async def store(self: receive.Receiver, uow: Any, update_id: int, heard: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise OperationalError("INSERT", {}, Exception("away"))
        return await storing(self, uow, update_id, heard)

    monkeypatch.setattr(receive.Receiver, "_store", store)
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("un sofá")
    await ana.hears("Fuente")
    assert left == [0]


async def test_updates_come_in_again_when_the_database_was_away_while_they_were_acknowledged(
    polling: Services, emulator: Emulator, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "AGAIN", 0.01)
    marking, left = link._do_mark, [3]

    async def mark(bot: link.Link, offset: int) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OperationalError("UPDATE", {}, Exception("away"))
        await marking(bot, offset)

    monkeypatch.setattr(link, "_do_mark", mark)
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("un sofá")
    ana.writes("una lavadora")
    await ana.hears("Fuente")
    await ana.hears("Fuente")
    assert left == [0]
    assert [turn.text for turn in engine.asked] == ["un sofá", "una lavadora"]


async def test_while_no_connection_to_the_database_is_free_no_update_is_left_behind(
    polling: Services, emulator: Emulator, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "AGAIN", 0.01)
    storing, left = receive.Receiver._store, [10]

    async def store(self: receive.Receiver, uow: Any, update_id: int, heard: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise NoConnection("QueuePool limit reached")
        return await storing(self, uow, update_id, heard)

    monkeypatch.setattr(receive.Receiver, "_store", store)
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("un sofá")
    await ana.hears("Fuente")


async def test_who_lets_the_bot_in_again_can_be_reached_again(polling: Services, emulator: Emulator) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    ana.blocks()

    async def mark() -> Any:
        async with polling.database.read() as session:
            return (await session.execute(select(Conversation.unreachable))).scalar_one()

    async def marked() -> bool:
        return await mark() is not None

    async def free() -> bool:
        return await mark() is None

    await until(marked)
    async with polling.hub.desk("aldealba") as notices:
        ana.unblocks()
        assert (await asyncio.wait_for(notices.get(), 20)).kind == "delivery"
    await until(free)


async def test_somebody_unknown_who_blocks_us_begins_no_conversation(polling: Services, emulator: Emulator) -> None:
    emulator.citizen("Ana", id=501).blocks()
    emulator.citizen("Bea", id=502).in_group("Vecinos")
    await emulator.settled()
    assert await stored(polling, Conversation) == 0


async def test_ten_pictures_at_once_get_one_answer(polling: Services, emulator: Emulator) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    ana.sends_album(10)
    ana.sends_sticker()
    await emulator.settled()

    async def answered() -> list[str]:
        said = [heard.text for heard in ana.heard if "automátic" not in heard.text]
        return said if len(said) == 2 else []

    assert len(set(await until(answered))) == 2


async def test_a_command_for_another_bot_is_none_of_ours(polling: Services, emulator: Emulator) -> None:
    there = emulator.citizen("Ana", id=501).in_group("Vecinos")
    there.writes("/help@some_other_bot")
    await emulator.settled()
    assert emulator.calls_of("sendMessage") == []


async def test_refused_buttons_do_not_keep_the_words_back(polling: Services, emulator: Emulator) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    emulator.plays("sendMessage", status=400, description="Bad Request: BUTTON_DATA_INVALID", spared=1)
    ana.writes("un sofá")
    answer = await ana.hears("Fuente")
    assert answer.buttons == []

    async def sent() -> bool:
        return await delivery_states(polling) == ["sent", "sent"]

    await until(sent)


@pytest.mark.parametrize(
    ("status", "description", "code"),
    [
        (400, "Bad Request: chat not found", "chat_gone"),
        (403, "Forbidden: user is deactivated", "account_deleted"),
        (403, "Forbidden: bot was blocked by the user", "blocked_by_citizen"),
    ],
)
async def test_refusals_of_a_chat_are_told_apart(
    polling: Services, emulator: Emulator, status: int, description: str, code: str
) -> None:
    emulator.plays("sendMessage", status=status, description=description)
    emulator.citizen("Ana", id=501, language="es").writes("un sofá")

    async def marked() -> Any:
        async with polling.database.read() as session:
            return (await session.execute(select(Conversation.unreachable))).scalar()

    assert await until(marked) == code


async def test_a_call_that_hangs_holds_only_its_own_chat(
    polling: Services, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "CALL_SECONDS", 0.5)
    emulator.plays("sendMessage", hang=True, chat_id=501)
    ana, bea = emulator.citizen("Ana", id=501, language="es"), emulator.citizen("Bea", id=502, language="es")
    ana.writes("un sofá")
    await emulator.settled()
    bea.writes("un sofá")
    await bea.hears("Fuente")
    await ana.hears("Fuente", within=20)
    emulator.clears()


async def test_a_press_that_telegram_lets_nobody_answer_holds_no_update_behind_it(
    polling: Services, emulator: Emulator
) -> None:
    ana, bea = emulator.citizen("Ana", id=501, language="es"), emulator.citizen("Bea", id=502, language="es")
    ana.writes("un sofá")
    answer = await ana.hears("Fuente")
    emulator.plays("answerCallbackQuery", hang=True)
    press = ana.presses(answer.buttons[0])
    bea.writes("un sofá")
    await bea.hears("Fuente")
    press.take({})
    emulator.clears()


async def delivery_states(services: Services) -> list[str]:
    """Of all that was said, in order."""
    async with services.database.read() as session:
        return list((await session.scalars(select(Outbox.state).order_by(Outbox.id))).all())


async def test_a_long_text_that_telegram_cuts_is_one_question(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    story = "Vivo aquí desde hace años y la historia es larga. " * 90
    ana.writes(f"Hola. {story}"[:4_096])
    ana.writes("¿Cómo tiro un sofá?")
    await ana.hears("Fuente")
    await emulator.settled()
    turn = engine.asked[-1]
    assert turn.text and turn.text.startswith("Hola. Vivo") and turn.text.endswith("¿Cómo tiro un sofá?")
    assert await stored(polling, Turn) == 1 and await stored(polling, Inbox) == 2


async def test_the_longest_message_of_telegram_is_answered_by_itself(
    polling: Services, emulator: Emulator, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PATIENCE", {"telegram": 0.5})
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.writes("¿Cómo tiro un sofá? " * 204)
    await ana.hears("Fuente")
    assert len(engine.asked) == 1 and len(engine.asked[0].text or "") <= 4_000


async def test_in_a_report_nothing_is_cut_out_of_the_longest_message(
    polling: Services, emulator: Emulator, engine: FakeEngine
) -> None:
    ana = emulator.citizen("Ana", id=501, language="es")
    ana.starts()
    await ana.hears("automátic")
    engine.reply = says("utter_ask_item_text_report", form="item_form")
    ana.writes("quiero avisar de algo")
    await ana.hears("Qué ocurre")
    ana.writes(("La farola de mi calle parpadea y " * 200)[:4_050])
    await ana.hears("pasa de 4000 caracteres")
    assert len(engine.asked) == 1, "no part of it is taken for the whole"
    ana.writes("a" * 4_050 + " me quiero matar")
    await ana.hears("112")
