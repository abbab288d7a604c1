"""The whole way in two browsers, and again over Telegram: an answer, a suggestion, a person, and back."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from emulator.chats import Citizen, Heard
from emulator.emulator import Emulator
from tests.cast import NURIA
from tests.whole.product import Product

pytestmark = pytest.mark.whole
# Playwright's synchronous calls hold this thread's event loop; the emulator's waiting gets another thread.
ELSEWHERE = ThreadPoolExecutor(1)
REFERENCE = re.compile(r"[A-Z]{3}-\d{4}-\d{6}-[A-Z]")


def writes(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    box.fill(text)
    box.press("Enter")


def log(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("log")


def signs_in(desk: Page) -> None:
    desk.goto("/desk")
    desk.get_by_label("Correo").fill(NURIA.email)
    desk.get_by_label("Contraseña").fill(NURIA.password)
    desk.get_by_role("button", name="Entrar").click()


def takes_over(desk: Page) -> None:
    desk.locator("#do-claim").click()


def test_answer_suggestion_person_and_back(phone: BrowserContext, desktop: BrowserContext) -> None:
    ana = phone.new_page()
    ana.goto("/")
    expect(log(ana)).to_contain_text("asistente automático")
    writes(ana, "quiero tirar un sofá viejo")
    expect(log(ana)).to_contain_text("Fuente")
    writes(ana, "english please")
    expect(log(ana)).to_contain_text("we go on in English")
    writes(ana, "how do I renew my passport?")
    expect(log(ana)).to_contain_text("Book online or on 900 000 032")
    writes(ana, "en español por favor")
    expect(log(ana)).to_contain_text("seguimos en español")
    writes(ana, "quiero hacer una sugerencia")
    expect(log(ana)).to_contain_text("¿Qué propones?")
    writes(ana, "deberían poner más bancos en el parque")
    expect(log(ana)).to_contain_text("¿Dónde es?")
    writes(ana, "calle Olmo 3")
    expect(log(ana)).to_contain_text("correo o un teléfono")
    writes(ana, "¿cuánto cuesta el pasaporte?")
    expect(log(ana).get_by_text("correo o un teléfono")).to_have_count(2)
    writes(ana, "no, en la calle Mayor")
    expect(log(ana)).to_contain_text("Corregido")
    ana.get_by_role("button", name="Saltar").last.click()
    expect(log(ana)).to_contain_text("¿Lo envío?")
    expect(log(ana)).to_contain_text("Lugar: calle Mayor")
    ana.get_by_role("button", name="Enviar", exact=True).first.click()
    expect(log(ana)).to_contain_text(REFERENCE)
    ana.get_by_role("button", name="Hablar con una persona").last.click()
    expect(log(ana)).to_contain_text(re.compile("puesto|oficina"))

    nuria = desktop.new_page()
    signs_in(nuria)
    nuria.locator("[data-row]").first.click()
    expect(nuria.locator("#packet")).to_contain_text("Pasaporte")
    takes_over(nuria)
    expect(log(ana)).to_contain_text("Te atiende Nuria")
    nuria.locator("#text-reply").fill("Hola, soy Nuria. ¿En qué te ayudo?")
    nuria.locator("#form-reply button").click()
    expect(log(ana)).to_contain_text("Hola, soy Nuria.")
    writes(ana, "Gracias, ya está todo")
    expect(nuria.locator("#transcript")).to_contain_text("Gracias, ya está todo")
    nuria.locator("#do-back").click()
    expect(log(ana)).to_contain_text("Vuelve a atenderte el asistente")
    answers = log(ana).get_by_text("Fuente").count()
    writes(ana, "¿dónde está el punto limpio?")
    expect(log(ana).get_by_text("Fuente")).to_have_count(answers + 1)


def hears(citizen: Citizen, wanted: str | Callable[[Heard], bool]) -> Heard:
    return ELSEWHERE.submit(asyncio.run, citizen.hears(wanted, within=20)).result()


def test_the_same_over_telegram_with_staff_replying(
    desktop: BrowserContext, emulator: Emulator, product: Product
) -> None:
    bruno = emulator.citizen("Bruno", id=777, language="es")
    bruno.starts()
    hears(bruno, "asistente automático")
    bruno.writes("quiero tirar un sofá viejo")
    hears(bruno, "Fuente")
    bruno.writes("english please")
    hears(bruno, "we go on in English")
    bruno.writes("how do I renew my passport?")
    hears(bruno, "900 000 032")
    bruno.writes("en español por favor")
    hears(bruno, "seguimos en español")
    bruno.writes("quiero hacer una sugerencia")
    hears(bruno, "¿Qué propones?")
    bruno.writes("deberían poner más bancos en el parque")
    hears(bruno, "envía la ubicación")
    bruno.sends_location(40.41678, -3.70379)
    hears(bruno, "correo o un teléfono")
    bruno.writes("¿cuánto cuesta el pasaporte?")
    hears(bruno, "Fuente")
    hears(bruno, "correo o un teléfono")
    bruno.writes("no, en la calle Mayor")
    hears(bruno, "Corregido")
    hears(bruno, "correo o un teléfono")
    bruno.presses("Saltar")
    assert "calle Mayor" in hears(bruno, "¿Lo envío?").text
    bruno.presses("Enviar")
    reference = REFERENCE.search(hears(bruno, "Enviado").text)
    assert reference
    bruno.writes(f"¿cómo va {reference[0].lower()}?")
    hears(bruno, "recibida")
    bruno.writes("quiero hablar con una persona")
    hears(bruno, lambda heard: "puesto" in heard.text or "oficina" in heard.text)

    nuria = desktop.new_page()
    signs_in(nuria)
    nuria.locator("[data-row]", has_text="Bruno").first.click()
    takes_over(nuria)
    hears(bruno, "Te atiende Nuria")
    nuria.locator("#text-reply").fill("Hola Bruno, dime.")
    nuria.locator("#form-reply button").click()
    hears(bruno, "Hola Bruno, dime.")
    bruno.writes("Era solo una duda")
    expect(nuria.locator("#transcript")).to_contain_text("Era solo una duda")
    nuria.locator("#do-back").click()
    hears(bruno, "Vuelve a atenderte el asistente")
    bruno.writes("¿dónde está el punto limpio?")
    hears(bruno, "Fuente")
    assert emulator.violations == []
    assert not emulator.unanswered_callbacks()
