"""The second factor: codes that change every half minute (RFC 6238), and ten recovery codes for a lost phone."""

import datetime as dt
import hmac
from dataclasses import dataclass

import pyotp
import segno
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.accounts import bare, new_code, record
from bot.desk.sessions import CODE, OPEN, SET_UP, add_session, do_end_all
from bot.desk.tries import Count, Place, check_open, do_forget_tries
from bot.errors import BotError
from bot.privacy.secrets import Secrets, hash_token
from bot.states import ADMINISTRATOR
from bot.store.database import Database, UnitOfWork
from bot.store.tables import RecoveryCode, Staff, now

DIGITS = 6
SECONDS = 30
DRIFT = 1  # steps that a phone's clock may be off, either way
RECOVERY_CODES = 10


@dataclass(frozen=True)
class Made:
    """A second factor that has just been turned on: this browser's new token, and the recovery codes, shown once."""

    token: str
    codes: list[str]


def stage_of(staff: Staff, *, administrators_need_one: bool) -> str:
    """What the sign-in still needs after the password."""
    if staff.second_factor:
        return CODE
    return SET_UP if is_demanded(staff, administrators_need_one=administrators_need_one) else OPEN


def is_demanded(staff: Staff, *, administrators_need_one: bool) -> bool:
    """Whether the rule of this installation wants her to have a second factor."""
    return administrators_need_one and staff.role == ADMINISTRATOR


def new_secret() -> str:
    """A secret of 160 bits, as it is typed into a phone."""
    return pyotp.random_base32()


def picture(secret: str, email: str, agency: str) -> str:
    """The QR code that a phone reads, as an address that needs no file."""
    uri = pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS).provisioning_uri(name=email, issuer_name=agency)
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def step_of(secret: str, code: str, at: dt.datetime) -> int | None:
    """The time step whose code this is, of the present one and its neighbours; None when it is no code."""
    totp, step, found = pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS), int(at.timestamp()) // SECONDS, None
    for near in range(step - DRIFT, step + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(near).encode(), code.encode()):
            found = near
    return found


def check_first_code(secret: str, code: str) -> int:
    """The time step of a right code. Raises BotError `second_factor_wrong`."""
    step = step_of(secret, _digits(code), now())
    if step is None:
        raise BotError("second_factor_wrong", field="code")
    return step


async def do_turn_on(database: Database, secrets: Secrets, staff: Staff, secret: str, code: str, place: Place) -> Made:
    """Keep a secret whose first code is right, for somebody who has proved that it is she.

    Every browser is signed out, and this one gets a new token. Raises BotError `second_factor_wrong`.
    """
    step = check_first_code(secret, code)
    async with database.write() as uow:
        mine = await uow.session.get_one(Staff, staff.id)
        mine.second_factor, mine.second_factor_step = secrets.seal(secret), step
        codes = await _do_make_codes(uow, mine)
        await do_end_all(uow, mine.id)
        token = add_session(uow, mine, place)
        record(uow, mine, "second_factor_on", mine)
        await uow.commit()
    return Made(token, codes)


async def do_turn_off(uow: UnitOfWork, staff: Staff, by: Staff) -> None:
    """Forget the second factor and its recovery codes."""
    mine = await uow.session.get_one(Staff, staff.id)
    mine.second_factor, mine.second_factor_step = None, None
    await uow.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == mine.id))
    record(uow, mine, "second_factor_off", by)


async def do_renew_codes(database: Database, staff: Staff) -> list[str]:
    """Ten new recovery codes; the earlier ones end."""
    async with database.write() as uow:
        codes = await _do_make_codes(uow, staff)
        record(uow, staff, "recovery_codes_renewed", staff)
        await uow.commit()
    return codes


async def do_check_code(database: Database, secrets: Secrets, staff: Staff, typed: str) -> None:
    """Take a code of the phone or a recovery code, each once. Raises BotError `second_factor_wrong` for any cause, and
    `sign_in_wait` after too many.

    Tries are counted by account, whatever their place: who gets here knows the password.
    """
    counts = [Count(hash_token(f"second:{staff.id}"))]
    await check_open(database, counts)
    if not await do_take_code(database, secrets, staff, typed):
        raise BotError("second_factor_wrong", field="code")
    await do_forget_tries(database, counts)


async def count_codes(session: AsyncSession, staff: Staff) -> int:
    """How many recovery codes are left."""
    left = select(func.count(RecoveryCode.code_hash)).where(RecoveryCode.staff_id == staff.id)
    return int(await session.scalar(left) or 0)


async def do_take_code(database: Database, secrets: Secrets, staff: Staff, typed: str) -> bool:
    """Use up a code of the phone or a recovery code; whether it was one. Whoever calls counts the tries."""
    step = step_of(secrets.unseal(staff.second_factor), _digits(typed), now()) if staff.second_factor else None
    async with database.write() as uow:
        if step is not None:
            fresh = or_(Staff.second_factor_step.is_(None), Staff.second_factor_step < step)
            done = await uow.session.execute(
                update(Staff)
                .where(Staff.id == staff.id, fresh)
                .values(second_factor_step=step)
                .returning(Staff.id)
                .execution_options(synchronize_session=False)
            )
        else:
            mine = (RecoveryCode.code_hash == _hash_code(staff, typed), RecoveryCode.staff_id == staff.id)
            done = await uow.session.execute(delete(RecoveryCode).where(*mine).returning(RecoveryCode.staff_id))
        if done.scalar_one_or_none() is None:
            return False
        if step is None:
            record(uow, staff, "recovery_code_used", staff)
        await uow.commit()
    return True


async def _do_make_codes(uow: UnitOfWork, staff: Staff) -> list[str]:
    await uow.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    uow.session.add_all(RecoveryCode(code_hash=_hash_code(staff, code), staff_id=staff.id) for code in codes)
    return codes


def _hash_code(staff: Staff, code: str) -> str:
    return hash_token(f"recovery:{staff.id}:{bare(code)}")


def _digits(code: str) -> str:
    return "".join(code.split())
