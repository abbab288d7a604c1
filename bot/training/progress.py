"""A line that counts: how long something has taken, and how long it is expected to take."""

import sys
import time
from types import TracebackType
from typing import Self


class Progress:
    """On a terminal one line that counts up; elsewhere a line at the start, at each quarter and at the end."""

    def __init__(self, what: str, expected: float) -> None:
        self._what = what
        self._expected = expected
        self._started = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._said = -1

    def __enter__(self) -> Self:
        self._write(f"{self._what}: about {self._expected:.0f} s", end="" if self._terminal else "\n")
        return self

    def tick(self) -> None:
        """Say how far it is, when there is something new to say."""
        elapsed = time.monotonic() - self._started
        step = int(elapsed) if self._terminal else int(4 * elapsed / self._expected)
        if step <= self._said or (not self._terminal and step == 0):
            return
        self._said = step
        percent = min(99, round(100 * elapsed / self._expected))
        start, end = ("\r", "") if self._terminal else ("", "\n")
        self._write(f"{start}{self._what}: {elapsed:.0f} of about {self._expected:.0f} s ({percent} %) ", end=end)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        outcome = "done in" if kind is None else "stopped after"
        start = "\r" if self._terminal else ""
        self._write(f"{start}{self._what}: {outcome} {time.monotonic() - self._started:.0f} s{' ' * 20}".rstrip())

    @staticmethod
    def _write(text: str, end: str = "\n") -> None:
        print(text, end=end, file=sys.stderr, flush=True)
