"""Where the training data stands: the library beside this code, and behind it the folder of the town (`TOWN` names it).

Without `TOWN`, as in `rasa shell` at the root, it is the demonstration.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict, Generic, Iterable, List, Optional, Tuple, TypeVar

from rasa.shared.utils.io import read_yaml_file

logger = logging.getLogger(__name__)
T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
LOOK_AGAIN = 1.0  # seconds between two looks at the files' times


def folders() -> Tuple[Path, ...]:
    """The `data` folders, the library's first."""
    return (ROOT / "data", Path(os.environ.get("TOWN") or ROOT / "demo") / "data")


def read_entries(kind: str, shelves: Iterable[Path]) -> List[Dict[str, Any]]:
    """The entries of a look-up list (`topics`, `agencies` …): of two with one id the later says what differs."""
    found: Dict[str, Dict[str, Any]] = {}
    for folder in shelves:
        path = folder / "lookup" / f"{kind}.yml"
        for entry in (read_yaml_file(path) or {}).get(kind, []) if path.exists() else ():
            found[str(entry["id"])] = {**found.get(str(entry["id"]), {}), **entry}
    return list(found.values())


def agencies_of(topics: Iterable[Dict[str, Any]], agencies: List[Dict[str, Any]]) -> Dict[str, str]:
    """Topic → the agency that has it in its charge: the one it names, else the first of its level, else the first."""
    of_level: Dict[str, str] = {}
    for agency in agencies:
        of_level.setdefault(str(agency.get("level")), str(agency["id"]))
    first = str(agencies[0]["id"]) if agencies else ""
    return {str(t["id"]): str(t.get("agency") or of_level.get(str(t.get("level")), first)) for t in topics}


class Fresh(Generic[T]):
    """What `make` reads from files; made again when one of them has changed, kept when it cannot be: `empty` at first."""

    def __init__(self, files: Iterable[Path], make: Callable[[], T], empty: T) -> None:
        self.files, self.make, self._made = tuple(files), make, empty
        self._stamp: Optional[Tuple[Tuple[str, int], ...]] = None
        self._looked = float("-inf")

    def get(self) -> T:
        """As the files say it now, or did a second ago."""
        if time.monotonic() - self._looked >= LOOK_AGAIN:
            self._looked = time.monotonic()
            if (stamp := self._now()) != self._stamp:
                self._stamp = stamp
                self._again()
        return self._made

    def _again(self) -> None:
        try:
            self._made = self.make()
        except Exception as error:  # nothing that a file holds may end a turn
            if isinstance(error, OSError):
                self._stamp = None  # it may be readable in a moment, and look the same
            logger.error("%s cannot be used: what it said before is kept (%s)", self.files[0].parent, error)

    def _now(self) -> Tuple[Tuple[str, int], ...]:
        return tuple((str(path), path.stat().st_mtime_ns) for path in self.files if path.exists())
