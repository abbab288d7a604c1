"""The chat in a real browser, before the real counter with an engine that says what it is told."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response

from bot import app as counter
from bot.channels.web import widget
from bot.conversation.writer import Said
from bot.services import Services
from bot.states import Author, Reason
from bot.store.tables import Conversation
from emulator.serving import Served
from tests.chat import chat_app
from tests.whole.conftest import ARGUMENTS, PATIENCE

HOST = """<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Un pueblo</title><h1>Un pueblo</h1><p><a href="#" id="first">Trámites</a></p>
<script src="/static/chat/widget.js" defer></script>
<ventanilla-chat agency="aldealba" language="es"></ventanilla-chat>{news}</html>"""


@pytest.fixture
def database_url() -> str:
    """SQLite alone: what a browser shows does not depend on the database."""
    return ""


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"><rect width="300" height="100"/></svg>'
NEWEST = select(Conversation).order_by(Conversation.created_at.desc()).limit(1)


class Counter(Served):
    """The citizen's side on a port, and pages of a town beside it: `/town`, and at `/framed` the chat in a sandbox."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services

    def app(self) -> Starlette:
        app = chat_app(self.services)
        app.include_router(widget.router())
        app.add_route("/town", lambda _: HTMLResponse(HOST.replace("{news}", "<p>Noticias</p>" * 99)))
        frame = '<!doctype html><iframe src="/" sandbox="allow-scripts allow-forms" width="400" height="700"></iframe>'
        app.add_route("/framed", lambda _: HTMLResponse(frame))
        app.add_route("/logo.svg", lambda _: Response(LOGO, media_type="image/svg+xml"))
        _equip(app, self.services)
        return app

    async def says(self, text: str) -> None:
        """Staff write into the conversation that was begun last."""
        async with self.services.database.write() as uow:
            conversation = (await uow.session.scalars(NEWEST)).one()
            said = Said(Author.STAFF, text, name="Nuria")
            await self.services.writer.do_say(uow, conversation, said)
            await uow.commit()

    async def calls_a_person(self) -> None:
        """She waits for a person from now on."""
        async with self.services.database.write() as uow:
            conversation = (await uow.session.scalars(NEWEST)).one()
            await self.services.cases.do_open(uow, conversation, Reason.ASKED)
            await uow.commit()

    async def ends(self) -> None:
        """Her conversation is ended."""
        async with self.services.database.write() as uow:
            conversation = (await uow.session.scalars(NEWEST)).one()
            await self.services.cases.do_end(uow, conversation, "system", "closed")
            await uow.commit()


def _equip(app: FastAPI, services: Services) -> None:
    counter._add_middleware(app, services)
    counter._mount_static(app)


@pytest.fixture
async def served(working: Services) -> AsyncIterator[Counter]:
    async with Counter(working) as served:
        yield served


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = os.environ.get("VENTANILLA_TEST_BROWSER") or "/usr/bin/chromium"
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Ana:
    """Her browser."""

    context: BrowserContext
    served: Counter

    async def opens(self, path: str = "/") -> Page:
        """A tab with a page; the chat in it is there."""
        page = await self.context.new_page()
        await page.goto(path)
        return page

    async def asks(self, page: Page, text: str = "un sofá") -> None:
        """Write into the chat and read the answer."""
        log, box = page.get_by_role("log"), page.get_by_role("textbox")
        await expect(log).to_have_attribute("aria-live", "polite")  # the script has taken the plain form's place
        await box.fill(text)
        await box.press("Enter")
        await expect(log).to_contain_text("Fuente")

    async def opens_panel(self, path: str = "/town") -> Page:
        """A page of the town, with its chat open."""
        page = await self.opens(path)
        await page.locator("ventanilla-chat").get_by_role("button").first.click()
        await expect(page.get_by_role("log")).to_contain_text("asistente automático")
        return page


Arrives = Callable[..., Awaitable[Ana]]


@pytest.fixture
async def arrives(browser: Browser, served: Counter) -> AsyncIterator[Arrives]:
    """Ana with a browser of some size: a desk's, or a phone's."""
    contexts: list[BrowserContext] = []

    async def arrives(width: int = 1280, height: int = 800, script: str = "", **more: object) -> Ana:
        size = {"width": width, "height": height}
        context = await browser.new_context(viewport=size, locale="es-ES", base_url=served.address, **more)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        if script:
            await context.add_init_script(script)
        contexts.append(context)
        return Ana(context, served)

    yield arrives
    for context in contexts:
        await context.close()


@pytest.fixture
async def ana(arrives: Arrives) -> Ana:
    return await arrives()
