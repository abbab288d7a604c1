"""Which replica answers the next turn, and how many turns one has at a time."""

import asyncio
from collections.abc import Callable, Sequence

from bot.replicas.breaker import PAUSE
from bot.replicas.replica import Replica

# An engine computes in one thread and waits only for actions: more turns at once make each of them later, none earlier.
EACH = 4


class Seats:
    """Hands turns to the replica with the fewest in flight. Who finds no room waits in line."""

    def __init__(self, replicas: Callable[[], Sequence[Replica]], each: int = EACH) -> None:
        self._replicas = replicas
        self._each = each
        self._line: list[tuple[asyncio.Future[Replica], Replica | None]] = []

    async def take(self, patience: float, avoid: Replica | None = None) -> Replica | None:
        """A replica for one turn; None when there was none for `patience` seconds. `avoid` only when nobody else can.

        Whoever gets one gives it back.
        """
        if not self._line and (replica := self._choose(avoid)):
            return _seated(replica)
        place: asyncio.Future[Replica] = asyncio.get_running_loop().create_future()
        self._line.append((place, avoid))
        try:
            await asyncio.wait([place], timeout=patience)
            return place.result() if place.done() else None
        except asyncio.CancelledError:
            if place.done():
                self.give(place.result(), None)
            raise
        finally:
            self._line = [waiting for waiting in self._line if waiting[0] is not place]

    def give(self, replica: Replica, worked: bool | None) -> None:
        """The turn has ended: well, badly, or (None) without saying anything about the replica."""
        replica.in_flight -= 1
        before = replica.breaker.state
        replica.breaker.end(worked)
        if replica.breaker.state == "open" and before != "open":
            asyncio.get_running_loop().call_later(PAUSE + 0.01, self.refill)
        self.refill()

    def refill(self) -> None:
        """Something has changed: those at the front of the line get what is free."""
        for place, avoid in tuple(self._line):
            if not place.done() and (replica := self._choose(avoid)):
                place.set_result(_seated(replica))

    def _choose(self, avoid: Replica | None) -> Replica | None:
        usable = [one for one in self._replicas() if one.state == "ready" and one.breaker.allows()]
        others = [one for one in usable if one is not avoid] or usable
        free = [one for one in others if one.in_flight < self._each]
        return min(free, key=lambda one: (one.in_flight, one.turns), default=None)


def _seated(replica: Replica) -> Replica:
    replica.in_flight += 1
    replica.turns += 1
    replica.breaker.begin()
    return replica
