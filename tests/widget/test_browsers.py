"""Browsers that refuse something, and tabs that share one: the chat goes on, or says what it cannot do."""

import re

import pytest
from playwright.async_api import expect

from bot.conversation.hub import Hub
from tests.conftest import until
from tests.widget.conftest import Ana, Arrives, Counter

BLOCKED = (
    """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });"""
)
UNLOCKED = """LockManager.prototype.request = () => Promise.reject(new DOMException("no", "SecurityError"));"""
COUNTED = """window.streams = 0; const fetched = window.fetch;
window.fetch = (address, ...more) => {
    if (/events$/.test(address)) window.streams++;
    return fetched(address, ...more); };"""
KEPT_NOT = re.compile("no guarda")


@pytest.mark.parametrize("script", [BLOCKED + UNLOCKED, UNLOCKED], ids=["keeps nothing", "locks nothing"])
async def test_who_lets_no_page_keep_anything_is_answered_and_told(arrives: Arrives, script: str) -> None:
    ana = await arrives(script=script)
    page = await ana.opens()
    await ana.asks(page)
    told = page.get_by_text(KEPT_NOT)
    await expect(told).to_have_count(1 if "localStorage" in script else 0)
    await ana.served.says("Le escribe Nuria")
    await expect(page.get_by_role("log")).to_contain_text("Le escribe Nuria")


async def test_the_seventh_tab_hears_as_the_first_does(arrives: Arrives) -> None:
    ana = await arrives(script=COUNTED)
    first = await ana.opens()
    await ana.asks(first)
    pages = [first, *[await ana.opens() for _ in range(6)]]
    await ana.asks(pages[-1], "otro sofá")
    await ana.served.says("Le escribe Nuria")
    for page in pages:
        await expect(page.get_by_role("log")).to_contain_text("Le escribe Nuria")
    assert sum([await page.evaluate("streams") for page in pages]) == 1


async def test_when_the_tab_that_listens_is_closed_another_one_listens(arrives: Arrives) -> None:
    ana = await arrives(script=COUNTED)
    first = await ana.opens()
    await ana.asks(first)
    second = await ana.opens()
    await expect(second.get_by_role("log")).to_contain_text("Fuente")
    await first.close()
    await ana.served.says("Le escribe Nuria")
    await expect(second.get_by_role("log")).to_contain_text("Le escribe Nuria")
    assert await second.evaluate("streams") == 1


async def test_a_chat_that_is_moved_in_its_page_goes_on_with_one_stream_and_the_draft(arrives: Arrives) -> None:
    ana = await arrives(script=COUNTED)
    page = await ana.opens_panel()
    await ana.asks(page)
    await page.get_by_role("textbox").fill("y un colchón")
    for _ in range(3):
        await page.evaluate("""() => {
            const body = document.createElement("body"), chat = document.querySelector("ventanilla-chat");
            body.append(document.createElement("h1"), chat); document.body = body; }""")
    await ana.served.says("Le escribe Nuria")
    await expect(page.get_by_role("log")).to_contain_text("Le escribe Nuria")
    await expect(page.get_by_role("textbox")).to_have_value("y un colchón")
    hub = ana.served.services.hub
    # One that was given up ends when the server hears of it, which may be a moment later.
    await until(lambda: _alone(hub))


async def _alone(hub: Hub) -> bool:
    return len(hub.open_chats()) == sum(hub.open_streams().values()) == 1


async def test_a_frame_that_may_keep_nothing_is_told_where_the_chat_is(ana: Ana, served: Counter) -> None:
    page = await ana.opens("/framed")
    frame = page.frame_locator("iframe")
    await frame.locator("textarea").fill("un sofá")
    await frame.locator("form:has(textarea) button").click()
    link = frame.get_by_role("link", name=served.address)
    await expect(link).to_have_attribute("target", "_blank")
    await expect(frame.locator("textarea")).to_have_value("un sofá")
    await expect(frame.get_by_role("alert")).to_have_css("border-top-width", "2px")
