"""Small screens, large text, fingers, and browsers without scripts."""

import pytest
from playwright.async_api import Page, expect

from tests.widget.conftest import Ana, Arrives

MIDDLE = "(e) => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }"


async def drags(page: Page, on: str) -> None:
    """A finger on `on` moves up."""
    await drags_at(page, *await page.locator(on).evaluate(MIDDLE))


async def drags_at(page: Page, x: float, y: float) -> None:
    """A finger there moves up by 300 pixels."""
    device = await page.context.new_cdp_session(page)
    await device.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        moved = {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 30 * step}]}
        await device.send("Input.dispatchTouchEvent", moved)
    await device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize(("width", "height"), [(320, 256), (640, 300), (320, 568)])
async def test_on_a_small_screen_the_box_is_in_reach_and_something_can_be_read(
    arrives: Arrives, width: int, height: int
) -> None:
    ana = await arrives(width, height)
    page = await ana.opens()
    await ana.asks(page)
    await expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Enviar")).to_be_in_viewport(ratio=1)
    log = await page.get_by_role("log").bounding_box()
    assert log and log["height"] >= 64
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.parametrize("on", [".head", "textarea", ".under"])
async def test_dragging_the_chat_does_not_move_the_page_under_it(arrives: Arrives, on: str) -> None:
    ana = await arrives(390, 800, has_touch=True, is_mobile=True)
    page = await ana.opens_panel()
    await drags(page, on)
    assert await page.evaluate("scrollY") == 0
    await page.get_by_role("button", name="Cerrar el chat").click()
    async with page.expect_event("console", lambda line: line.text == "it moved"):
        await page.evaluate("addEventListener('scroll', () => console.log('it moved'))")
        await drags_at(page, 195, 400)


async def test_without_scripts_each_send_comes_back_to_what_was_said_last(arrives: Arrives) -> None:
    ana = await arrives(390, 700, java_script_enabled=False)
    page = await ana.opens()
    assert "Hasta 4000 caracteres" in await page.locator("#text-hint").inner_text()
    for text in ("un sofá", "otro sofá", "el tercer sofá"):
        await page.locator("textarea").fill(text)
        await page.get_by_role("button", name="Enviar").click()
        await expect(page.get_by_text(text, exact=True)).to_be_in_viewport()
    await page.locator("textarea").fill(" ")
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.get_by_role("alert")).to_be_in_viewport()


async def test_without_scripts_there_is_a_way_back_from_waiting_and_on_from_the_end(arrives: Arrives) -> None:
    ana = await arrives(390, 700, java_script_enabled=False)
    page = await ana.opens()
    await page.locator("textarea").fill("un sofá")
    await page.get_by_role("button", name="Enviar").click()
    await ana.served.calls_a_person()
    await ana.served.says("Un momento")
    await page.reload()
    await page.get_by_role("button", name="Seguir con el asistente").click()
    await expect(page.get_by_role("button", name="Hablar con una persona")).to_have_count(1)
    await ana.served.ends()
    await page.reload()
    await page.locator("textarea").fill("otro sofá")
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.locator(".transcript")).to_contain_text("Fuente")


async def test_a_wide_logo_is_shown_in_its_shape_and_as_high_as_the_text_is_large(ana: Ana) -> None:
    page = await ana.opens("/town")
    await page.evaluate("""() => {
        const chat = document.querySelector("ventanilla-chat"), wide = document.createElement("ventanilla-chat");
        wide.setAttribute("agency", "aldealba"); wide.id = "wide";
        wide.setAttribute("logo", "/logo.svg"); chat.replaceWith(wide); }""")
    await page.locator("#wide").get_by_role("button").first.click()
    logo = await page.locator("#wide img").bounding_box()
    assert logo and 2.9 < logo["width"] / logo["height"] < 3.1
    size = await page.locator("#wide .head").evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert logo["height"] > 2 * size
