"""A town that is spoken to in Catalan, in a real browser: a question, a report and a person."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bot.settings import Settings
from bot.training.model import ensure_hasty_model
from tests.towns import speak
from tests.whole.conftest import PATIENCE
from tests.whole.product import Product

pytestmark = pytest.mark.whole
SIZES = {"phone": (390, 800), "desktop": (1280, 800)}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The demonstration in three languages, which has learned the words of all of them."""
    product = Product(
        tmp_path_factory.mktemp("catalan") / "home",
        lambda folder: speak(folder, "es", "en", "ca"),
        lambda folder: ensure_hasty_model(Settings().home, folder),
    )
    try:
        product.waits_until_ready()
        yield product
    finally:
        product.stops()


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, town: Product) -> Iterator[Page]:
    """The page of somebody whose browser asks for Catalan."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ca-ES", base_url=town.address)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def says(page: Page, text: str) -> Locator:
    """Write a message; the conversation."""
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")
    return page.get_by_role("log")


def finds_nothing_serious(page: Page) -> None:
    """Let axe look at the page, which must not scroll sideways either."""
    violations = Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in SERIOUS] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"


def test_a_question_a_report_and_a_person_in_catalan(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("log")).to_contain_text("assistent automàtic")
    log = says(page, "quan passen a recollir els mobles vells?")
    expect(log).to_contain_text("De moment aquesta resposta només està en Español")
    finds_nothing_serious(page)
    expect(says(page, "vull avisar d'un fanal trencat al carrer Major, 4")).to_contain_text("Vols deixar un correu")
    page.get_by_role("button", name="Salta", exact=True).click()
    expect(log).to_contain_text("Lloc: carrer Major, 4")
    page.get_by_role("button", name="Envia", exact=True).last.click()
    expect(log).to_contain_text(re.compile(r"La teva referència és ALD-\d{4}-\d{6}-[A-Z]"))
    told = re.compile("et respondran aquí|Ets el número")  # by the hour
    expect(says(page, "vull parlar amb una persona")).to_contain_text(told)
    finds_nothing_serious(page)


def test_the_language_is_chosen_by_a_button_and_the_text_about_data_is_there(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("log")).to_contain_text("assistent automàtic")
    page.get_by_role("button", name="ES Español").click()
    expect(page.get_by_role("log")).to_contain_text("seguimos en español")
    page.get_by_role("button", name="CA Català").click()
    expect(page.get_by_role("log")).to_contain_text("seguim en català")
    page.goto("/privacy?lang=ca")
    expect(page.get_by_role("heading", level=1)).to_have_text("Privadesa")
    finds_nothing_serious(page)
