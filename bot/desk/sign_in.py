"""Sign in, the first administrator's account, sign out, and the language of the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.desk.accounts import MIN_PASSWORD, do_accept, do_check_sign_in
from bot.desk.context import Desk
from bot.desk.sessions import LONGEST, do_end_session, do_open_session
from bot.errors import BotError
from bot.knowledge.knowledge import LANGUAGES
from bot.store.tables import Staff
from bot.web.pages import LANGUAGE_COOKIE, YEAR
from bot.web.security import COOKIE, Signed, is_local

Field = Annotated[str, Form()]


class SignInPages:
    """The few pages that answer nobody in particular."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        routes.add_api_route("/sign-in", self.show, methods=["GET"])
        routes.add_api_route("/sign-in", self.sign_in, methods=["POST"])
        routes.add_api_route("/first", self.show_first, methods=["GET"])
        routes.add_api_route("/first", self.first, methods=["POST"])
        routes.add_api_route("/sign-out", self.sign_out, methods=["POST"])
        routes.add_api_route("/language", self.language, methods=["POST"])

    async def show(self, request: Request, next: str = "") -> Response:
        """The sign-in form; whoever is signed in goes on."""
        if getattr(request.state, "who", None):
            return RedirectResponse(next if is_local(next) else "/desk", 303)
        return self._form(request, "sign_in.html", next=next)

    async def sign_in(self, request: Request, email: Field = "", password: Field = "", next: Field = "") -> Response:
        """Check e-mail and password, and open a session."""
        try:
            staff = await do_check_sign_in(self._desk.database, email, password)
        except BotError as error:
            return self._form(request, "sign_in.html", error, next=next, email=email)
        return await self._enter(staff, next)

    async def show_first(self, request: Request) -> Response:
        """The form of the first administrator."""
        return self._form(request, "first.html")

    async def first(
        self, request: Request, code: Field = "", email: Field = "", name: Field = "", password: Field = ""
    ) -> Response:
        """Turn the code that the start printed into an administrator's account."""
        try:
            staff = await do_accept(self._desk.database, code, email, name, password)
        except BotError as error:
            return self._form(request, "first.html", error, typed_code=code, email=email, name=name)
        return await self._enter(staff, "/desk")

    async def sign_out(self, who: Signed) -> Response:
        """End the session of this browser."""
        await do_end_session(self._desk.database, who.token_hash)
        response = RedirectResponse("/desk/sign-in", 303)
        response.delete_cookie(COOKIE)
        return response

    async def language(self, to: Field = "", next: Field = "") -> Response:
        """Remember the language of the pages, and show the same page in it."""
        response = RedirectResponse(next if is_local(next) else "/desk", 303)
        if to in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, to, max_age=YEAR, httponly=True, samesite="lax")
        return response

    def _form(self, request: Request, template: str, error: BotError | None = None, **typed: Any) -> Response:
        context = {"next": "", "email": "", "name": "", "typed_code": "", "least": MIN_PASSWORD} | typed
        wrong = {"code": error.code, "field": error.data.get("field", "email")} if error else None
        return self._desk.pages.render(request, template, 422 if error else 200, error=wrong, **context)

    async def _enter(self, staff: Staff, following: str) -> Response:
        token = await do_open_session(self._desk.database, staff)
        response = RedirectResponse(following if is_local(following) else "/desk", 303)
        secure = self._desk.settings.public_url.startswith("https://")
        seconds = int(LONGEST.total_seconds())
        response.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="lax", secure=secure)
        return response
