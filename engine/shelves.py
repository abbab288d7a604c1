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
PACKS = "languages"  # the folder of `data` with a folder for each language
LOOK_AGAIN = 1.0  # seconds between two looks at the files' times


def town() -> Path:
    """The town's folder."""
    return Path(os.environ.get("TOWN") or ROOT / "demo")


def packs() -> Tuple[Path, ...]:
    """The folders of the languages that the town has chosen besides those of the library itself."""
    told = read_yaml_file(town() / "town.yml") if (town() / "town.yml").is_file() else None
    named = (told if isinstance(told, dict) else {}).get("languages")
    chosen = [ROOT / "data" / PACKS / str(name) for name in named] if isinstance(named, list) else []
    return tuple(folder for folder in chosen if (folder / "responses").is_dir())


def folders() -> Tuple[Path, ...]:
    """The `data` folders: the library's, those of further languages, the town's."""
    return (ROOT / "data", *packs(), town() / "data")


def read_entries(kind: str, shelves: Iterable[Path]) -> List[Dict[str, Any]]:
    """The entries of a look-up list (`topics`, `agencies` …): of two with one id the later says what differs.

    Words by language join those that are known.
    """
    found: Dict[str, Dict[str, Any]] = {}
    for folder in shelves:
        path = folder / "lookup" / f"{kind}.yml"
        for entry in (read_yaml_file(path) or {}).get(kind, []) if path.exists() else ():
            known = found.get(str(entry["id"]), {})
            found[str(entry["id"])] = {**known, **entry, **_joined(known, entry, is_pack(folder))}
    return list(found.values())


def is_pack(folder: Path) -> bool:
    """Whether a folder is a further language's."""
    return folder.parent.name == PACKS


def _joined(known: Dict[str, Any], entry: Dict[str, Any], adds: bool) -> Dict[str, Any]:
    """What of an entry does not take the place of what is known; lists, too, where it only `adds`."""
    both = {key: (known[key], value) for key, value in entry.items() if key in known}
    words = {key: {**old, **new} for key, (old, new) in both.items() if isinstance(old, dict) and isinstance(new, dict)}
    lists = {key: [*old, *new] for key, (old, new) in both.items() if isinstance(old, list) and isinstance(new, list)}
    return {**words, **lists} if adds else words


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
