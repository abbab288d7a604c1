"""What she has erased is gone from the page that is open, in a real browser and without a reload."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.whole.product import Product

pytestmark = pytest.mark.whole
DNI = "12345678Z"


@pytest.mark.parametrize("place", ["page", "widget"])
def test_what_she_has_erased_is_gone_from_the_open_page(
    phone: BrowserContext, product: Product, town: str, place: str
) -> None:
    page = phone.new_page()
    page.goto("/" if place == "page" else f"{town}/widget?{product.address}")
    if place == "widget":
        page.locator("ventanilla-chat").get_by_role("button").first.click()
    log = page.get_by_role("log")
    writes(page, f"mi dni es {DNI}")
    press(page, "Quítalo de este chat")
    expect(log).to_contain_text("mi dni es [DNI]")
    expect(log).to_contain_text("Hecho")
    assert DNI not in log.inner_text()
    assert log.inner_text().count("mi dni es [DNI]") == 1, "nothing is shown twice"
    expect(log).to_have_attribute("aria-live", "polite")

    writes(page, "/mydata")
    with page.expect_download() as kept:
        press(page, "Descargar mis datos")
    assert kept.value.suggested_filename.startswith("mydata.")

    writes(page, "/olvidar")
    press(page, "Sí, borrar todo")
    expect(log).to_contain_text("hemos borrado tus mensajes")
    expect(log).not_to_contain_text("[DNI]")
    assert log.get_by_role("button").count() == 0, "no old button looks alive"


def writes(page: Page, text: str) -> None:
    page.locator("ventanilla-chat textarea").fill(text)
    page.locator("ventanilla-chat textarea").press("Enter")


def press(page: Page, title: str) -> None:
    page.get_by_role("log").get_by_role("button", name=title).click()
