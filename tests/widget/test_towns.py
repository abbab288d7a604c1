"""The chat of a second town in a real browser: one browser, two towns, two conversations."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.settings import Settings
from tests.towns import add_pinares, answered_by_pinares, copy_town
from tests.widget.conftest import Ana


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """An installation of Aldealba that Pinares shares."""
    town = copy_town(tmp_path / "town")
    add_pinares(town, accent="#7A2E4D")
    answered_by_pinares(town)
    return settings.model_copy(update={"knowledge": town})


async def test_one_browser_talks_to_two_towns_and_each_answers_with_its_own_price(ana: Ana) -> None:
    here, there = await ana.opens("/"), await ana.opens("/?agency=pinares")
    await ana.asks(here)
    await expect(there.get_by_role("heading", name="Ayuntamiento de Pinares")).to_be_visible()
    await there.get_by_role("textbox").fill("un colchón")
    await there.get_by_role("textbox").press("Enter")
    await expect(there.get_by_role("log")).to_contain_text("En Pinares cuesta 9 €.")
    await expect(there.get_by_role("log")).not_to_contain_text("un sofá")
    await expect(here.get_by_role("log")).not_to_contain_text("Pinares")


async def test_the_menu_leads_to_what_her_town_tells_about_her_data(ana: Ana) -> None:
    page = await ana.opens("/?agency=pinares")
    await page.locator("button.more").click()
    link = page.get_by_role("link", name="Tus datos")
    assert (await link.get_attribute("href") or "").endswith("/privacy?lang=es&agency=pinares")
