"""The switch that turns the assistant off, for one agency or for all. It stands in the database: every node obeys."""

import asyncio
import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Database, UnitOfWork
from bot.store.tables import Event, Mark, now

log = structlog.get_logger()
ALL = "*"
LOOK = 1.0  # seconds: how soon a node hears of it
MOST_REASON = 200
_NAME = "assistant_off:"


@dataclass(frozen=True)
class Off:
    """The assistant is off: for whom (an agency or `ALL`), since when, by whom, and what staff are told of it."""

    scope: str
    since: str
    by: str
    reason: str


class Named(Protocol):
    """Who knows which agencies there are, by id."""

    @property
    def agencies(self) -> Collection[str]:
        """Their ids."""


class Switch:
    """Whether the assistant answers. Looking costs nothing: `run` keeps what the database says at hand."""

    def __init__(self, database: Database, knowledge: Named) -> None:
        self._database = database
        self._knowledge = knowledge
        self._off: dict[str, Off] = {}

    def off(self, agency: str) -> Off | None:
        """Why the assistant does not answer for `agency` now; None when it does."""
        return self._off.get(ALL) or self._off.get(agency)

    def all_off(self) -> list[Off]:
        """Everything that is switched off."""
        return [self._off[scope] for scope in sorted(self._off)]

    async def begin(self) -> None:
        """Look before the first message is taken up; `run` tries again when the database is away."""
        with contextlib.suppress(SQLAlchemyError):
            await self.refresh()

    async def run(self) -> None:
        """Look again and again. While the database is away the last word holds."""
        failing = False
        while True:
            try:
                await self.refresh()
                failing = False
            except Exception:
                if not failing:
                    log.exception("switch.unreadable")
                failing = True
            await asyncio.sleep(LOOK)

    async def refresh(self) -> None:
        """Read what the database says now."""
        async with self._database.read() as session:
            marks = (await session.scalars(select(Mark).where(Mark.name.in_(self._names())))).all()
        found = {off.scope: off for off in map(_read, marks)}
        if found.keys() != self._off.keys():
            log.warning("switch.changed", off=sorted(found))
        self._off = found

    async def do_turn_off(self, scope: str, by: str, reason: str = "") -> None:
        """Turn it off for `scope`; an event of each agency that it concerns says who did it."""
        text = reason.strip()[:MOST_REASON]
        value = json.dumps({"since": now().isoformat(), "by": by, "reason": text}, ensure_ascii=False)
        async with self._database.write() as uow:
            await uow.session.merge(Mark(name=_NAME + scope, value=value))
            self._do_record(uow, "assistant_off", scope, by, reason=text)
            await uow.commit()
        await self.refresh()

    async def do_turn_on(self, scope: str, by: str) -> bool:
        """Turn it on again for `scope`; whether it was off."""
        async with self._database.write() as uow:
            mark = await uow.session.get(Mark, _NAME + scope)
            if mark is not None:
                await uow.session.delete(mark)
                self._do_record(uow, "assistant_on", scope, by)
            await uow.commit()
        await self.refresh()
        return mark is not None

    def _names(self) -> list[str]:
        return [_NAME + scope for scope in (ALL, *self._knowledge.agencies)]

    def _do_record(self, uow: UnitOfWork, kind: str, scope: str, by: str, **data: str) -> None:
        concerned = self._knowledge.agencies if scope == ALL else [scope]
        data["scope"] = scope
        uow.session.add_all(Event(agency=agency, kind=kind, actor=by, data=data) for agency in concerned)


def _read(mark: Mark) -> Off:
    value = json.loads(mark.value)
    return Off(mark.name.removeprefix(_NAME), value["since"], value["by"], value["reason"])
