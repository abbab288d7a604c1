"""What a citizen can do about her data within the chat: see it, take it back, have it erased without a trace."""

import io
import json
import logging
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import select

from bot import logs
from bot.channels.telegram import link
from bot.commands.backup import do_backup
from bot.privacy.mask import mask
from bot.services import Services
from bot.settings import Settings
from bot.store.tables import Conversation, Draft, Event, Inbox, Item, ItemStep, Message, Table
from emulator.emulator import Emulator
from tests.cast import NURIA, do_hire
from tests.channels.conftest import emulator  # noqa: F401 - the fixture
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen

MARKER = "zanahoria-violeta"
DNI = "12345678Z"
CHAT_ID = 50_917_331


def offered(message: dict[str, Any], title: str) -> str:
    """The key of a button."""
    return str(next(button["button"] for button in message["buttons"] if button["title"] == title))


async def test_who_types_personal_data_is_told_once_and_can_have_it_removed(working: Services) -> None:
    ana = citizen(working)
    await ana.arrives()
    said = await ana.says(text=f"mi dni es {DNI}, ¿el sofá?")
    assert said[0].get("topic"), "the answer itself comes as ever"
    told = said[-1]
    assert "DNI" in told["text"] and DNI not in told["text"]
    assert len(await ana.says(text=f"repito, {DNI}")) == 1, "once is enough"
    await ana.says(button=offered(told, "Quítalo de este chat"))
    page = json.dumps(await ana.reads())
    assert DNI not in page and "[DNI]" in page
    async with working.database.read() as session:
        assert DNI not in json.dumps(list(await session.scalars(select(Message.text))))


async def test_a_form_that_asks_for_a_contact_is_not_interrupted(working: Services, engine: FakeEngine) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = says("utter_ask_item_contact", form="item_form")
    said = await ana.says(text="612 34 56 78")
    assert len(said) == 1


async def test_her_data_is_answered_while_she_waits_for_a_person_and_the_page_says_that_it_is_coming(
    working: Services, engine: FakeEngine
) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = says("utter_handed_over", handoff="citizen_request")
    await ana.says(text="quiero una persona")
    assert (await ana.reads())["state"] == "waiting_staff"
    [said] = await ana.says(text="/mydata")
    assert "Tus datos están listos" in said["text"]


async def test_my_data_holds_what_she_said_and_not_what_staff_noted(working: Services) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = citizen(working)
    await ana.arrives()
    await ana.says(text=f"el {MARKER}")
    async with working.database.write() as uow:
        await working.cases.do_note(uow, ana.conversation, nuria, "solo entre nosotras")
        await uow.commit()
    assert "Descargar mis datos" in (await ana.says(text="/mydata"))[0]["text"]
    path = f"/api/chat/v1/conversations/{ana.conversation}/mydata"
    assert (await ana.http.post(path)).status_code == 401
    files = (await ana.http.post(path, headers=ana.bearer)).json()
    assert set(files) == {"mydata.txt", "mydata.json"}
    assert MARKER in files["mydata.txt"]
    assert MARKER in json.dumps(json.loads(files["mydata.json"]))
    assert "entre nosotras" not in json.dumps(files)


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        (
            "es",
            ("de 1 conversación,", "1 aviso o sugerencia que"),
            ("de 2 conversaciones,", "3 avisos o sugerencias que"),
        ),
        ("en", ("of 1 conversation,", "1 report or suggestion that"), ("of 2 conversations,", "3 reports or sugg")),
    ],
)
async def test_one_is_one_and_several_are_several_and_what_is_not_there_is_not_counted(
    working: Services, language: str, one: tuple[str, ...], many: tuple[str, ...]
) -> None:
    ana = citizen(working)
    await ana.arrives(language=language)
    nothing = (await ana.says(text="/forget"))[0]["text"]
    assert not [line for line in nothing.splitlines() if line.startswith(("- 0", "De 0", "Of 0", "- \n"))]
    await file_something(working, ana.conversation, "submitted", 1)
    preview = (await ana.says(text="/forget"))[0]["text"]
    assert [words for words in one if words not in preview] == []
    async with working.database.write() as uow:
        earlier = Conversation(channel="web", agency="aldealba", language=language, state="closed")
        uow.session.add(earlier)
        await uow.session.flush()
        (await uow.session.get_one(Conversation, ana.conversation)).previous_id = earlier.id
        await uow.commit()
    await file_something(working, earlier.id, "submitted", 2)
    await file_something(working, earlier.id, "submitted", 3)
    preview = (await ana.says(text="/forget"))[0]["text"]
    assert [words for words in many if words not in preview] == []


@pytest.mark.parametrize(("language", "title"), [("es", "Descargar mis datos"), ("en", "Download my data")])
async def test_my_data_offers_to_download_before_it_offers_to_erase(
    working: Services, language: str, title: str
) -> None:
    ana = citizen(working)
    await ana.arrives(language=language)
    [said] = await ana.says(text="/mydata")
    first, second = said["buttons"]
    assert (first["title"], first["action"]) == (title, "download_my_data") and "action" not in second
    again = await ana.says(button=said["buttons"][0]["button"])
    assert again[0]["buttons"][0]["title"] == title, "a program that presses it is told how to get the files"


async def file_something(services: Services, conversation_id: str, state: str, number: int) -> None:
    """An item of hers with a history, and a draft of staff that quotes her."""
    async with services.database.write() as uow:
        item = Item(
            reference=f"ALD-2026-{number:06}-K",
            turn_id=f"t_{number}",
            conversation_id=conversation_id,
            kind="report",
            agency="aldealba",
            subject="other",
            text=f"{MARKER} rota",
            place=MARKER,
            contact=f"{MARKER}@example.com",
            language="es",
            state=state,
        )
        uow.session.add(item)
        await uow.session.flush()
        noted = {"note": f"Vemos {MARKER}", "private_note": f"la de {MARKER}"}
        uow.session.add(ItemStep(item_id=item.id, from_state="draft", to_state=state, actor="author", **noted))
        await uow.commit()


async def dump(services: Services) -> str:
    """Every value of every table."""
    rows = []
    async with services.database.read() as session:
        for table in Table.metadata.sorted_tables:
            rows += [repr(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(rows)


async def turn_ids(services: Services) -> list[str]:
    """The ids of all messages as the log has them."""
    async with services.database.read() as session:
        return list(await session.scalars(select(Inbox.turn_id)))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, from debug on."""
    root, out = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.configure(mask, "json", "debug", out)
    yield out
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def traces(settings: Settings, tmp_path: Path, *wanted: str) -> list[str]:
    """Where any of `wanted` still stands: the files of the database as bytes, and a backup made now."""
    target = tmp_path / "after.tar.gz"
    do_backup(settings, target)
    folder = tmp_path / "unpacked"
    with tarfile.open(target) as tar:
        tar.extractall(folder, filter="data")
    files = [*settings.home.glob("ventanilla.db*"), *(path for path in folder.rglob("*") if path.is_file())]
    return [f"{path.name}: {text}" for path in files for text in wanted if text.encode() in path.read_bytes()]


async def test_after_forget_nothing_of_her_is_left_on_the_web(
    working: Services, settings: Settings, tmp_path: Path, logged: io.StringIO
) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = citizen(working)
    await ana.arrives()
    for number in range(12):
        await ana.says(text=f"{MARKER} {number} mi dni {DNI}")
    await ana.says(button="system.person")
    await file_something(working, ana.conversation, "submitted", 1)
    await file_something(working, ana.conversation, "assigned", 2)
    async with working.database.write() as uow:
        uow.session.add(Draft(staff_id=nuria.id, conversation_id=ana.conversation, mode="reply", text=MARKER))
        await working.cases.do_note(uow, ana.conversation, nuria, f"entre nosotras: {MARKER}")
        await uow.commit()
    assert MARKER in await dump(working)
    preview = (await ana.says(text="/forget"))[0]
    turns = await turn_ids(working)
    assert len(turns) == 14 and turns[0] in logged.getvalue()
    assert "- 1 aviso o sugerencia que aún nadie" in preview["text"] and "De 1 que ya se tramita se" in preview["text"]
    assert "de 1 conversación," in preview["text"]
    await ana.posts(button=offered(preview, "Sí, borrar todo"))

    async def closed() -> dict[str, Any] | None:
        page = await ana.reads()
        return page if page["state"] == "closed" else None

    page = await until(closed)
    assert [message["text"][:6] for message in page["messages"]] == ["Hecho:"]
    left = await dump(working)
    assert not [text for text in (MARKER, DNI, *turns) if text in left]
    assert "ALD-2026-000001-K" not in left and "ALD-2026-000002-K" in left
    assert await working.database.do_empty_log()
    assert traces(settings, tmp_path, MARKER, DNI, *turns) == []
    assert not [text for text in (MARKER, DNI, ana.conversation, ana.token) if text in logged.getvalue()]
    async with working.database.read() as session:
        [event] = list(await session.scalars(select(Event).where(Event.kind == "forgotten")))
    assert event.conversation_id is None and event.data["items_erased"] == 1


async def test_no_leaves_everything_as_it_is(working: Services) -> None:
    ana = citizen(working)
    await ana.arrives()
    await ana.says(text=MARKER)
    preview = (await ana.says(text="/olvidar"))[0]
    await ana.says(button=offered(preview, "No, dejarlo como está"))
    assert MARKER in await dump(working)


async def test_on_telegram_she_gets_files_and_is_forgotten_with_her_address(
    working: Services,
    settings: Settings,
    tmp_path: Path,
    emulator: Emulator,  # noqa: F811
    logged: io.StringIO,
) -> None:
    working.settings.telegram_token = SecretStr(emulator.token)
    working.settings.telegram_api_base = emulator.address
    async with link.connected(working):
        await emulator.listened()
        ana = emulator.citizen("Zoraida", id=CHAT_ID, language="es")
        ana.writes(f"{MARKER} {DNI}")
        await ana.hears("dato personal")
        ana.writes("/mydata")
        await ana.hears("dos archivos")
        await emulator.settled()
        ana.writes("/forget")
        preview = await ana.hears("para siempre")
        turns = await turn_ids(working)
        async with working.database.read() as session:
            [conversation] = list(await session.scalars(select(Conversation.id)))
        press = ana.presses(preview.buttons[0])
        await press.answered()
        await ana.hears("Hecho")

        async def gone() -> bool:
            async with working.database.read() as session:
                return (await session.scalars(select(Conversation))).first() is None

        await until(gone)
        assert await working.database.do_empty_log()
    left = await dump(working)
    key = working.secrets.key_of("telegram", str(CHAT_ID))
    hers = (MARKER, DNI, "Zoraida", str(CHAT_ID), key, conversation)
    assert len(turns) == 3
    assert not [text for text in (*hers, *turns) if text in left]
    assert traces(settings, tmp_path, *hers, *turns) == []
    assert not [text for text in hers if text in logged.getvalue()]


async def test_what_was_said_by_another_citizen_stays(working: Services) -> None:
    ana, bea = citizen(working), citizen(working)
    await ana.arrives()
    await bea.arrives()
    await bea.says(text="lo de Bea")
    preview = (await ana.says(text="/forget"))[0]
    await ana.posts(button=offered(preview, "Sí, borrar todo"))

    async def forgotten() -> bool:
        return "lo de Bea" in await dump(working) and (await ana.reads())["state"] == "closed"

    await until(forgotten)
