"""The operator's side of the switch. It is thrown in the database: it works whoever is serving, and when nobody is."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.handoff.switch import ALL, Off, Switch
from bot.knowledge.knowledge import KnowledgeError, read_yaml
from bot.logs import explain
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.store.database import Database
from bot.store.migrate import is_current

T = TypeVar("T")


def turn_off(settings: Settings, agency: str, reason: str) -> str:
    """Turn the assistant off for one agency, or for all; the sentence that says so. A Problem names what is wrong."""
    scope = _scope(settings, agency)
    _with(settings, lambda switch: switch.do_turn_off(scope, _who(), reason))
    return f"The assistant is off for {_name(scope)}. Citizens who write are told, and handed over to people."


def turn_on(settings: Settings, agency: str) -> str:
    """Turn it on again; the sentence that says what is so now."""
    scope = _scope(settings, agency)
    was_off = _with(settings, lambda switch: switch.do_turn_on(scope, _who()))
    still = [_name(off.scope) for off in read_switch(settings)]
    said = f"The assistant is on again for {_name(scope)}." if was_off else f"It was not off for {_name(scope)}."
    return said + (f" It is still off for {', '.join(still)}." if still else "")


def read_switch(settings: Settings) -> list[Off]:
    """Everything that is off."""
    found: list[Off] = []

    async def look(switch: Switch) -> None:
        await switch.refresh()
        found.extend(switch.all_off())

    _with(settings, look)
    return found


def lines_of(found: list[Off]) -> list[str]:
    """The same as an operator reads it."""
    if not found:
        return ["The assistant is on."]
    return [
        f"The assistant is off for {_name(off.scope)} since {off.since[:16]} UTC, by {off.by}"
        + (f": {off.reason}" if off.reason else ".")
        for off in found
    ]


def _scope(settings: Settings, agency: str) -> str:
    agencies = _named(settings).agencies
    if agency and agency not in agencies:
        raise Problem("no_agency", name=agency, names=", ".join(agencies))
    return agency or ALL


@dataclass(frozen=True)
class Ids:
    """The agencies by id alone."""

    agencies: list[str]


def _named(settings: Settings) -> Ids:
    """Read leniently: the assistant can be switched off for all just when the knowledge is broken."""
    try:
        entries = read_yaml(settings.knowledge / "data" / "lookup" / "agencies.yml")["agencies"]
        return Ids([str(entry["id"]) for entry in entries])
    except (KnowledgeError, KeyError, TypeError):
        return Ids([])


def _with(settings: Settings, act: Callable[[Switch], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database(settings.database)
        try:
            return await act(Switch(database, _named(settings)))
        finally:
            await database.close()

    try:
        if not is_current(settings):
            raise Problem("database_failed", reason="its tables are not those of this version")
        return asyncio.run(run())
    except SQLAlchemyError as error:
        raise Problem("database_failed", reason=explain(error)) from None


def _who() -> str:
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):  # a container's user may have no name
        return "operator"


def _name(scope: str) -> str:
    return "all agencies" if scope == ALL else scope
