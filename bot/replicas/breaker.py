"""Keeps turns away from a replica that fails them although it answers its health checks."""

import time
from collections.abc import Callable

FAILURES = 3  # in a row
PAUSE = 5.0  # seconds until one turn may try again


class Breaker:
    """`closed`: turns pass. `open`: none does. `half-open`: one is let through, and decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything: the process behind it is a new one."""
        self.openings = 0  # in a row, with no success between them
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        if self._opened is None:
            return "closed"
        return "open" if self._clock() - self._opened < PAUSE else "half-open"

    def allows(self) -> bool:
        """Whether a turn may go through now."""
        state = self.state
        return state == "closed" or (state == "half-open" and not self._trying)

    def begin(self) -> None:
        """A turn goes through."""
        self._trying = self.state == "half-open"

    def end(self, worked: bool | None) -> None:
        """A turn has ended; None when it says nothing about the replica (it was given up)."""
        if worked:
            self.reset()
        elif worked is None or self.state == "open":
            self._trying = False
        else:
            self._failures += 1
            self._trying = False
            if self._failures >= FAILURES:
                self._opened = self._clock()
                self.openings += 1
