"""Writing and being answered: what is too long, waiting, ending, going back to the end, references."""

import datetime as dt
import re

from playwright.async_api import expect

from bot.text import MAX_LENGTH
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.widget.conftest import Ana, Arrives

REFERENCE = "ALD-2026-000123-K"


async def test_enter_on_a_text_that_is_too_long_says_by_how_much_and_keeps_it(ana: Ana) -> None:
    page = await ana.opens()
    await expect(page.get_by_role("log")).to_contain_text("asistente automático")
    box = page.get_by_role("textbox")
    await box.fill("x" * (MAX_LENGTH + 7))
    await box.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("7 caracteres")
    await page.reload()
    await expect(box).to_have_value("x" * (MAX_LENGTH + 7))


async def test_a_text_that_is_too_long_is_sent_in_parts_and_gets_one_answer(ana: Ana, engine: FakeEngine) -> None:
    page = await ana.opens()
    await expect(page.get_by_role("log")).to_contain_text("asistente automático")
    box = page.get_by_role("textbox")
    text = "Vivo aquí desde hace años. " * 200 + "¿Cómo tiro un sofá?"
    await box.fill(text)
    await expect(page.get_by_role("status").filter(has_text="Sobran")).to_be_visible()
    await box.press("Enter")
    await page.get_by_role("button", name="Enviar en 2 partes").click()
    await expect(box).to_have_value("")
    await expect(page.get_by_role("log")).to_contain_text("Fuente")
    shown = await page.get_by_role("log").inner_text()
    assert shown.count("Vivo aquí") == 200 and shown.count("Fuente") == 1
    asked = engine.asked[-1].text or ""
    assert asked.startswith("Vivo aquí") and asked.endswith("¿Cómo tiro un sofá?") and len(asked) <= MAX_LENGTH


async def test_who_waits_is_told_when_the_office_opens_and_what_ending_costs(ana: Ana) -> None:
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    agency = ana.served.services.knowledge.agencies["aldealba"]
    agency.data["hours"] = {"weekly": {f"{tomorrow.astimezone(agency.zone):%a}".lower(): [["09:05", "09:06"]]}}
    page = await ana.opens()
    await ana.asks(page)
    await ana.served.calls_a_person()
    await expect(page.get_by_text(re.compile("puesto 1 en la cola.*Abrimos el .*9:05"))).to_be_visible()
    await page.get_by_role("button", name="Más opciones").click()
    await page.get_by_role("button", name="Terminar").click()
    await expect(page.get_by_role("alert")).to_contain_text("pierdes tu sitio")
    await page.get_by_role("button", name="Seguir con el asistente").last.click()
    await expect(page.get_by_text(re.compile("puesto 1 en la cola"))).to_be_hidden()


async def test_who_ends_in_the_middle_of_a_report_is_told_that_it_was_not_sent(ana: Ana, engine: FakeEngine) -> None:
    page = await ana.opens()
    await ana.asks(page)
    engine.reply = says("utter_ask_item_contact", form="item_form")
    await page.get_by_role("textbox").fill("hay un bache")
    await page.get_by_role("textbox").press("Enter")
    await expect(page.get_by_role("log")).not_to_contain_text("Enviando")
    await page.get_by_role("button", name="Más opciones").click()
    await page.get_by_role("button", name="Terminar").click()
    await expect(page.get_by_role("alert")).to_contain_text("no se ha enviado")


async def test_who_is_told_to_write_again_has_somewhere_to_write(ana: Ana) -> None:
    page = await ana.opens()
    await ana.asks(page)
    await ana.served.ends()
    await expect(page.get_by_role("alert")).to_contain_text("terminado")
    await ana.asks(page, "otro sofá")
    await expect(page.get_by_role("log")).to_contain_text("otro sofá")
    await expect(page.get_by_role("alert")).to_be_hidden()


async def test_who_has_read_back_gets_to_the_end_with_one_press(ana: Ana) -> None:
    page = await ana.opens()
    await ana.asks(page)
    for number in range(12):
        await ana.served.says(f"Línea {number}")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Línea 11")
    arrow = page.get_by_role("button", name="Ir al final")
    await log.evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
    await expect(arrow).to_be_hidden()

    async def is_back() -> bool:
        # The last line may still grow, and take to the end who has not left it for a whole frame.
        await log.evaluate("(log) => { log.scrollTop = 0; }")
        return await arrow.is_visible()

    await until(is_back)
    await arrow.click()
    await expect(log.get_by_text("Línea 11", exact=True)).to_be_in_viewport()
    await expect(arrow).to_be_hidden()


async def test_a_reference_stays_on_one_line_and_can_be_copied(arrives: Arrives) -> None:
    ana = await arrives(width=320, permissions=["clipboard-read", "clipboard-write"])
    page = await ana.opens()
    await ana.asks(page)
    await ana.served.says(f"Apunta tu referencia para preguntar más adelante: {REFERENCE}.")
    shown = page.get_by_role("log").get_by_text(REFERENCE, exact=True)
    assert await shown.evaluate("(e) => e.getClientRects().length") == 1
    await page.get_by_role("button", name=f"Copiar {REFERENCE}").click()
    await expect(page.get_by_role("button", name="Copiado")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == REFERENCE
