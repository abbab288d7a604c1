"""A citizen on the web, played through the public API in the same process."""

import uuid
from typing import Any

import httpx
from fastapi import FastAPI

from bot.channels.web import pages as chat_pages
from bot.channels.web import privacy as chat_privacy
from bot.channels.web import receive as chat_receive
from bot.channels.web import send as chat_send
from bot.health import operations
from bot.services import Services
from bot.web import problems
from bot.web.requests import Requests
from tests.conftest import until


def chat_app(services: Services) -> FastAPI:
    """The citizen's side of the product alone."""
    app = FastAPI()
    app.add_middleware(problems.BodyLimit, knowledge=services.knowledge)
    app.add_middleware(Requests)
    problems.install(app, services.knowledge)
    for routes in (chat_receive, chat_send, chat_pages, chat_privacy, operations):
        app.include_router(routes.router(services))
    return app


class Ana:
    """Writes, presses and reads."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.conversation = ""
        self.token = ""

    async def arrives(self, **asked: str) -> list[dict[str, Any]]:
        """Start a conversation; what she is greeted with."""
        answer = await self.http.post("/api/chat/v1/conversations", json=asked)
        assert answer.status_code == 201, answer.text
        started = answer.json()
        self.conversation, self.token = started["conversation"], started["token"]
        return list(started["messages"])

    @property
    def path(self) -> str:
        """Where her messages are."""
        return f"/api/chat/v1/conversations/{self.conversation}/messages"

    @property
    def bearer(self) -> dict[str, str]:
        """Her header."""
        return {"Authorization": f"Bearer {self.token}"}

    async def posts(self, **body: Any) -> httpx.Response:
        """One call, whatever its answer."""
        return await self.http.post(self.path, json={"id": uuid.uuid4().hex, **body}, headers=self.bearer)

    async def reads(self, after: int = 0) -> dict[str, Any]:
        """The transcript."""
        answer = await self.http.get(self.path, params={"after": after}, headers=self.bearer)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def says(self, **body: Any) -> list[dict[str, Any]]:
        """Write or press, and wait for what comes of it: the messages behind her own."""
        answer = await self.posts(**body)
        assert answer.status_code == 202, answer.text
        seq = answer.json()["seq"]

        async def answered() -> dict[str, Any] | None:
            page = await self.reads(seq)
            return None if page["pending"] else page

        return list((await until(answered))["messages"])
