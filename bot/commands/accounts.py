"""Accounts from the command line: the first administrator's code, and people whom an operator adds."""

import getpass
import sys

from bot.desk.accounts import MIN_PASSWORD, do_add_user, do_first_administrator
from bot.errors import BotError
from bot.knowledge.knowledge_check import read_knowledge
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.states import ROLES
from bot.store.database import Database

REASONS = {
    "email": "the e-mail is not one",
    "name": "a name is needed (--name)",
    "role": f"the role is one of {', '.join(ROLES)}",
    "password": f"the password needs at least {MIN_PASSWORD} characters, four of them different",
}
TAKEN = "somebody signs in with that e-mail already"


async def first_administrators_code(settings: Settings) -> str | None:
    """A one-time code while there is no administrator; None afterwards."""
    database = Database(settings.database)
    try:
        return await do_first_administrator(database, settings.agency)
    finally:
        await database.close()


async def add_user(settings: Settings, email: str, name: str, role: str, agency: str, password: str) -> None:
    """Add an account; a Problem names what is wrong with it."""
    agencies = read_knowledge(settings).agencies
    if agency not in agencies:
        raise Problem("bad_account", reason=f"there is no agency {agency}; there are {', '.join(agencies)}")
    database = Database(settings.database)
    try:
        await do_add_user(database, email, name or email.partition("@")[0], role, agency, password)
    except BotError as error:
        field = str(error.data.get("field", ""))
        reason = TAKEN if error.code == "email_taken" else REASONS.get(field, error.code)
        raise Problem("bad_account", reason=reason) from None
    finally:
        await database.close()


def read_password(from_stdin: bool) -> str:
    """The password: a line of standard input, or typed twice at a terminal. Never an argument."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Problem("bad_account", reason="there is no terminal to ask for the password (use --password-stdin)")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("The same again: "):
        raise Problem("bad_account", reason="the two passwords differ")
    return password
