"""The accounts of an agency, as its administrators keep them. Every query is bound to the administrator's agency."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.accounts import (
    CODE_LIFE,
    PENDING,
    RESET_LIFE,
    check_email,
    check_name,
    do_invite_with_code,
    free_name,
    record,
)
from bot.desk.queries import PAGE, contains
from bot.desk.second_factor import do_turn_off
from bot.desk.sessions import do_end_all
from bot.errors import BotError
from bot.handoff.cases import Cases
from bot.states import ADMINISTRATOR, ROLES
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Invitation, Staff
from bot.web.pages import number

STATES = ("active", "closed", "any")


@dataclass(frozen=True)
class PeopleFilter:
    """Which accounts to list, as the address says it."""

    search: str = ""
    state: str = "active"
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "PeopleFilter":
        """From the address; what it does not know is left out."""
        state = params.get("state", "")
        return cls(
            search=params.get("q", "").strip()[:100],
            state=state if state in STATES else STATES[0],
            page=max(1, number(params, "page", 1)),
        )

    def address(self, **changes: Any) -> str:
        """The query of the address for this filter with `changes`; without `page` among them it starts anew."""
        other = replace(self, **({"page": 1} | changes))
        pairs = {"q": other.search, "state": other.state, "page": other.page if other.page > 1 else ""}
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether more than the active ones was chosen."""
        return bool(self.search or self.state != STATES[0])


async def read_people(session: AsyncSession, by: Staff, wanted: PeopleFilter) -> tuple[list[Staff], int]:
    """A page of the accounts of the administrator's agency by name, and how many there are in all."""
    conditions: list[ColumnElement[bool]] = [Staff.agency == by.agency, ~Staff.email.startswith(PENDING)]
    if wanted.state != "any":
        conditions.append(Staff.active.is_(wanted.state == "active"))
    if wanted.search:
        conditions.append(or_(contains(Staff.name, wanted.search), contains(Staff.email, wanted.search)))
    total = int(await session.scalar(select(func.count(Staff.id)).where(*conditions)) or 0)
    listed = select(Staff).where(*conditions).order_by(func.lower(Staff.name), Staff.id)
    people = await session.scalars(listed.limit(PAGE).offset((wanted.page - 1) * PAGE))
    return list(people.all()), total


async def read_person(session: AsyncSession, by: Staff, staff_id: int) -> Staff:
    """One account. Raises BotError `not_found` also when it is another agency's."""
    found = await session.execute(
        select(Staff).where(Staff.id == staff_id, Staff.agency == by.agency, ~Staff.email.startswith(PENDING))
    )
    person = found.scalar_one_or_none()
    if person is None:
        raise BotError("not_found")
    return person


async def do_invite(database: Database, by: Staff, email: str, name: str, role: str) -> tuple[Staff, str]:
    """A new account without a password, and the code by which its person chooses one.

    The same whether or not the e-mail has an account at another agency. Raises BotError `body_invalid` (with `field`),
    or `email_taken` when it has one at this.
    """
    address = check_email(email)
    name = check_name(name)
    if role not in ROLES:
        raise BotError("body_invalid", field="role")
    async with database.write() as uow:
        await _check_administrates(uow, by)
        signs_in_by = await free_name(uow, address, by.agency)
        person = Staff(email=signs_in_by, name=name, role=role, agency=by.agency)
        uow.session.add(person)
        await uow.session.flush()
        code = await do_invite_with_code(uow, person, CODE_LIFE)
        record(uow, person, "account_invited", by, role=role)
        await uow.commit()
    return person, code


async def do_change_role(database: Database, cases: Cases, by: Staff, staff_id: int, role: str) -> None:
    """Give somebody another role; she signs in again, and what she may hold no longer waits for others.

    Raises BotError `not_found`, `body_invalid` or `own_account`.
    """
    if role not in ROLES:
        raise BotError("body_invalid", field="role")
    async with database.write() as uow:
        person = await _read_other(uow, by, staff_id)
        if person.role == role:
            return
        person.role = role
        await _do_put_out(uow, cases, by, person)
        record(uow, person, "account_role", by, role=role)
        await uow.commit()


async def do_close(database: Database, cases: Cases, by: Staff, staff_id: int) -> None:
    """Close an account: she is signed out at once, a code that she has ends, and her conversations wait for others.

    Raises BotError `not_found` or `own_account`.
    """
    async with database.write() as uow:
        person = await _read_other(uow, by, staff_id)
        person.active = False
        await uow.session.execute(delete(Invitation).where(Invitation.staff_id == person.id))
        await _do_put_out(uow, cases, by, person)
        record(uow, person, "account_closed", by)
        await uow.commit()


async def do_reopen(database: Database, by: Staff, staff_id: int) -> None:
    """Open a closed account again, with the password that it had."""
    async with database.write() as uow:
        person = await _read_other(uow, by, staff_id)
        person.active = True
        record(uow, person, "account_reopened", by)
        await uow.commit()


async def do_reset_password(database: Database, by: Staff, staff_id: int) -> tuple[Staff, str]:
    """Take somebody's password away and sign her out; the code by which she chooses another."""
    async with database.write() as uow:
        person = await _read_other(uow, by, staff_id)
        if not person.active:
            raise BotError("state_changed")
        person.password_hash = None
        await do_end_all(uow, person.id)
        code = await do_invite_with_code(uow, person, RESET_LIFE)
        record(uow, person, "password_reset", by)
        await uow.commit()
    return person, code


async def do_reset_second_factor(database: Database, by: Staff, staff_id: int) -> None:
    """Take somebody's second factor away (a lost phone) and sign her out."""
    async with database.write() as uow:
        person = await _read_other(uow, by, staff_id)
        await do_turn_off(uow, person, by)
        await do_end_all(uow, person.id)
        await uow.commit()


async def _do_put_out(uow: UnitOfWork, cases: Cases, by: Staff, person: Staff) -> None:
    """End her sessions, and return to the queue what she may hold no longer."""
    await do_end_all(uow, person.id)
    await uow.session.flush()
    await cases.do_return_lost(uow, f"staff:{by.id}", person.id)


async def _read_other(uow: UnitOfWork, by: Staff, staff_id: int) -> Staff:
    """Somebody else of the agency. One's own account is left to one's own page, so an administrator always stays."""
    await _check_administrates(uow, by)
    person = await read_person(uow.session, by, staff_id)
    if person.id == by.id:
        raise BotError("own_account")
    return person


async def _check_administrates(uow: UnitOfWork, by: Staff) -> None:
    """Raise BotError `forbidden` unless `by` still administers.

    The rows are held: of two administrators who close each other at the same time, the second is refused.
    """
    able = select(Staff.id).where(Staff.agency == by.agency, Staff.role == ADMINISTRATOR, Staff.active.is_(True))
    if by.id not in (await uow.session.scalars(able.order_by(Staff.id).with_for_update())).all():
        raise BotError("forbidden")
