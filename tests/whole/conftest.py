"""One started product with a Telegram emulator and a browser, shared by the tests of the whole way."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from emulator.emulator import Emulator
from tests.cast import ADA, NURIA, OLGA, OMAR
from tests.whole.host import host
from tests.whole.product import Product

PATIENCE = 20_000
PHONE, DESKTOP = 390, 1280  # pixels
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def emulator() -> Iterator[Emulator]:
    with Emulator().in_thread() as emulator:
        yield emulator


@pytest.fixture(scope="package")
def town() -> Iterator[str]:
    """The address of a town's own pages, which may embed the chat."""
    with host() as address:
        yield address


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory, emulator: Emulator, town: str) -> Iterator[Product]:
    product = Product(
        tmp_path_factory.mktemp("whole") / "home",
        VENTANILLA_CHAT_ORIGINS=town,
        TELEGRAM_TOKEN=emulator.token,
        TELEGRAM_API_BASE=emulator.address,
    )
    try:
        product.waits_until_ready()
        product.employs(NURIA, OLGA, OMAR, ADA)
        yield product
    finally:
        product.stops()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = os.environ.get("VENTANILLA_TEST_BROWSER") or "/usr/bin/chromium"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def _opened(browser: Browser, product: Product, width: int) -> Iterator[BrowserContext]:
    """A browser of its own with a screen of that width; closed behind the test."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="es-ES", base_url=product.address)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """Ana's phone."""
    yield from _opened(browser, product, PHONE)


@pytest.fixture
def desktop(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """A desk at the agency."""
    yield from _opened(browser, product, DESKTOP)


@pytest.fixture
def laptop(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """Bruno's browser, which knows nothing of Ana's."""
    yield from _opened(browser, product, DESKTOP)
