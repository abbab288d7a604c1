"""An administrator changes an answer; the next citizen who asks gets it, with nothing restarted or trained."""

import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import ADA
from tests.whole.product import Product
from tests.whole.test_pages import signs_in

pytestmark = pytest.mark.whole
NEW = "Hasta nuevo aviso la recogida de muebles se pide solo por teléfono."


def asks(page: Page, question: str) -> None:
    box = page.get_by_role("textbox")
    box.fill(question)
    box.press("Enter")


def test_an_edited_answer_is_live_and_can_be_taken_back(
    product: Product, phone: BrowserContext, desktop: BrowserContext, laptop: BrowserContext
) -> None:
    models = {path: path.stat().st_mtime_ns for path in (product.home / "models").glob("*.tar.gz")}
    engines = [engine.pid for engine in product.engines()]
    citizen, studio = phone.new_page(), desktop.new_page()
    citizen.goto("/")
    expect(citizen.get_by_role("log")).to_contain_text("asistente automático")
    asks(citizen, "quiero tirar un sofá viejo")
    log = citizen.get_by_role("log")
    expect(log).to_contain_text("Fuente")
    expect(log).not_to_contain_text(NEW)

    signs_in(studio, ADA)
    studio.goto("/studio?q=sofá")
    studio.locator("a[href$='/bulky_waste']").click()
    studio.locator("[id='es.text']").fill(NEW)
    expect(studio.locator("#preview-es")).to_contain_text(NEW)
    saved = time.monotonic()
    studio.locator(".save-bar button").click()
    expect(studio.get_by_role("status")).to_contain_text("Guardada")
    asks(citizen, "¿cuánto cuesta la piscina?")  # or the rest of the answer that she has just read would be said
    expect(log).to_contain_text("piscina")
    expect(log.get_by_text("Fuente")).to_have_count(2)
    asks(citizen, "quiero tirar una lavadora")
    expect(log).to_contain_text(NEW)
    print(f"edited to answered: {time.monotonic() - saved:.1f} s")
    bruno = laptop.new_page()
    bruno.goto("/")
    asks(bruno, "¿y un sofá muy grande, cómo lo tiro?")
    expect(bruno.get_by_role("log")).to_contain_text(NEW)  # who never read the old one, in a new conversation

    studio.locator("a[href$='/versions']").click()
    studio.locator("[data-row]").first.click()
    studio.get_by_role("button", name="Recuperar").click()
    expect(studio.get_by_role("status")).to_contain_text("Recuperada")
    asks(citizen, "¿cuándo abre la biblioteca?")
    expect(log.get_by_text("Fuente")).to_have_count(3)  # what was answered before is told in part
    asks(citizen, "quiero tirar un colchón")
    expect(log.get_by_text("gratis si pides cita")).to_have_count(2)

    assert {path: path.stat().st_mtime_ns for path in (product.home / "models").glob("*.tar.gz")} == models
    assert [engine.pid for engine in product.engines()] == engines
