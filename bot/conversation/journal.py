"""What has left and is not in the database yet: a line in a file, written at once, that outlives a killed process.

Storing a success waits for its turn at the database; a process killed in that moment would send the message again. A
line appended to a file takes a fraction of a millisecond, and the system keeps it when the process is gone. It is not
forced to the disk: a machine that loses power repeats what the answers of the last moment had brought.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = tuple[int, list[Any], bool]  # the outbox row, the channel's ids of the parts that have left, whether it is all


class Journal:
    """The file of one worker in `folder`, and those that dead ones have left there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / f"{secrets.token_hex(8)}.jsonl"
        self._noted: set[int] = set()

    def note(self, outbox_id: int, parts: list[Any], *, whole: bool) -> None:
        """A message has left, or the first parts of it. Raises OSError when the disk takes nothing."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file.open("a") as file:
            file.write(json.dumps([outbox_id, parts, whole]) + "\n")
        self._noted.add(outbox_id)

    def stored(self, outbox_id: int) -> None:
        """It is in the database; the file goes when that is true of all."""
        self._noted.discard(outbox_id)
        if not self._noted:
            self._file.unlink(missing_ok=True)

    def left_behind(self) -> Iterator[tuple[Path, list[Entry]]]:
        """The files of others with what they say; a line that was cut off says nothing."""
        for path in sorted(self._folder.glob("*.jsonl")):
            if path != self._file:
                yield path, list(_lines(path))


def _lines(path: Path) -> Iterator[Entry]:
    for line in path.read_text().splitlines():
        try:
            outbox_id, parts, whole = json.loads(line)
        except ValueError:
            continue
        yield int(outbox_id), list(parts), bool(whole)
