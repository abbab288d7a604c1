"""How fast a channel may be sent to, counted in memory: what may not leave yet simply is not claimed."""

import time
from collections.abc import Callable


class _Stream:
    """The generic cell rate algorithm (ITU-T I.371): one value per stream, the time at which its bucket is full."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._step = 1 / per_second
        self._slack = self._step * burst
        self.full = 0.0

    def take(self, at: float) -> None:
        self.full = max(at, self.full) + self._step

    def free_at(self) -> float:
        """When the next one may leave."""
        return self.full + self._step - self._slack

    def room(self, at: float) -> int:
        """How many may leave at once."""
        return max(0, int((self._slack - max(0.0, self.full - at)) / self._step + 1e-9))


class Pace:
    """So many a second to one chat and so many over all, each after a burst."""

    def __init__(
        self, chat: tuple[float, int], everybody: tuple[float, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._chat = chat
        self._all = _Stream(*everybody)
        self._chats: dict[str, _Stream] = {}
        self._clock = clock

    def take(self, chat: str) -> None:
        """Count one that leaves for `chat`."""
        at = self._clock()
        self._all.take(at)
        self._chats.setdefault(chat, _Stream(*self._chat)).take(at)

    def room(self) -> int:
        """How many may leave now."""
        return self._all.room(self._clock())

    def waiting(self) -> list[str]:
        """Chats that have to wait now."""
        at = self._clock()
        self._chats = {chat: stream for chat, stream in self._chats.items() if stream.full > at}
        return [chat for chat, stream in self._chats.items() if stream.free_at() > at]

    def next_in(self) -> float:
        """Seconds until somebody who waits may go on; 0 when nobody waits."""
        at = self._clock()
        waits = [stream.free_at() - at for stream in (self._all, *self._chats.values())]
        return min((wait for wait in waits if wait > 0), default=0.0)
