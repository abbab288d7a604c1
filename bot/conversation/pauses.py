"""When a channel asks for silence: one chat alone, or, when it asks several at once, everybody on every node."""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import UnitOfWork
from bot.store.tables import Mark, now


class Pauses:
    """Remembers whom a channel asked to wait. The chat's own wait stands in its outbox row; the common one in a mark.

    A channel does not say whether it means one chat or the whole bot. Two chats asked to wait at the same time are
    taken for the whole bot.
    """

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, dt.datetime]] = {}
        self._unstored: dict[str, dt.datetime] = {}

    def note(self, channel: str, chat: str, seconds: float) -> None:
        """`chat` of `channel` was asked to wait so long."""
        asked = {one: until for one, until in self._asked.get(channel, {}).items() if until > now()}
        asked[chat] = now() + dt.timedelta(seconds=seconds)
        self._asked[channel] = asked
        if len(asked) > 1:
            self._unstored[channel] = max(asked.values())

    async def do_store(self, uow: UnitOfWork, channel: str) -> None:
        """Tell the other nodes of a common pause, if one has begun."""
        if not (until := self._unstored.get(channel)):
            return
        stored = await uow.session.get(Mark, _name(channel))
        if stored is None or stored.value < until.isoformat():
            await uow.session.merge(Mark(name=_name(channel), value=until.isoformat()))
        uow.after_commit(lambda: self._forget(channel))

    def _forget(self, channel: str) -> None:
        self._unstored.pop(channel, None)

    async def read(self, session: AsyncSession, channel: str) -> bool:
        """Whether everybody on this channel has to wait now."""
        if self._unstored.get(channel, now()) > now():
            return True
        mark = await session.get(Mark, _name(channel))
        return mark is not None and dt.datetime.fromisoformat(mark.value) > now()


def _name(channel: str) -> str:
    return f"pause:{channel}"
