"""The chat in the page of another server: where it is listed it works, elsewhere the browser keeps it out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.whole.host import host
from tests.whole.product import Product

pytestmark = pytest.mark.whole
FRAMED = "iframe"


@pytest.fixture
def stranger() -> Iterator[str]:
    """A server that nobody has listed."""
    with host() as address:
        yield address


def test_the_widget_works_in_a_listed_page_of_another_server(
    phone: BrowserContext, town: str, product: Product
) -> None:
    page = phone.new_page()
    page.goto(f"{town}/widget?{product.address}")
    page.locator("ventanilla-chat").get_by_role("button").first.click()
    expect(page.get_by_role("log")).to_contain_text("asistente automático")
    box = page.get_by_role("textbox")
    box.fill("quiero tirar un sofá viejo")
    box.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Fuente")


def test_in_a_page_that_is_not_listed_the_link_stays_and_the_console_says_what_to_list(
    phone: BrowserContext, stranger: str, product: Product
) -> None:
    page = phone.new_page()
    with page.expect_console_message(lambda message: "VENTANILLA_CHAT_ORIGINS" in message.text) as told:
        page.goto(f"{stranger}/widget?{product.address}")
    assert f"Is {stranger} in its" in told.value.text
    expect(page.get_by_role("link", name="Pregunta aquí")).to_be_visible()
    expect(page.locator("ventanilla-chat").get_by_role("button")).to_have_count(0)


def test_the_chat_is_framed_by_a_listed_page_and_by_no_other(
    phone: BrowserContext, town: str, stranger: str, product: Product
) -> None:
    page = phone.new_page()
    page.goto(f"{town}/frame?{product.address}")
    expect(page.frame_locator(FRAMED).get_by_role("log")).to_contain_text("asistente automático")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{stranger}/frame?{product.address}")
    page.wait_for_load_state("networkidle")
    expect(page.frame_locator(FRAMED).get_by_role("log")).to_have_count(0)
    assert any("frame-ancestors" in line for line in refused), refused
