"""Every page as people meet it: no serious finding of axe, on a phone and at a desk, in light and dark."""

import os
from collections.abc import Iterator

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.settings import ROOT
from tests.cast import ADA, Person
from tests.whole.product import Product

pytestmark = pytest.mark.whole
# With VENTANILLA_PICTURES=1 the pages are also kept as pictures for the documents.
PICTURES = ROOT / "docs" / "img" if os.environ.get("VENTANILLA_PICTURES") else None
SIZES = {"phone": (390, 800), "desktop": (1280, 800)}
SERIOUS = ("serious", "critical")


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids="-".join)
def screen(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[BrowserContext]:
    size, scheme = request.param
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="es-ES",
        base_url=product.address,
    )
    context.set_default_timeout(20_000)
    context.name = f"{size}-{scheme}" if scheme == "dark" else size  # type: ignore[attr-defined]
    yield context
    context.close()


def check(screen: BrowserContext, page: Page, name: str) -> None:
    """Keep a picture if asked, then let axe look."""
    page.wait_for_load_state("networkidle") if name not in ("chat", "widget") else None
    if PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{screen.name}.png")  # type: ignore[attr-defined]
    violations = Axe().run(page).response["violations"]
    assert [v["id"] + ": " + v["nodes"][0]["html"][:200] for v in violations if v["impact"] in SERIOUS] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"


def signs_in(page: Page, person: Person) -> None:
    page.goto("/desk/sign-in")
    page.locator("#email").fill(person.email)
    page.locator("#password").fill(person.password)
    page.locator("#password").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_the_chat_page(screen: BrowserContext) -> None:
    page = screen.new_page()
    page.goto("/")
    expect(page.get_by_role("log")).to_contain_text("asistente automático")
    box = page.get_by_role("textbox")
    box.fill("quiero tirar un sofá viejo")
    box.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Fuente")
    check(screen, page, "chat")


def test_the_widget_in_a_host_page(screen: BrowserContext) -> None:
    page = screen.new_page()
    page.goto("/example")
    page.locator("ventanilla-chat").get_by_role("button").first.click()
    expect(page.get_by_role("log")).to_contain_text("asistente automático")
    box = page.get_by_role("textbox")
    box.fill("¿dónde está el punto limpio?")
    box.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Fuente")
    check(screen, page, "widget")


def test_the_chat_without_javascript(browser: Browser, product: Product, screen: BrowserContext) -> None:
    plain = browser.new_context(java_script_enabled=False, base_url=product.address, locale="es-ES")
    page = plain.new_page()
    page.goto("/")
    page.locator("textarea").fill("quiero tirar un sofá viejo")
    page.locator("form:has(textarea) button").first.click()
    expect(page.locator(".transcript")).to_contain_text("Fuente")
    plain.close()


def test_what_citizens_are_told_about_their_data(screen: BrowserContext) -> None:
    page = screen.new_page()
    page.goto("/privacy")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tus datos")
    check(screen, page, "privacy")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data")


def test_sign_in(screen: BrowserContext) -> None:
    page = screen.new_page()
    page.goto("/desk/sign-in")
    check(screen, page, "sign-in")


@pytest.fixture(scope="module")
def waiting(product: Product) -> str:
    """A conversation with an answer, a report that was sent, one that was begun, and somebody who wants a person."""
    return product.hears(
        "¿cuánto cuesta el pasaporte?",
        "hay una farola rota en la calle Mayor 12",
        "600 000 000",
        "enviar",
        "quiero avisar de un problema",
        "El contenedor de la plaza del Alba está roto y huele mal",
        "quiero hablar con una persona",
    )


def test_the_desk(screen: BrowserContext, waiting: str) -> None:
    page = screen.new_page()
    signs_in(page, ADA)
    for view, name in (("all", "desk-queue"), ("waiting", "desk-waiting")):
        page.goto(f"/desk?view={view}")
        check(screen, page, name)
    page.goto(f"/desk/conversations/{waiting}")
    expect(page.locator("#transcript")).to_be_visible()
    expect(page.locator("#packet")).to_contain_text("plaza del Alba")
    check(screen, page, "desk-conversation")


def test_the_suggestions(screen: BrowserContext, waiting: str) -> None:
    page = screen.new_page()
    signs_in(page, ADA)
    page.goto("/desk/items")
    check(screen, page, "desk-suggestions")
    page.locator("main a[href*='/desk/items/']").first.click()
    check(screen, page, "desk-suggestion")


def test_the_studio(screen: BrowserContext) -> None:
    page = screen.new_page()
    signs_in(page, ADA)
    page.goto("/studio")
    check(screen, page, "studio-answers")
    page.goto("/studio?q=muebles")
    page.locator("a[href$='bulky_waste']").first.click()
    box = page.locator("[id='es.text']")
    box.fill("Recogemos tu sofá gratis si pides cita.")
    expect(page.locator("#preview-es")).to_contain_text("Recogemos tu sofá gratis si pides cita.")
    check(screen, page, "studio-answer")
    box.fill(f"Recogemos tu sofá gratis si pides cita ({screen.name}).")  # type: ignore[attr-defined]
    page.locator(".save-bar button").click()
    expect(page.get_by_role("status")).to_contain_text("Guardada")
    page.locator("a[href$='/versions']").click()
    check(screen, page, "studio-versions")
    page.locator("[data-row]").last.click()
    check(screen, page, "studio-version")


def test_an_account_from_the_invitation_to_the_second_step(screen: BrowserContext, browser: Browser) -> None:
    page = screen.new_page()
    signs_in(page, ADA)
    page.goto("/desk/people")
    email = f"nueva-{screen.name}@aldealba.example"  # type: ignore[attr-defined]
    page.locator("#name").fill("Nueva")
    page.locator("#email").fill(email)
    check(screen, page, "people")
    page.locator("section.card form button").click()
    link = page.locator("#link").input_value()
    check(screen, page, "people-invited")
    page.goto("/desk/people?q=nueva")
    page.locator("[data-row]").first.click()
    check(screen, page, "people-person")
    page.locator("a[href$='/close']").click()
    check(screen, page, "people-close")

    page.context.clear_cookies()
    page.goto(link)
    check(screen, page, "join")
    page.locator("#password").fill("una frase larga y propia")
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/join" not in url)
    page.goto("/desk/account")
    check(screen, page, "account")
    page.goto("/desk/account/second-factor")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    check(screen, page, "second-factor")
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.locator("#old").fill("otra frase larga")
    page.locator("main form button").click()
    expect(page.locator("#old-error")).to_be_visible()
    check(screen, page, "second-factor-refused")
    page.locator("#code").fill(pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", "")).now())
    page.locator("#old").fill("una frase larga y propia")
    page.locator("main form button").click()
    expect(page.locator("main ul.mono li")).to_have_count(10)
    check(screen, page, "recovery-codes")


def test_the_switch(screen: BrowserContext) -> None:
    page = screen.new_page()
    signs_in(page, ADA)
    page.goto("/studio/assistant")
    check(screen, page, "studio-assistant")
    page.locator("#reason").fill("Obras en la centralita")
    page.locator("button[value=off]").click()
    expect(page.locator("#assistant-off")).to_contain_text("Obras en la centralita")
    check(screen, page, "studio-assistant-off")
    page.locator("button[value=on]").click()
    expect(page.locator("#assistant-off")).to_have_count(0)
