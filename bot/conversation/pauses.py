"""When a channel asks for silence: one chat alone, or, when it asks several at once, everybody on every node."""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import UnitOfWork
from bot.store.tables import Mark, now


class Pauses:
    """Remembers whom a channel asked to wait. The chat's own wait stands in its outbox row; the common one in a mark.

    A channel does not say whether it means one chat or the whole bot. Two chats asked to wait at the same time are
    taken for the whole bot. `way` is a channel, or one of its bots, which has pauses of its own.
    """

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, dt.datetime]] = {}
        self._unstored: dict[str, dt.datetime] = {}

    def note(self, way: str, chat: str, seconds: float) -> None:
        """`chat` of `way` was asked to wait so long."""
        asked = {one: until for one, until in self._asked.get(way, {}).items() if until > now()}
        asked[chat] = now() + dt.timedelta(seconds=seconds)
        self._asked[way] = asked
        if len(asked) > 1:
            self._unstored[way] = max(asked.values())

    async def do_store(self, uow: UnitOfWork, way: str) -> None:
        """Tell the other nodes of a common pause, if one has begun."""
        if not (until := self._unstored.get(way)):
            return
        stored = await uow.session.get(Mark, _name(way))
        if stored is None or stored.value < until.isoformat():
            await uow.session.merge(Mark(name=_name(way), value=until.isoformat()))
        uow.after_commit(lambda: self._forget(way))

    def _forget(self, way: str) -> None:
        self._unstored.pop(way, None)

    async def read(self, session: AsyncSession, way: str) -> bool:
        """Whether everybody on this way has to wait now."""
        if self._unstored.get(way, now()) > now():
            return True
        mark = await session.get(Mark, _name(way))
        return mark is not None and dt.datetime.fromisoformat(mark.value) > now()


def _name(way: str) -> str:
    return f"pause:{way}"
