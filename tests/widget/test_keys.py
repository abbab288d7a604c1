"""The chat in a page that has keys of its own, and with a keyboard alone."""

from playwright.async_api import expect

from tests.widget.conftest import Ana, Arrives

SHORTCUTS = """window.heard = []; for (const kind of ["keydown", "keypress", "keyup"])
document.addEventListener(kind, (e) => { if (!/INPUT|TEXTAREA/.test(e.target.tagName)) {
    heard.push(e.key); e.preventDefault();
    document.getElementById("first").focus(); } });"""


async def test_letters_written_in_the_chat_are_no_shortcuts_of_the_page(arrives: Arrives) -> None:
    ana = await arrives(script=SHORTCUTS)
    page = await ana.opens_panel()
    await page.get_by_role("textbox").press_sequentially("sofa")
    await expect(page.get_by_role("textbox")).to_have_value("sofa")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("textbox")).to_have_count(0)
    assert await page.evaluate("heard") == []
    await page.locator("#first").focus()
    await page.keyboard.press("k")
    assert "k" in await page.evaluate("heard")


async def test_after_a_reload_the_open_panel_takes_no_focus(ana: Ana) -> None:
    page = await ana.opens_panel()
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("asistente automático")
    assert await page.evaluate("document.activeElement === document.body")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await expect(page.locator("#first")).to_be_focused()
    await expect(page.get_by_role("button", name="Enviar")).to_be_visible()
