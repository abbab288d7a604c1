"""Who may sign in: accounts, passwords, and the codes by which people choose one."""

import asyncio
import datetime as dt
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Select, delete, func, or_, select

from bot.characters import visible
from bot.desk.sessions import add_session, do_end_all
from bot.desk.tries import Place, check_open, counts_of, do_forget_tries
from bot.errors import BotError
from bot.metrics import SIGN_IN_FAILURES
from bot.privacy.secrets import hash_token
from bot.states import ADMINISTRATOR, ROLES
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Event, Invitation, Staff, now

MAX_EMAIL = 150
MAX_NAME = 120
MIN_PASSWORD = 10
MAX_PASSWORD = 200
CODE_LIFE = dt.timedelta(days=7)
RESET_LIFE = dt.timedelta(days=1)
CODE_LENGTH = 12
# Without letters and digits that are taken for one another when read aloud or copied by hand.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
PENDING = "pending:"  # the e-mail of an account whose person has not come yet

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))  # what a password for an unknown e-mail is compared with
_AT_ONCE = ThreadPoolExecutor(4, "argon2")  # it takes 64 MiB a time


async def do_add_user(database: Database, email: str, name: str, role: str, agency: str, password: str) -> Staff:
    """Add a person who signs in. Raises BotError `body_invalid` (with `field`) or `email_taken`."""
    address = check_email(email)
    name = check_name(name)
    if role not in ROLES:
        raise BotError("body_invalid", field="role")
    check_password(password)
    hashed = await _hash(password)
    async with database.write() as uow:
        signs_in_by = await free_name(uow, address, agency)
        staff = Staff(email=signs_in_by, name=name, role=role, agency=agency, password_hash=hashed)
        uow.session.add(staff)
        await uow.commit()
    return staff


async def do_first_administrator(database: Database, agency: str) -> str | None:
    """A one-time code for `/desk/first` while there is no administrator yet; None once there is one.

    Every call ends the code before it, whichever agency that was for.
    """
    code = None
    async with database.write() as uow:
        await uow.session.execute(delete(Staff).where(Staff.email.startswith(PENDING)))
        if not await _has_administrator(uow):
            staff = Staff(email=PENDING + agency, name="", role=ADMINISTRATOR, agency=agency)
            uow.session.add(staff)
            await uow.session.flush()
            code = await do_invite_with_code(uow, staff, CODE_LIFE)
        await uow.commit()
    return code


async def do_invite_with_code(uow: UnitOfWork, staff: Staff, life: dt.timedelta) -> str:
    """A one-time code by which `staff` chooses a password; it ends the one before it. Shown this once."""
    code = new_code()
    await uow.session.execute(delete(Invitation).where(Invitation.staff_id == staff.id))
    uow.session.add(Invitation(token_hash=hash_token(bare(code)), staff_id=staff.id, expires_at=now() + life))
    return code


def new_code() -> str:
    """Twelve letters and digits in groups, 58 bits of chance."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def bare(code: str) -> str:
    """A code as it is compared, however it was typed."""
    return "".join(c for c in code.upper() if c.isalnum())


async def do_accept(database: Database, code: str, email: str, name: str, password: str) -> Staff:
    """Make the first administrator by her code. Raises BotError `code_unknown`, `body_invalid` or `email_taken`."""
    await _read_invited(database, code, first=True)
    address = check_email(email)
    name = check_name(name)
    check_password(password)
    hashed = await _hash(password)
    async with database.write() as uow:
        staff, invitation = await _read_invitation(uow, code, first=True)
        staff.email = await free_name(uow, address, staff.agency)
        staff.name, staff.password_hash = name, hashed
        await uow.session.delete(invitation)
        record(uow, staff, "password_chosen", staff)
        await uow.commit()
    return staff


async def do_choose_password(database: Database, code: str, password: str) -> Staff:
    """Set the password of whoever was invited, by her code. Raises BotError `code_unknown` or `body_invalid`."""
    await _read_invited(database, code, first=False)
    check_password(password)
    hashed = await _hash(password)
    async with database.write() as uow:
        staff, invitation = await _read_invitation(uow, code, first=False)
        staff.password_hash = hashed
        await uow.session.delete(invitation)
        await do_end_all(uow, staff.id)
        record(uow, staff, "password_chosen", staff)
        await uow.commit()
    return staff


async def do_change_password(database: Database, staff: Staff, new: str, place: Place) -> str:
    """Change the password of somebody who has proved that it is she: every browser is signed out, and this one gets a
    new token.

    Raises BotError `body_invalid`.
    """
    check_password(new)
    hashed = await _hash(new)
    async with database.write() as uow:
        mine = await uow.session.get_one(Staff, staff.id)
        mine.password_hash = hashed
        await do_end_all(uow, mine.id)
        token = add_session(uow, mine, place)
        record(uow, mine, "password_changed", mine)
        await uow.commit()
    return token


async def is_own_password(staff: Staff, password: str) -> bool:
    """Whether it is her password; never for somebody who has none."""
    right = await _is_right(staff.password_hash or _NOBODY, password)
    return right and staff.password_hash is not None


async def do_check_sign_in(
    database: Database, email: str, password: str, place: Place | None = None, agency: str = ""
) -> Staff:
    """The person of this e-mail and password; where the e-mail has several accounts, of `agency`.

    Raises BotError `sign_in_wrong`, the same for every cause.

    The try is counted before the password is looked at, so that many tries at once do not get more than their number.
    After too many of them it is `sign_in_wait`, with `retry_after` in seconds, whether there is such an account or not.
    """
    address = email.strip().lower()
    # Whatever of the account's name was typed with it: guesses count by the e-mail alone.
    counts = counts_of(address.partition(" ")[0], place or Place())
    await check_open(database, counts)
    async with database.read() as session:
        staff = await session.scalar(_account(address, agency))
        several = int(await session.scalar(select(func.count()).where(_is_of(address.partition(" ")[0]))) or 0) > 1
    known = staff.password_hash if staff and staff.active else None
    right = await _is_right(known or _NOBODY, password)
    if staff is None or known is None or not right:
        SIGN_IN_FAILURES.inc()
        raise BotError("sign_in_wrong")
    await do_forget_tries(database, counts, several=several)
    return staff


async def read_active(database: Database, email: str, agency: str = "") -> Staff | None:
    """The account of this e-mail (at `agency`, when it has several), unless it is closed."""
    async with database.read() as session:
        staff = await session.scalar(_account(email.strip().lower(), agency))
    return staff if staff and staff.active else None


async def read_name(database: Database, email: str, agency: str = "") -> str:
    """What the account that a sign-in means is told by; for one that is not there, what it would be."""
    address = email.strip().lower()
    async with database.read() as session:
        found = await session.scalar(_account(address, agency))
    return found.email if found else _second(address, agency)


async def free_name(uow: UnitOfWork, address: str, agency: str) -> str:
    """What a new account signs in by. Raises BotError `email_taken` when the agency has one of this e-mail.

    An account at another agency is nobody's business here: the new one is told from it by its own agency.
    """
    taken = (await uow.session.scalars(select(Staff).where(_is_of(address)))).all()
    if any(one.agency == agency for one in taken):
        raise BotError("email_taken", field="email")
    return _second(address, agency) if taken else address


def record(uow: UnitOfWork, whose: Staff, kind: str, by: Staff, **data: object) -> None:
    """Write into the audit what has been done to an account, and by whom."""
    uow.session.add(Event(agency=whose.agency, kind=kind, actor=f"staff:{by.id}", data={"staff": whose.id} | data))


def check_email(email: str) -> str:
    """The e-mail as it is stored. Raises BotError `body_invalid` when it cannot be one."""
    address = email.strip().lower()
    local, _, host = address.partition("@")
    hidden = any(c.isspace() for c in address) or visible(address) != address
    if not local or "." not in host or len(address) > MAX_EMAIL or hidden:
        raise BotError("body_invalid", field="email")
    return address


def check_name(name: str) -> str:
    """The name as stored, in one line and without what hides. Raises BotError `body_invalid` when none is left."""
    seen = " ".join(visible(name[: 4 * MAX_NAME]).split())[:MAX_NAME]
    if not seen:
        raise BotError("body_invalid", field="name")
    return seen


def check_password(password: str) -> None:
    """Raise BotError `body_invalid` unless the password keeps the rule that its form states."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or len(set(password)) < 4:
        raise BotError("body_invalid", field="password")


def _second(address: str, agency: str) -> str:
    return f"{address} {agency}".strip()


def _is_of(address: str) -> ColumnElement[bool]:
    return or_(Staff.email == address, Staff.email.startswith(f"{address} ", autoescape=True))


def _account(address: str, agency: str) -> Select[Staff]:
    """The one account of an e-mail: at `agency`, or the first that it got."""
    if not agency:
        return select(Staff).where(Staff.email == address)
    return select(Staff).where(_is_of(address), Staff.agency == agency)


async def _has_administrator(uow: UnitOfWork) -> bool:
    """Whether somebody administers, with a password or by single sign-on."""
    able = select(Staff.id).where(Staff.role == ADMINISTRATOR, Staff.active.is_(True), ~Staff.email.startswith(PENDING))
    return (await uow.session.execute(able.limit(1))).first() is not None


async def _read_invited(database: Database, code: str, *, first: bool) -> None:
    async with database.read() as session:
        await _read_invitation(UnitOfWork(session), code, first=first)


async def _read_invitation(uow: UnitOfWork, code: str, *, first: bool) -> tuple[Staff, Invitation]:
    """Whose code this is. The first administrator has no e-mail yet; everybody else has.

    Her code ends with the first administrator, however she came: nobody has to take it back. The row is held, so that
    of two who use a code at the same time one gets nothing.
    """
    mine = select(Invitation).where(Invitation.token_hash == hash_token(bare(code))).with_for_update()
    found = await uow.session.scalar(mine)
    staff = await uow.session.get(Staff, found.staff_id) if found else None
    good = found is not None and found.used_at is None and found.expires_at >= now()
    if found is None or staff is None or not good or not staff.active or staff.email.startswith(PENDING) != first:
        raise BotError("code_unknown", field="code")
    if first and await _has_administrator(uow):
        raise BotError("code_unknown", field="code")
    return staff, found


async def _hash(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _hasher.hash, password)


async def _is_right(hashed: str, password: str) -> bool:
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _verify, hashed, password[:MAX_PASSWORD])


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
