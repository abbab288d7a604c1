"""The accounts of the agency, for its administrators: list, invite, role, close, reset."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from bot.desk.context import Desk, services
from bot.desk.people import (
    STATES,
    PeopleFilter,
    do_change_role,
    do_close,
    do_invite,
    do_reopen,
    do_reset_password,
    do_reset_second_factor,
    read_people,
    read_person,
)
from bot.desk.queries import PAGE
from bot.desk.sessions import SignedIn, read_sessions
from bot.desk.talk import error_context
from bot.errors import STATUS, BotError
from bot.states import ROLES
from bot.store.tables import Staff
from bot.web.pages import row_id, said
from bot.web.security import Administrator

Field = Annotated[str, Form()]
BASE = "/desk/people"


class PeoplePages:
    """Each page is bound to the agency of the administrator who asks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        one = "/people/{staff_id}"
        for path, method, page in (
            ("/people", "GET", self.show_list),
            ("/people", "POST", self.invite),
            (one, "GET", self.show),
            (f"{one}/close", "GET", self.ask_close),
            (f"{one}/role", "POST", self.role),
            (f"{one}/close", "POST", self.close),
            (f"{one}/reopen", "POST", self.reopen),
            (f"{one}/password", "POST", self.password),
            (f"{one}/second-factor", "POST", self.second_factor),
        ):
            routes.add_api_route(path, page, methods=[method])

    async def show_list(self, request: Request, who: Administrator) -> Response:
        """Who has an account, and the form to invite somebody."""
        return await self._list(request, who)

    async def invite(
        self, request: Request, who: Administrator, email: Field = "", name: Field = "", role: Field = ""
    ) -> Response:
        """Make an account, and show the code that its person needs once."""
        try:
            person, code = await do_invite(self._desk.database, who.staff, email, name, role)
        except BotError as error:
            return await self._list(request, who, error, email=email, name=name, role=role)
        return self._hand_over(request, person, code, "invited")

    async def show(self, request: Request, who: Administrator, staff_id: str) -> Response:
        """One account with what may be done to it."""
        return await self._person(request, who, staff_id)

    async def ask_close(self, request: Request, who: Administrator, staff_id: str) -> Response:
        """The question before an account is closed."""
        async with self._desk.database.read() as session:
            person = await read_person(session, who.staff, row_id(staff_id))
        return self._desk.pages.render(request, "person_close.html", person=person)

    async def role(self, request: Request, who: Administrator, staff_id: str, role: Field = "") -> Response:
        """Change what somebody may do."""
        act = do_change_role(self._desk.database, services(request).cases, who.staff, row_id(staff_id), role)
        return await self._change(request, who, staff_id, "role_changed", act)

    async def close(self, request: Request, who: Administrator, staff_id: str) -> Response:
        """Close an account."""
        act = do_close(self._desk.database, services(request).cases, who.staff, row_id(staff_id))
        return await self._change(request, who, staff_id, "account_closed", act)

    async def reopen(self, request: Request, who: Administrator, staff_id: str) -> Response:
        """Open a closed account again."""
        return await self._change(
            request, who, staff_id, "account_reopened", do_reopen(self._desk.database, who.staff, row_id(staff_id))
        )

    async def password(self, request: Request, who: Administrator, staff_id: str) -> Response:
        """Take a password away, and show the code for another one once."""
        try:
            person, code = await do_reset_password(self._desk.database, who.staff, row_id(staff_id))
        except BotError as error:
            return await self._refused(request, who, staff_id, error)
        return self._hand_over(request, person, code, "reset")

    async def second_factor(self, request: Request, who: Administrator, staff_id: str) -> Response:
        """Take a second factor away."""
        act = do_reset_second_factor(self._desk.database, who.staff, row_id(staff_id))
        return await self._change(request, who, staff_id, "second_factor_reset", act)

    async def _change(self, request: Request, who: SignedIn, staff_id: str, done: str, act: Any) -> Response:
        try:
            await act
        except BotError as error:
            return await self._refused(request, who, staff_id, error)
        return said(f"{BASE}/{staff_id}", done)

    async def _refused(self, request: Request, who: SignedIn, staff_id: str, error: BotError) -> Response:
        if error.code in ("not_found", "forbidden"):
            raise error
        return await self._person(request, who, staff_id, error)

    async def _person(self, request: Request, who: SignedIn, staff_id: str, error: BotError | None = None) -> Response:
        async with self._desk.database.read() as session:
            person = await read_person(session, who.staff, row_id(staff_id))
            sessions = await read_sessions(session, person)
        context = {"person": person, "sessions": len(sessions), "roles": ROLES, "mine": person.id == who.staff.id}
        status = STATUS.get(error.code, 409) if error else 200
        return self._desk.pages.render(request, "person.html", status, **context, **error_context(error))

    async def _list(self, request: Request, who: SignedIn, error: BotError | None = None, **typed: str) -> Response:
        wanted = PeopleFilter.read(request.query_params)
        async with self._desk.database.read() as session:
            people, total = await read_people(session, who.staff, wanted)
        context: dict[str, Any] = {
            "wanted": wanted,
            "people": people,
            "total": total,
            "pages": -(-total // PAGE),
            "states": STATES,
            "roles": ROLES,
            "typed": {"email": "", "name": "", "role": ROLES[0]} | typed,
            "wrong": error.data.get("field", "email") if error else "",
            "code": error.code if error else "",
        }
        return self._desk.pages.render(request, "people.html", 422 if error else 200, **context)

    def _hand_over(self, request: Request, person: Staff, code: str, why: str) -> Response:
        base = self._desk.settings.public_url or str(request.base_url).rstrip("/")
        # Behind the #, so that it is in no log: browsers keep that part to themselves.
        link = f"{base}/desk/join#{code}"
        context: dict[str, Any] = {"person": person, "code": code, "link": link, "why": why}
        context["entrance"] = f"{base}/desk/sign-in?agency={person.agency}"
        return self._desk.pages.render(request, "hand_over.html", **context)
