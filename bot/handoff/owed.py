"""People who were promised and could not be called: what is owed stands in the database until the case is opened."""

import asyncio
import json
from collections.abc import Sequence

import structlog
from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff.cases import Cases
from bot.states import Reason
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Conversation, Mark

log = structlog.get_logger()
_NAME = "owed_case:"
SOON, LATER, LOOK = 0.5, 15.0, 60.0  # seconds: the first pause, the longest one, and a look at what other nodes left
AT_ONCE = 50


class Owed:
    """Opens the cases that are owed. The citizen has her answer by then; it is not said again."""

    def __init__(self, database: Database, cases: Cases) -> None:
        self._database = database
        self._cases = cases
        self._wake = asyncio.Event()

    async def do_owe(self, uow: UnitOfWork, conversation: Conversation, reason: Reason) -> None:
        """Write down that a person is to be called; danger is not overwritten by less."""
        name = _NAME + conversation.id
        known = await uow.session.get(Mark, name)
        if known is not None and json.loads(known.value)["reason"] == Reason.CRISIS:
            return
        await uow.session.merge(Mark(name=name, value=json.dumps({"reason": reason})))
        uow.after_commit(self._wake.set)

    async def run(self) -> None:
        """Open what is owed, again and again until it is done; then wait for more."""
        pause = SOON
        while True:
            self._wake.clear()
            left = await self.do_pay()
            pause = min(pause * 2, LATER) if left else SOON
            try:
                await asyncio.wait_for(self._wake.wait(), pause if left else LOOK)
            except TimeoutError:
                continue

    async def do_pay(self) -> bool:
        """Try every case that is owed once; whether one is left."""
        try:
            async with self._database.read() as session:
                names = list(await session.scalars(_owed().limit(AT_ONCE)))
        except Exception:
            log.exception("owed.unreadable")
            return True
        paid = [await self._do_pay_one(name.removeprefix(_NAME)) for name in names]
        return not all(paid) or len(names) == AT_ONCE

    async def _do_pay_one(self, conversation_id: str) -> bool:
        try:
            async with self._database.write() as uow:
                await self._do_open(uow, conversation_id)
                await uow.commit()
        except Exception as error:
            self._cases.troubles.failed("case", error)
            return False
        self._cases.troubles.worked("case")
        return True

    async def _do_open(self, uow: UnitOfWork, conversation_id: str) -> None:
        """Open the case in the same transaction that forgets the debt. Nothing when another node was first."""
        locked = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        conversation = (await uow.session.execute(locked)).scalar_one_or_none()
        mark = await uow.session.get(Mark, _NAME + conversation_id)
        if mark is None:
            return
        reason = Reason(json.loads(mark.value)["reason"])
        await uow.session.execute(delete(Mark).where(Mark.name == mark.name))
        if conversation is not None:
            await self._cases.do_call(uow, conversation, reason)


async def is_danger_owed(session: AsyncSession, conversation_ids: Sequence[str]) -> bool:
    """Whether a person is owed to one of these conversations because of danger."""
    marks = await session.scalars(select(Mark.value).where(Mark.name.in_(_names(conversation_ids))))
    return any(json.loads(value)["reason"] == Reason.CRISIS for value in marks)


async def do_waive(uow: UnitOfWork, conversation_ids: Sequence[str]) -> None:
    """Owe these conversations nobody any more: they are erased."""
    await uow.session.execute(delete(Mark).where(Mark.name.in_(_names(conversation_ids))))


async def count_owed(session: AsyncSession) -> int:
    """How many cases are owed, over all nodes."""
    return int((await session.scalar(select(func.count()).select_from(_owed().subquery()))) or 0)


def _names(conversation_ids: Sequence[str]) -> list[str]:
    return [_NAME + conversation_id for conversation_id in conversation_ids]


def _owed() -> Select[str]:
    return select(Mark.name).where(Mark.name.startswith(_NAME, autoescape=True)).order_by(Mark.name)
