"""The chat page at `/`, whole without JavaScript: a plain form, a cookie, and the answer after a redirect."""

import asyncio
import datetime as dt
import hmac
import uuid
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import ValidationError

from bot.channels.web.delivered import do_note_delivered
from bot.channels.web.receive import NewConversation, NewMessage, WebChat, find
from bot.channels.web.view import Page, read_page
from bot.channels.web.whose import Whose, whose
from bot.channels.web.words import names_of, say
from bot.errors import STATUS, BotError
from bot.knowledge.last_resort import render_surely
from bot.limits import ADDRESS, address_of
from bot.privacy.my_data import FILES, read_files
from bot.services import Services
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation
from bot.text import MAX_LENGTH, split
from bot.turns.parts import MOST_PARTS
from bot.web.cookies import keep_cookie, read_cookie
from bot.web.language import language_of
from bot.web.links import linked
from bot.web.security import check_origin

HERE = Path(__file__).parent
ANEW = "system.new"  # the button of an ended conversation; another one has begun by the time it is read
PATIENCE = 6.0
KEPT = 30 * 86_400
PERSONAL = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"}  # it may show a transcript
EMPTY = Page([], "assistant", False, 0)


class ChatPage:
    """Renders the page and takes its form."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._chat = WebChat(services)
        self._templates = Jinja2Templates(HERE / "templates")
        self._templates.env.filters["linked"] = linked

    async def show(
        self,
        request: Request,
        whose: Whose,
        cookie: str,
        error: BotError | None = None,
        typed: str = "",
        template: str = "chat.html",
    ) -> Response:
        """The agency's page with the transcript of the cookie's conversation, an error and what had been typed.

        `forbidden` is a form of a page that is not ours or of a closed frame: it is told where the chat is.
        """
        page, language = await self._read(request, whose, cookie)
        agency = whose.agency
        context = {
            "agency": {"id": agency.id, "name": agency.name.get(language, agency.id), "accent": agency.accent},
            "language": language,
            "languages": names_of(self._services.knowledge),
            "whose": whose,
            "t": lambda key, **args: say(key, language, **args),
            "messages": page.messages,
            "pending": page.pending,
            "state": page.state,
            "error": await self._words_of(error, language, agency.id, typed),
            "framed": error is not None and error.code == "forbidden",
            "most": MAX_LENGTH,
            "typed": typed,
            "parts": _parts_of(typed) if error and error.code == "message_too_long" else 0,
            "csrf": self._csrf(cookie),
            "form_id": uuid.uuid4().hex,
            "clock": lambda iso: dt.datetime.fromisoformat(iso).astimezone(agency.zone).strftime("%H:%M"),
            "server": self._services.settings.public_url.rstrip("/") or _own_address(request),
        }
        status = STATUS.get(error.code, 400) if error else 200
        return self._templates.TemplateResponse(request, template, context, status_code=status, headers=PERSONAL)

    async def _words_of(self, error: BotError | None, language: str, agency: str, typed: str) -> str | None:
        if error is None:
            return None
        args = {name: value for name, value in error.data.items() if name != "language"}
        words = self._services.knowledge.text(f"utter_system/{error.code}", language, **args)
        if await self._chat.hears(typed):
            return f"{render_surely(self._services.knowledge, 'utter_crisis', language, agency).text} {words}"
        return words

    async def take(self, request: Request, whose: Whose, cookie: str, sent: dict[str, str]) -> Response:
        """Store what the form sent, wait a little for the reply, and show the page again by redirect."""
        try:
            check_origin(request, self._services.settings)
        except BotError as error:
            return await self.show(request, whose, "", error, sent.get("text", ""))
        if cookie and not hmac.compare_digest(self._csrf(cookie).encode(), sent.get("csrf", "").encode()):
            return await self.show(request, whose, cookie, BotError("token_invalid"), sent.get("text", ""))
        try:
            if not await self._is_alive(whose, cookie):
                asked = NewConversation(language=self._language_of(request), agency=whose.agency.id)
                started = await self._chat.do_start(asked, address_of(request))
                cookie = f"{started['conversation']}.{started['token']}"
            conversation_id, _, token = cookie.partition(".")
            pressed = sent.get("button") or None
            if pressed == ANEW:
                return self._keep(RedirectResponse(whose.newest, 303), whose, cookie)
            for message in _messages(sent, pressed):
                await self._chat.do_write(conversation_id, token, message, address_of(request))
            await self._wait(conversation_id, token)
        except ValidationError:
            return await self.show(request, whose, cookie, BotError("body_invalid"), sent.get("text", ""))
        except BotError as error:
            return self._keep(await self.show(request, whose, cookie, error, sent.get("text", "")), whose, cookie)
        return self._keep(RedirectResponse(whose.newest, 303), whose, cookie)

    async def give(self, request: Request, whose: Whose, cookie: str, csrf: str, name: str) -> Response:
        """What is kept of her, as a file; the page again when the form is not hers."""
        check_origin(request, self._services.settings)
        conversation_id, _, token = cookie.partition(".")
        if name not in FILES or not hmac.compare_digest(self._csrf(cookie).encode(), csrf.encode()):
            return await self.show(request, whose, cookie, BotError("token_invalid"))
        try:
            async with self._services.database.read() as session:
                found = self._chat.find_mine(UnitOfWork(session), conversation_id, token, address_of(request))
                conversation = await found
                await self._services.limits.check(ADDRESS, address_of(request))
                files = await read_files(session, self._services.knowledge, self._services.secrets, conversation)
        except BotError as error:
            return await self.show(request, whose, cookie, error)
        kind = "application/json" if name.endswith("json") else "text/plain; charset=utf-8"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(files[name], media_type=kind, headers=headers)

    async def _read(self, request: Request, whose: Whose, cookie: str) -> tuple[Page, str]:
        conversation_id, _, token = cookie.partition(".")
        if not token:
            return EMPTY, self._language_of(request)
        try:
            async with self._services.database.read() as session:
                conversation = await _find_there(UnitOfWork(session), whose, conversation_id, token)
                page = await read_page(session, conversation, 0)
            await do_note_delivered(self._services, conversation, page.messages)
            return page, conversation.language
        except BotError:
            return EMPTY, self._language_of(request)

    def _language_of(self, request: Request) -> str:
        return language_of(request, self._services.knowledge.languages)

    async def _is_alive(self, whose: Whose, cookie: str) -> bool:
        conversation_id, _, token = cookie.partition(".")
        if not token:
            return False
        try:
            async with self._services.database.read() as session:
                return (await _find_there(UnitOfWork(session), whose, conversation_id, token)).state != "closed"
        except BotError:
            return False

    async def _wait(self, conversation_id: str, token: str) -> None:
        """Until the reply is stored, or patience ends: then the page refreshes itself."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        async with self._services.hub.chat(conversation_id) as notices:
            while (left := deadline - asyncio.get_running_loop().time()) > 0:
                async with self._services.database.read() as session:
                    conversation = await find(UnitOfWork(session), conversation_id, token)
                if conversation.waiting_messages == 0:
                    return
                try:
                    await asyncio.wait_for(notices.get(), min(left, 1.0))
                except TimeoutError:
                    continue

    def _csrf(self, cookie: str) -> str:
        return self._services.secrets.key_of("chat-csrf", cookie) if cookie else ""

    def _keep(self, response: Response, whose: Whose, cookie: str) -> Response:
        keep_cookie(response, whose.cookie, cookie, self._services.settings, KEPT)
        return response


async def _find_there(uow: UnitOfWork, whose: Whose, conversation_id: str, token: str) -> Conversation:
    """The conversation that the token opens, if it is one with the page's agency. Raises BotError."""
    conversation = await find(uow, conversation_id, token)
    if conversation.agency != whose.agency.id:
        raise BotError("conversation_unknown")
    return conversation


def _messages(sent: dict[str, str], pressed: str | None) -> list[NewMessage]:
    """What the form sends: a text, or the parts of one that is too long, or a button."""
    text, form = sent.get("text", ""), sent.get("id") or uuid.uuid4().hex
    if sent.get("parts") and not pressed and _parts_of(text):
        *begins, last = split(text, MAX_LENGTH)
        # Each is known by its place in the form, so that a form that is sent again stores nothing twice.
        parts = [NewMessage(id=f"{form}-{place}", text=part, more=True) for place, part in enumerate(begins)]
        return [*parts, NewMessage(id=form, text=last)]
    return [NewMessage(id=form, text=None if pressed else text, button=pressed)]


def _parts_of(text: str) -> int:
    """In how many parts a text that is too long can be sent; 0 when it is not, or far too long."""
    parts = len(split(text, MAX_LENGTH)) if MAX_LENGTH < len(text) <= MOST_PARTS * MAX_LENGTH else 0
    return parts if 1 < parts <= MOST_PARTS else 0


def _own_address(request: Request) -> str:
    """Where this node listens: what a caller names as our host is shown to nobody."""
    host, port = request.scope.get("server") or ("127.0.0.1", None)
    name = f"[{host}]" if ":" in host else host
    return f"{request.url.scheme}://{name}:{port}" if port else f"{request.url.scheme}://{name}"


def router(services: Services) -> APIRouter:
    """`/`, its form, and the example of a host page."""
    page = ChatPage(services)
    routes = APIRouter(include_in_schema=False)

    def asked(request: Request, agency: str) -> tuple[Whose, str]:
        """Whose page it is, and the cookie of the conversation there."""
        pages = whose(services, agency)
        return pages, read_cookie(request, pages.cookie, services.settings)

    @routes.get("/")
    async def show(request: Request, agency: str = "") -> Response:
        return await page.show(request, *asked(request, agency))

    @routes.post("/chat")
    async def take(
        request: Request,
        text: Annotated[str, Form()] = "",
        button: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
        id: Annotated[str, Form()] = "",
        parts: Annotated[str, Form()] = "",
        agency: Annotated[str, Form()] = "",
    ) -> Response:
        sent = {"text": text, "button": button, "csrf": csrf, "id": id, "parts": parts}
        return await page.take(request, *asked(request, agency), sent)

    @routes.post("/chat/my-data")
    async def give(
        request: Request,
        file: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
        agency: Annotated[str, Form()] = "",
    ) -> Response:
        return await page.give(request, *asked(request, agency), csrf, file)

    @routes.get("/example")
    async def example(request: Request, agency: str = "") -> Response:
        return await page.show(request, whose(services, agency), "", template="host_example.html")

    return routes
