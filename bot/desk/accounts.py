"""Who may sign in: accounts, passwords, the first administrator, and what happens to guessers."""

import asyncio
import datetime as dt
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select

from bot.errors import BotError
from bot.metrics import SIGN_IN_FAILURES
from bot.privacy.secrets import hash_token
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Invitation, Staff, now

ADMINISTRATOR = "administrator"
ROLES = ("staff", ADMINISTRATOR)
MIN_PASSWORD = 10
MAX_PASSWORD = 200
MAX_FAILURES = 5
LOCKED_FOR = dt.timedelta(minutes=15)
CODE_LIFE = dt.timedelta(days=7)
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
    if not name.strip() or role not in ROLES:
        raise BotError("body_invalid", field="name" if not name.strip() else "role")
    check_password(password)
    hashed = await _hash(password)
    async with database.write() as uow:
        await _check_free(uow, address)
        staff = Staff(email=address, name=name.strip()[:120], role=role, agency=agency, password_hash=hashed)
        uow.session.add(staff)
        await uow.commit()
    return staff


async def do_first_administrator(database: Database, agency: str) -> str | None:
    """A one-time code for `/desk/first` while there is no administrator yet; None once there is one.

    Every call makes a new code and ends the one before it.
    """
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    async with database.write() as uow:
        if await _has_administrator(uow):
            return None
        address = PENDING + agency
        staff = await _read_by_email(uow, address)
        if staff is None:
            staff = Staff(email=address, name="", role=ADMINISTRATOR, agency=agency)
            uow.session.add(staff)
            await uow.session.flush()
        await uow.session.execute(delete(Invitation).where(Invitation.staff_id == staff.id))
        uow.session.add(Invitation(token_hash=hash_token(code), staff_id=staff.id, expires_at=now() + CODE_LIFE))
        await uow.commit()
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


async def do_accept(database: Database, code: str, email: str, name: str, password: str) -> Staff:
    """Turn a one-time code into an account. Raises BotError `code_unknown`, `body_invalid` or `email_taken`."""
    typed = hash_token("".join(c for c in code.upper() if c.isalnum()))
    await _check_code(database, typed)
    address = check_email(email)
    if not name.strip():
        raise BotError("body_invalid", field="name")
    check_password(password)
    hashed = await _hash(password)
    async with database.write() as uow:
        invitation = await _read_invitation(uow, typed)
        await _check_free(uow, address)
        staff = await uow.session.get_one(Staff, invitation.staff_id)
        staff.email, staff.name, staff.password_hash = address, name.strip()[:120], hashed
        await uow.session.delete(invitation)
        await uow.commit()
    return staff


async def do_check_sign_in(database: Database, email: str, password: str) -> Staff:
    """The person of this e-mail and password. Raises BotError `sign_in_wrong`, the same for every cause.

    The try is counted before the password is looked at, so that many tries at once do not get more than their number.
    """
    staff = await _do_count_try(database, email.strip().lower())
    known = staff.password_hash if staff else None
    right = await _is_right(known or _NOBODY, password)
    if staff is None or known is None or not right:
        SIGN_IN_FAILURES.inc()
        raise BotError("sign_in_wrong")
    async with database.write() as uow:
        mine = await uow.session.get_one(Staff, staff.id)
        mine.failed_sign_ins, mine.locked_until = 0, None
        await uow.commit()
    return mine


def check_email(email: str) -> str:
    """The e-mail as it is stored. Raises BotError `body_invalid` when it cannot be one."""
    address = email.strip().lower()
    local, _, host = address.partition("@")
    if not local or "." not in host or len(address) > 200 or any(c.isspace() for c in address):
        raise BotError("body_invalid", field="email")
    return address


def check_password(password: str) -> None:
    """Raise BotError `body_invalid` unless the password keeps the rule that its form states."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or len(set(password)) < 4:
        raise BotError("body_invalid", field="password")


async def _do_count_try(database: Database, address: str) -> Staff | None:
    """Count a try; None when there is no such account, or it is closed for a while."""
    async with database.write() as uow:
        staff = await _read_by_email(uow, address, lock=True)
        if staff is None or not staff.active or staff.password_hash is None:
            return None
        if staff.locked_until:
            if staff.locked_until > now():
                return None
            staff.failed_sign_ins, staff.locked_until = 0, None
        staff.failed_sign_ins += 1
        if staff.failed_sign_ins >= MAX_FAILURES:
            staff.locked_until = now() + LOCKED_FOR
        await uow.commit()
    return staff


async def _read_by_email(uow: UnitOfWork, address: str, *, lock: bool = False) -> Staff | None:
    query = select(Staff).where(Staff.email == address)
    return (await uow.session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def _has_administrator(uow: UnitOfWork) -> bool:
    able = select(Staff.id).where(Staff.password_hash.is_not(None), Staff.role == ADMINISTRATOR)
    return (await uow.session.execute(able.limit(1))).first() is not None


async def _check_free(uow: UnitOfWork, address: str) -> None:
    if await _read_by_email(uow, address):
        raise BotError("email_taken", field="email")


async def _check_code(database: Database, hashed: str) -> None:
    async with database.read() as session:
        await _read_invitation(UnitOfWork(session), hashed)


async def _read_invitation(uow: UnitOfWork, hashed: str) -> Invitation:
    found = await uow.session.get(Invitation, hashed)
    if found is None or found.used_at is not None or found.expires_at < now():
        raise BotError("code_unknown", field="code")
    return found


async def _hash(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _hasher.hash, password)


async def _is_right(hashed: str, password: str) -> bool:
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _verify, hashed, password[:MAX_PASSWORD])


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
