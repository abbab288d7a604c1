"""Somebody at the desk, played through its pages in the same process."""

import re

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bot.app import BOT
from bot.desk import pages as desk_pages
from bot.desk.accounts import do_add_user
from bot.services import Services
from bot.store.tables import Staff
from bot.studio import pages as studio_pages
from bot.web.headers import SecurityHeaders
from tests.cast import Person

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def desk_app(services: Services) -> FastAPI:
    """The pages of staff alone, with their style sheets and scripts."""
    app = FastAPI()
    app.state.services = services
    app.add_middleware(SecurityHeaders, settings=services.settings)
    parts = (services.database, services.knowledge, services.hub, services.settings)
    app.include_router(desk_pages.router(*parts))
    app.include_router(studio_pages.router(*parts))
    app.mount("/static/studio", StaticFiles(directory=BOT / "studio" / "static"))
    app.mount("/static/desk", StaticFiles(directory=BOT / "desk" / "static"))
    app.mount("/static", StaticFiles(directory=BOT / "web" / "static"))
    return app


async def do_employ(services: Services, *people: Person) -> list[Staff]:
    """Give people accounts with their passwords."""
    return [await do_add_user(services.database, p.email, p.name, p.role, p.agency, p.password) for p in people]


class Clerk:
    """A browser of one person."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example")
        self.csrf = ""

    def goes_to(self, address: str) -> None:
        """The same browser on another network."""
        self.http._transport = httpx.ASGITransport(self.app, client=(address, 1))

    async def opens(self, path: str, **headers: str) -> httpx.Response:
        """A page; the token of its forms is remembered."""
        answer = await self.http.get(path, headers=headers)
        if found := CSRF.search(answer.text):
            self.csrf = found[1]
        return answer

    async def sends(self, path: str, **fields: str) -> httpx.Response:
        """A form of the page opened last."""
        return await self.http.post(path, data={"csrf": self.csrf} | fields)

    async def signs_in(self, person: Person, password: str = "", next: str = "") -> httpx.Response:
        """The sign-in form filled in; afterwards the token of the signed-in pages is known."""
        await self.opens("/desk/sign-in")
        answer = await self.sends("/desk/sign-in", email=person.email, password=password or person.password, next=next)
        if answer.status_code == 303:
            await self.opens("/desk/items")
        return answer
