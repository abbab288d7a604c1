"""Sign in: password or single sign-on, then the second factor; the first administrator; sign out; the language."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.desk.accounts import MIN_PASSWORD, do_accept, do_check_sign_in, do_choose_password, read_active, read_name
from bot.desk.context import Desk, services
from bot.desk.places import keep_mark, place_of
from bot.desk.proof import check_proof, proof_of
from bot.desk.sealed import open_draft, seal_draft
from bot.desk.second_factor import check_first_code, do_check_code, do_turn_on, new_secret, picture, stage_of
from bot.desk.sessions import (
    CODE,
    LONGEST,
    OPEN,
    SET_UP,
    UNFINISHED,
    SignedIn,
    do_end_session,
    do_open_session,
    read_session,
)
from bot.desk.single_sign_on import Asked, Provider
from bot.errors import STATUS, BotError
from bot.knowledge.knowledge import LANGUAGES
from bot.limits import address_of
from bot.store.tables import Staff
from bot.web.cookies import drop_cookie, keep_cookie, read_cookie
from bot.web.pages import LANGUAGE_COOKIE, YEAR, said
from bot.web.security import COOKIE, Signed, is_local

Field = Annotated[str, Form()]
ASKED_COOKIE = "ventanilla_sso"
WAIT_IN = ("sign_in.html", "sign_in_code.html")  # the forms that say how long to wait, with what was typed
STEPS = {CODE: "/desk/sign-in/code", SET_UP: "/desk/sign-in/set-up"}


class SignInPages:
    """The few pages that answer nobody in particular."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._provider = Provider(desk.settings)

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        for path, method, page in (
            ("/sign-in", "GET", self.show),
            ("/sign-in", "POST", self.sign_in),
            ("/sign-in/code", "GET", self.show_code),
            ("/sign-in/code", "POST", self.code),
            ("/sign-in/set-up", "GET", self.show_set_up),
            ("/sign-in/set-up", "POST", self.set_up),
            ("/sso", "GET", self.leave),
            ("/sso/back", "GET", self.come_back),
            ("/first", "GET", self.show_first),
            ("/first", "POST", self.first),
            ("/join", "GET", self.show_join),
            ("/join", "POST", self.join),
            ("/sign-out", "POST", self.sign_out),
            ("/language", "POST", self.language),
        ):
            routes.add_api_route(path, page, methods=[method])

    async def show(self, request: Request, next: str = "", agency: str = "") -> Response:
        """The sign-in form; whoever is signed in goes on."""
        if getattr(request.state, "who", None):
            return RedirectResponse(next if is_local(next) else "/desk", 303)
        return self._form(request, "sign_in.html", next=next, of_agency=agency)

    async def sign_in(
        self, request: Request, email: Field = "", password: Field = "", next: Field = "", agency: Field = ""
    ) -> Response:
        """Check e-mail and password, and open a session or its next step."""
        if self._desk.settings.oidc_only:
            raise BotError("forbidden")
        database = self._desk.database
        account = await read_name(database, email, agency)
        place = place_of(request, self._desk.settings, services(request).secrets, account)
        try:
            async with self._guess(request):
                staff = await do_check_sign_in(database, email, password, place, agency)
        except BotError as error:
            return self._form(request, "sign_in.html", error, next=next, email=email, of_agency=agency)
        return await self._enter(request, staff, next)

    async def show_code(self, request: Request, next: str = "") -> Response:
        """The second step: the code of the phone."""
        if await self._unfinished(request, CODE) is None:
            return RedirectResponse("/desk/sign-in", 303)
        return self._form(request, "sign_in_code.html", next=next)

    async def code(self, request: Request, code: Field = "", next: Field = "") -> Response:
        """Check the code, and open the session."""
        who = await self._unfinished(request, CODE)
        if who is None:
            return RedirectResponse("/desk/sign-in", 303)
        try:
            async with self._guess(request):
                await do_check_code(self._desk.database, services(request).secrets, who.staff, code)
        except BotError as error:
            return self._form(request, "sign_in_code.html", error, next=next)
        await do_end_session(self._desk.database, who.token_hash)
        return await self._open(request, who.staff, next)

    async def show_set_up(self, request: Request, next: str = "") -> Response:
        """A second factor has to be made before the session opens."""
        who = await self._unfinished(request, SET_UP)
        if who is None:
            return RedirectResponse("/desk/sign-in", 303)
        return self._set_up_form(request, who.staff, new_secret(), next)

    async def set_up(
        self, request: Request, draft: Field = "", code: Field = "", old: Field = "", next: Field = ""
    ) -> Response:
        """Keep the second factor, open the session, and show the recovery codes."""
        who = await self._unfinished(request, SET_UP)
        if who is None:
            return RedirectResponse("/desk/sign-in", 303)
        secrets, settings = services(request).secrets, self._desk.settings
        secret = open_draft(secrets, who.staff, draft)
        place = place_of(request, settings, secrets)
        try:
            check_first_code(secret, code)
            async with self._guess(request):
                await check_proof(self._desk.database, secrets, who, old, passwords=not settings.oidc_only)
            made = await do_turn_on(self._desk.database, secrets, who.staff, secret, code, place)
        except BotError as error:
            if error.code in ("signed_out", "sign_in_old"):
                return said("/desk/sign-in", "signed_out")
            return self._set_up_form(request, who.staff, secret, next, error)
        request.state.who = await read_session(self._desk.database, made.token, active=False)
        following = next if is_local(next) else "/desk"
        response = self._desk.pages.render(request, "recovery.html", codes=made.codes, following=following)
        keep_cookie(response, COOKIE, made.token, settings, int(LONGEST.total_seconds()))
        keep_mark(response, settings, secrets, who.staff.email)
        return response

    async def leave(self, request: Request, next: str = "", agency: str = "") -> Response:
        """To the single sign-on."""
        if not self._desk.settings.oidc_issuer:
            raise BotError("not_found")
        try:
            address, asked = await self._provider.begin(next, agency)
        except BotError as error:
            return self._form(request, "sign_in.html", error, next=next, of_agency=agency)
        response = RedirectResponse(address, 303)
        sealed = asked.sealed(services(request).secrets)
        keep_cookie(response, ASKED_COOKIE, sealed, self._desk.settings, int(UNFINISHED.total_seconds()))
        return response

    async def come_back(self, request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        """From the single sign-on: in, when the provider vouches for an e-mail that has an account."""
        settings = self._desk.settings
        if not settings.oidc_issuer:
            raise BotError("not_found")
        try:
            async with self._guess(request):
                asked = Asked.read(services(request).secrets, read_cookie(request, ASKED_COOKIE, settings))
                if error:
                    raise BotError("sso_refused")
                email = await self._provider.read_email(asked, state, code)
                staff = await read_active(self._desk.database, email, asked.agency)
                if staff is None:
                    raise BotError("sso_unknown")
            response = await self._enter(request, staff, asked.following)
        except BotError as refused:
            response = self._form(request, "sign_in.html", refused)
        drop_cookie(response, ASKED_COOKIE, settings)
        return response

    async def show_first(self, request: Request) -> Response:
        """The form of the first administrator."""
        return self._form(request, "first.html")

    async def first(
        self, request: Request, code: Field = "", email: Field = "", name: Field = "", password: Field = ""
    ) -> Response:
        """Turn the code that the start printed into an administrator's account."""
        try:
            async with self._guess(request):
                staff = await do_accept(self._desk.database, code, email, name, password)
        except BotError as error:
            return self._form(request, "first.html", error, typed_code=code, email=email, name=name)
        return await self._enter(request, staff, "/desk")

    async def show_join(self, request: Request) -> Response:
        """The form of whoever was invited, or whose password was reset."""
        return self._form(request, "join.html")

    async def join(self, request: Request, code: Field = "", password: Field = "") -> Response:
        """Choose a password by the code that an administrator handed over."""
        try:
            async with self._guess(request):
                staff = await do_choose_password(self._desk.database, code, password)
        except BotError as error:
            return self._form(request, "join.html", error, typed_code=code)
        if self._desk.settings.oidc_only:
            return RedirectResponse("/desk/sign-in", 303)
        return await self._enter(request, staff, "/desk")

    async def sign_out(self, who: Signed) -> Response:
        """End the session of this browser."""
        await do_end_session(self._desk.database, who.token_hash)
        response = RedirectResponse("/desk/sign-in", 303)
        drop_cookie(response, COOKIE, self._desk.settings)
        return response

    async def language(self, to: Field = "", next: Field = "") -> Response:
        """Remember the language of the pages, and show the same page in it."""
        response = RedirectResponse(next if is_local(next) else "/desk", 303)
        if to in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, to, max_age=YEAR, httponly=True, samesite="lax")
        return response

    def _guess(self, request: Request) -> AbstractAsyncContextManager[None]:
        return services(request).limits.guess(address_of(request))

    async def _unfinished(self, request: Request, stage: str) -> SignedIn | None:
        """Whose sign-in has come as far as `stage` in this browser."""
        token = read_cookie(request, COOKIE, self._desk.settings)
        return await read_session(self._desk.database, token, active=False, stage=stage)

    def _form(self, request: Request, template: str, error: BotError | None = None, **typed: Any) -> Response:
        if error and error.code == "rate_limited" and template not in WAIT_IN:
            raise error
        settings = self._desk.settings
        context = {"next": "", "email": "", "name": "", "typed_code": "", "least": MIN_PASSWORD} | typed
        known = self._desk.knowledge.agencies.get(typed.get("of_agency", ""))
        context["of_agency"] = known
        context |= {"single": settings.oidc_name or settings.oidc_issuer, "only_single": settings.oidc_only}
        wait = error.data.get("retry_after", 0) if error else 0
        wrong = {"code": error.code, "field": error.data.get("field", "email"), "wait": wait} if error else None
        status = STATUS.get(error.code, 422) if error else 200
        response = self._desk.pages.render(request, template, status, error=wrong, **context)
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response

    def _set_up_form(
        self, request: Request, staff: Staff, secret: str, following: str, error: BotError | None = None
    ) -> Response:
        agency = self._desk.knowledge.agencies[staff.agency]
        return self._form(
            request,
            "second_factor.html",
            error,
            next=following,
            action=STEPS[SET_UP],
            must=True,
            proof_way=proof_of(staff, passwords=not self._desk.settings.oidc_only),
            again=False,
            secret=secret,
            draft=seal_draft(services(request).secrets, staff, secret),
            picture=picture(secret, staff.address, agency.name.get(LANGUAGES[0], agency.id)),
        )

    async def _enter(self, request: Request, staff: Staff, following: str) -> Response:
        """Open the session, or the step that is still missing."""
        stage = stage_of(staff, administrators_need_one=self._desk.settings.second_factor_administrators)
        if stage == OPEN:
            return await self._open(request, staff, following)
        token = await do_open_session(self._desk.database, staff, stage=stage)
        following = following if is_local(following) else "/desk"
        response = RedirectResponse(f"{STEPS[stage]}?next={quote(following)}", 303)
        keep_cookie(response, COOKIE, token, self._desk.settings, int(UNFINISHED.total_seconds()))
        return response

    async def _open(self, request: Request, staff: Staff, following: str) -> Response:
        settings, secrets = self._desk.settings, services(request).secrets
        place = place_of(request, settings, secrets, staff.email)
        token = await do_open_session(self._desk.database, staff, place)
        response = RedirectResponse(following if is_local(following) else "/desk", 303)
        keep_cookie(response, COOKIE, token, settings, int(LONGEST.total_seconds()))
        if not place.known:
            keep_mark(response, settings, secrets, staff.email)
        return response
