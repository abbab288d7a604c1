"""`./ventanilla rotate-keys`, and the check that a home has the key of its database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.logs import explain
from bot.privacy.rotation import Rotation, read_problem
from bot.privacy.secrets import Secrets
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.store.database import Database

T = TypeVar("T")
SETTLE = 3.0  # seconds for what a counter sealed with the old key a moment ago to be stored
PASSES = 2  # that find nothing under an old key, one after the other, before it goes
STEPS = ("new", "use", "finish")


def do_rotate(settings: Settings, step: str = "", settle: float = SETTLE) -> str:
    """Rotate the keys: all steps, or one of STEPS where more homes need the file in between. What is so now."""
    if step and step not in STEPS:
        raise Problem("no_step", step=step, steps=", ".join(STEPS))
    secrets = Secrets(settings.home)

    async def rotate(database: Database) -> str:
        if await read_problem(database, secrets):
            raise Problem("other_key", where=settings.home)
        said = ""
        for todo in [step] if step else STEPS:
            said = await _STEPS[todo](database, secrets, settle)
        return said

    return _with(settings, rotate)


def do_accept_loss(settings: Settings) -> str:
    """Go on with this home's key where the right one is lost: what it sealed is given up. What that came to."""
    secrets = Secrets(settings.home)

    async def accept(database: Database) -> str:
        count = await Rotation(database, secrets).do_give_up()
        return f"The database goes on with this home's key. {count} addresses that it does not open were given up."

    return _with(settings, accept)


def check_key(settings: Settings) -> None:
    """A Problem when the database is written with a key that this home does not have; the first one is noted."""
    secrets = Secrets(settings.home)

    async def check(database: Database) -> None:
        if await read_problem(database, secrets):
            raise Problem("other_key", where=settings.home)
        await Rotation(database, secrets).do_mark_first()

    _with(settings, check)


def seal_plain(settings: Settings) -> None:
    """Seal what an earlier release stored as it was."""
    secrets = Secrets(settings.home)

    async def seal(database: Database) -> None:
        await Rotation(database, secrets).do_seal_plain()

    _with(settings, seal)


async def _do_new(_: Database, secrets: Secrets, __: float) -> str:
    if len(secrets.ring.keys) == 1:  # else an earlier rotation has not ended: it is gone on with
        secrets.file.do_write(secrets.ring.with_new())
    return "There is a new key. Nothing is written with it yet."


async def _do_use(database: Database, secrets: Secrets, _: float) -> str:
    if len(secrets.ring.keys) == 1:
        raise Problem("no_new_key")
    secrets.file.do_write(secrets.ring.with_newest_written())
    await Rotation(database, secrets).do_mark()
    return "The new key is written with. The old one still opens what was stored before."


async def _do_finish(database: Database, secrets: Secrets, settle: float) -> str:
    if secrets.ring.written:
        raise Problem("no_new_key")
    rotation, done, clean, lost = Rotation(database, secrets), 0, 0, 0
    while clean < PASSES:
        found = await rotation.do_reseal()
        done, lost = done + found.values, found.lost
        clean = 0 if found.values else clean + 1
        if clean < PASSES:
            await asyncio.sleep(settle)
    secrets.file.do_write(secrets.ring.without_old())
    unread = f" {lost} values open with no key of this home." if lost else ""
    return f"{done} values are sealed with the new key. The old one is gone from this home.{unread}"


_STEPS: dict[str, Callable[[Database, Secrets, float], Awaitable[str]]] = {
    "new": _do_new,
    "use": _do_use,
    "finish": _do_finish,
}


def _with(settings: Settings, act: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database(settings.database)
        try:
            return await act(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except SQLAlchemyError as error:
        raise Problem("database_failed", reason=explain(error)) from None
