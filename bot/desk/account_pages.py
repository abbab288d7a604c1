"""One's own account: password, second factor, the browsers that are signed in, the language."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.desk.accounts import MIN_PASSWORD, do_change_password
from bot.desk.context import Desk, services
from bot.desk.places import place_of
from bot.desk.proof import SIGN_IN as BY_SIGN_IN
from bot.desk.proof import check_password_again, check_proof, is_fresh, proof_of
from bot.desk.sealed import open_draft, seal_draft
from bot.desk.second_factor import (
    check_first_code,
    count_codes,
    do_renew_codes,
    do_turn_off,
    do_turn_on,
    is_demanded,
    new_secret,
    picture,
)
from bot.desk.sessions import LONGEST, SignedIn, add_session, do_end_all, do_end_own, read_session, read_sessions
from bot.desk.tries import Place
from bot.errors import STATUS, BotError
from bot.limits import address_of
from bot.web.cookies import drop_cookie, keep_cookie
from bot.web.pages import said
from bot.web.security import COOKIE, Signed

Field = Annotated[str, Form()]
BASE = "/desk/account"


class AccountPages:
    """Everybody's own page; nobody reaches another's by it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        for path, method, page in (
            ("", "GET", self.show),
            ("/password", "POST", self.password),
            ("/second-factor", "GET", self.show_second_factor),
            ("/second-factor", "POST", self.second_factor),
            ("/second-factor/off", "POST", self.second_factor_off),
            ("/recovery-codes", "POST", self.recovery_codes),
            ("/sessions/end", "POST", self.end_sessions),
        ):
            routes.add_api_route(f"/account{path}", page, methods=[method])

    async def show(self, request: Request, who: Signed) -> Response:
        """The page."""
        return await self._show(request, who)

    async def password(self, request: Request, who: Signed, old: Field = "", new: Field = "") -> Response:
        """Change the password; every other browser is signed out."""
        try:
            async with self._guess(request):
                await check_password_again(self._desk.database, who, old)
            token = await do_change_password(self._desk.database, who.staff, new, self._place(request))
        except BotError as error:
            return await self._show(request, who, error, "password")
        return self._with_token(said(BASE, "password_changed"), token)

    async def show_second_factor(self, request: Request, who: Signed) -> Response:
        """The QR code to set a second factor up with."""
        return self._set_up_form(request, who, new_secret())

    async def second_factor(
        self, request: Request, who: Signed, draft: Field = "", code: Field = "", old: Field = ""
    ) -> Response:
        """Keep the second factor once its first code is right and she has proved who she is; the recovery codes."""
        secrets = services(request).secrets
        secret = open_draft(secrets, who.staff, draft)
        try:
            check_first_code(secret, code)
            await self._prove(request, who, old)
            place = self._place(request)
            made = await do_turn_on(self._desk.database, secrets, who.staff, secret, code, place)
        except BotError as error:
            return self._set_up_form(request, who, secret, error)
        request.state.who = await read_session(self._desk.database, made.token, active=False)
        response = self._desk.pages.render(request, "recovery.html", codes=made.codes, following=BASE)
        return self._with_token(response, made.token)

    async def second_factor_off(self, request: Request, who: Signed, old: Field = "") -> Response:
        """Turn the second factor off, after proving who one is; every other browser is signed out.

        Raises BotError `second_factor_demanded` where the rule wants her to have one.
        """
        if not who.staff.second_factor:
            raise BotError("state_changed")
        if self._demanded(who):
            raise BotError("second_factor_demanded")
        try:
            await self._prove(request, who, old)
        except BotError as error:
            return await self._show(request, who, error, "off")
        async with self._desk.database.write() as uow:
            await do_turn_off(uow, who.staff, who.staff)
            await do_end_all(uow, who.staff.id)
            token = add_session(uow, who.staff, self._place(request))
            await uow.commit()
        return self._with_token(said(BASE, "second_factor_off"), token)

    async def recovery_codes(self, request: Request, who: Signed, old: Field = "") -> Response:
        """Ten new recovery codes, after proving who one is."""
        if not who.staff.second_factor:
            raise BotError("state_changed")
        try:
            await self._prove(request, who, old)
        except BotError as error:
            return await self._show(request, who, error, "codes")
        codes = await do_renew_codes(self._desk.database, who.staff)
        return self._desk.pages.render(request, "recovery.html", codes=codes, following=BASE)

    async def end_sessions(self, request: Request, who: Signed, which: Field = "") -> Response:
        """Sign out one browser, or all of them with this one."""
        if which == "all":
            async with self._desk.database.write() as uow:
                await do_end_all(uow, who.staff.id)
                await uow.commit()
            response: Response = RedirectResponse("/desk/sign-in", 303)
            drop_cookie(response, COOKIE, self._desk.settings)
            return response
        await do_end_own(self._desk.database, who.staff, which)
        return said(BASE, "session_ended")

    async def _show(self, request: Request, who: SignedIn, error: BotError | None = None, form: str = "") -> Response:
        if error and error.code == "signed_out":
            return self._signed_out()
        if error and error.code == "rate_limited":
            raise error
        async with self._desk.database.read() as session:
            context: dict[str, Any] = {
                "sessions": await read_sessions(session, who.staff),
                "codes_left": await count_codes(session, who.staff),
            }
        context |= {
            "error": error.code if error else "",
            "wrong_field": error.data.get("field", "old") if error else "",
            "wrong_form": form,
            "least": MIN_PASSWORD,
            "passwords": self._passwords,
            "demanded": self._demanded(who),
            "proof_way": proof_of(who.staff, passwords=self._passwords),
        }
        status = STATUS.get(error.code, 422) if error else 200
        return self._desk.pages.render(request, "account.html", status, **context)

    async def _prove(self, request: Request, who: SignedIn, typed: str) -> None:
        """Raises BotError when she does not prove that it is she, or in too much haste."""
        secrets = services(request).secrets
        async with self._guess(request):
            await check_proof(self._desk.database, secrets, who, typed, passwords=self._passwords)

    @property
    def _passwords(self) -> bool:
        return not self._desk.settings.oidc_only

    def _demanded(self, who: SignedIn) -> bool:
        return is_demanded(who.staff, administrators_need_one=self._desk.settings.second_factor_administrators)

    def _signed_out(self) -> Response:
        response = said("/desk/sign-in", "signed_out")
        drop_cookie(response, COOKIE, self._desk.settings)
        return response

    def _set_up_form(self, request: Request, who: SignedIn, secret: str, error: BotError | None = None) -> Response:
        if error and error.code == "signed_out":
            return self._signed_out()
        if error and error.code == "rate_limited":
            raise error
        agency = self._desk.knowledge.agencies[who.staff.agency]
        wrong = {"code": error.code, "field": error.data.get("field", "code")} if error else None
        way = proof_of(who.staff, passwords=self._passwords)
        return self._desk.pages.render(
            request,
            "second_factor.html",
            STATUS.get(error.code, 422) if error else 200,
            error=wrong,
            next="",
            action=f"{BASE}/second-factor",
            must=False,
            proof_way=way,
            again=way == BY_SIGN_IN and not is_fresh(who),
            secret=secret,
            draft=seal_draft(services(request).secrets, who.staff, secret),
            picture=picture(secret, who.staff.address, next(iter(agency.name.values()), agency.id)),
        )

    def _guess(self, request: Request) -> AbstractAsyncContextManager[None]:
        return services(request).limits.guess(address_of(request))

    def _place(self, request: Request) -> Place:
        return place_of(request, self._desk.settings, services(request).secrets)

    def _with_token(self, response: Response, token: str) -> Response:
        keep_cookie(response, COOKIE, token, self._desk.settings, int(LONGEST.total_seconds()))
        return response
