"""Log lines: one per event, by machines or people to read, and nobody's words, names or tokens in them."""

import io
import json
import logging
import sqlite3
import traceback
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import logs
from bot.privacy.mask import mask
from bot.services import Services
from bot.store.tables import Staff
from tests.chat import Ana, chat_app
from tests.fakes import FakeEngine

TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake12"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def lines() -> Any:
    out = io.StringIO()
    logs.configure(mask, "json", "info", out)
    return lambda: [json.loads(line) for line in out.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_look_alike(lines: Any) -> None:
    structlog.get_logger().info("knowledge.reloaded", files=3)
    logging.getLogger("uvicorn.error").warning("slow %s", "client")
    ours, theirs = lines()
    assert (ours["event"], ours["files"], ours["level"]) == ("knowledge.reloaded", 3, "info")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow client", "warning", "uvicorn.error")
    assert ours["timestamp"].endswith("Z") and theirs["timestamp"].endswith("Z")


def test_a_full_disk_under_the_log_stops_nobody() -> None:
    class Full(io.StringIO):
        def write(self, line: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    logs.configure(mask, "json", "info", Full())
    structlog.get_logger().error("lane.claim_failed")
    logging.getLogger("uvicorn.error").error("broken")


def test_addresses_that_httpx_tells_are_not_logged(lines: Any) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    assert lines() == []


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        (f"POST https://api.telegram.org/bot{TOKEN}/sendMessage", TOKEN),
        ("Authorization: Bearer s3cr3t-token-of-ana", "s3cr3t-token-of-ana"),
        ("postgresql+psycopg://ventanilla:hunter2hunter2@db/ventanilla", "hunter2hunter2"),
        ("password=correcthorse&next=/desk", "correcthorse"),
        ('{"token": "abcdefghij"}', "abcdefghij"),
    ],
)
def test_what_opens_a_door_leaves_no_line(lines: Any, said: str, hidden: str) -> None:
    structlog.get_logger().warning("library.said", words=said)
    logging.getLogger("telegram").warning(said)
    logging.getLogger("telegram").warning("it said %s", said)
    found = lines()
    assert len(found) == 3
    assert hidden not in json.dumps(found)


def test_a_secret_by_its_name_is_hidden(lines: Any) -> None:
    structlog.get_logger().warning("x", metrics_token="short1", password="p", tokens_left=3)
    [line] = lines()
    assert (line["metrics_token"], line["password"], line["tokens_left"]) == ("…", "…", 3)


def test_an_exception_is_told_by_kind_and_place_without_its_words(lines: Any) -> None:
    try:
        try:
            int("Calle Luna 12")
        except ValueError as error:
            raise KeyError("ana@example.org") from error
    except KeyError:
        structlog.get_logger().exception("turn.failed")
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
        logging.getLogger("uvicorn.error").error("Lifespan broke\n" + traceback.format_exc())
    ours, theirs, as_words = lines()
    assert as_words["event"] == "Lifespan broke"
    assert "Luna" not in json.dumps(as_words)
    assert ours["problem"] == theirs["problem"] == "KeyError < ValueError"
    assert "test_logs.py" in ours["at"][-1]
    assert "Luna" not in json.dumps([ours, theirs])
    assert "ana@" not in json.dumps([ours, theirs])


async def test_what_the_database_refuses_is_not_quoted(lines: Any, services: Services) -> None:
    async with services.database.write() as uow:
        for _ in range(2):
            uow.session.add(Staff(email="nuria.secreta@example.org", name="Nuria", role="staff", agency="aldealba"))
        with pytest.raises(IntegrityError) as refused:
            await uow.session.flush()
    structlog.get_logger().error("x", exc_info=refused.value)
    line = lines()[-1]
    assert "nuria.secreta" not in str(line)
    assert line["problem"].startswith(f"IntegrityError: {type(refused.value.orig).__name__}")


def test_that_the_disk_is_full_is_said(lines: Any) -> None:
    error = OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))
    structlog.get_logger().error("x", exc_info=error)
    assert lines()[0]["problem"] == "OperationalError: database or disk is full"


async def test_one_id_leads_from_the_request_to_the_reply(lines: Any, working: Services, engine: FakeEngine) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(working)), base_url="http://t") as http:
        ana = Ana(http)
        await ana.arrives()
        await ana.says(text="quiero tirar un sofá")
    found = lines()
    [received] = [line for line in found if line["event"] == "message.received"]
    [ended] = [line for line in found if line["event"] == "turn.ended"]
    assert received["message"] == ended["message"] == engine.asked[0].turn_id
    assert received["request"].startswith("r_")
    assert "sofá" not in json.dumps(found, ensure_ascii=False)


def test_at_a_terminal_lines_are_for_people() -> None:
    out = io.StringIO()
    logs.configure(mask, "text", "info", out)
    structlog.get_logger().info("engine_ready", replica=1)
    assert out.getvalue().endswith("info    engine_ready replica=1\n")


def test_the_least_that_is_logged_is_obeyed() -> None:
    out = io.StringIO()
    logs.configure(mask, "json", "warning", out)
    structlog.get_logger().info("quiet")
    logging.getLogger("anything").info("quiet")
    assert out.getvalue() == ""
