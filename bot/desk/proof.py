"""Somebody who is signed in proves again that it is she, before how she gets in is changed."""

import datetime as dt
from collections.abc import Awaitable, Callable

from bot.desk.accounts import is_own_password
from bot.desk.second_factor import do_take_code
from bot.desk.sessions import SignedIn, do_end_session
from bot.desk.tries import Count, do_count_try, do_forget_tries, read_wait
from bot.errors import BotError
from bot.privacy.secrets import Secrets, hash_token
from bot.store.database import Database
from bot.store.tables import Staff, now

MAX_OWN = 20  # wrong ones of an account from all its sessions; of one session it is MAX_FAILURES
FRESH = dt.timedelta(minutes=5)  # how long a sign-in proves who somebody is that has neither password nor code
PASSWORD, CODE, SIGN_IN = "password", "code", "sign_in"


def proof_of(staff: Staff, *, passwords: bool) -> str:
    """How she can prove it: by a code where a second factor is set, else by her password or by signing in again.

    The password does not prove it beside a second factor: whoever has got hold of one is what the other is there for.
    `passwords` says whether this installation takes any.
    """
    if staff.second_factor:
        return CODE
    return PASSWORD if passwords and staff.password_hash else SIGN_IN


async def check_proof(database: Database, secrets: Secrets, who: SignedIn, typed: str, *, passwords: bool) -> None:
    """Raise BotError `password_wrong` or `sign_in_old` unless it is she; `signed_out` when the session ends for it."""
    way = proof_of(who.staff, passwords=passwords)
    if way == SIGN_IN:
        check_fresh(who)
    elif way == CODE:
        await _check(database, who, lambda: do_take_code(database, secrets, who.staff, typed))
    else:
        await check_password_again(database, who, typed)


async def check_password_again(database: Database, who: SignedIn, typed: str) -> None:
    """The same by her password alone."""
    await _check(database, who, lambda: is_own_password(who.staff, typed))


def check_fresh(who: SignedIn) -> None:
    """Raise BotError `sign_in_old` unless she has just signed in."""
    if not is_fresh(who):
        raise BotError("sign_in_old", field="old")


def is_fresh(who: SignedIn) -> bool:
    """Whether she has just signed in."""
    return now() - who.since <= FRESH


async def _check(database: Database, who: SignedIn, is_right: Callable[[], Awaitable[bool]]) -> None:
    """Tries count by session and by account, wherever they come from: whoever gets here has a session of hers."""
    session = Count(hash_token(f"proof-session:{who.token_hash}"))
    counts = [session, Count(hash_token(f"proof:{who.staff.id}"), MAX_OWN)]
    if await do_count_try(database, counts) and await is_right():
        await do_forget_tries(database, counts)
        return
    if await read_wait(database, [session]):
        await do_end_session(database, who.token_hash)
        raise BotError("signed_out")
    raise BotError("password_wrong", field="old")
