"""A whole conversation with personal data on both channels, and nothing of it in any log."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.chats import Citizen, Heard
from emulator.emulator import Emulator
from tests.whole.product import Product, until

pytestmark = pytest.mark.whole
ELSEWHERE = ThreadPoolExecutor(1)
NAME, ID = "Xenobia", 918273645
# What she tells, and how much of it is enough to know that it was she.
TOLD = ("Vallehermoso", "xenobia.q@correo.example", "612345987", "12345678Z", "ES9121000418450200051332", "Bergantines")


def hears(citizen: Citizen, wanted: str | Callable[[Heard], bool]) -> Heard:
    return ELSEWHERE.submit(asyncio.run, citizen.hears(wanted, within=30)).result()


def logs_of(product: Product) -> dict[str, str]:
    files = [product.output, *sorted((product.home / "log").glob("*"))]
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in files}


def test_nothing_that_a_citizen_tells_is_in_a_log(product: Product, emulator: Emulator) -> None:
    xenobia = emulator.citizen(NAME, id=ID, language="es")
    xenobia.starts()
    hears(xenobia, "asistente automático")
    xenobia.writes("quiero avisar de un problema")
    hears(xenobia, "¿Qué")
    xenobia.writes("la farola de mi portal parpadea, me llamo Xenobia y mi DNI es 12345678Z")
    hears(xenobia, lambda heard: "Dónde" in heard.text or "dónde" in heard.text)
    xenobia.writes("calle Vallehermoso 12")
    hears(xenobia, "correo o un teléfono")
    xenobia.writes("xenobia.q@correo.example")
    hears(xenobia, "¿Lo envío?")
    before = len(ended(product))
    conversation = product.hears(
        "soy Xenobia, vivo en la calle de los Bergantines 3 y mi cuenta es ES9121000418450200051332",
        "mi teléfono es 612345987, ¿cómo tiro un sofá?",
        "quiero hablar con una persona",
    )
    logs = logs_of(product)
    for said in (*TOLD, NAME, str(ID), conversation, emulator.token, emulator.token.partition(":")[2]):
        assert [name for name, text in logs.items() if said.lower() in text.lower()] == [], said
    assert len(ended(product)) == before + 3


def ended(product: Product) -> list[dict[str, str]]:
    return [line for line in lines_of(product.output) if line["event"] == "turn.ended"]


def test_one_id_leads_from_telegram_to_telegram(product: Product, emulator: Emulator) -> None:
    yolanda = emulator.citizen("Yolanda", id=918273646, language="es")
    yolanda.writes("quiero tirar un sofá")
    hears(yolanda, "Fuente")

    def way() -> set[str]:
        lines = lines_of(product.output)
        [received, *_] = [line for line in reversed(lines) if line["event"] == "message.received"]
        found = {line["event"] for line in lines if line.get("message") == received["message"]}
        return found if "outbox.sent" in found else set()

    assert until(way, 20) == {"message.received", "turn.ended", "outbox.sent"}


def lines_of(output: Path) -> list[dict[str, str]]:
    """The lines that are not what `start` itself prints."""
    lines = output.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]
