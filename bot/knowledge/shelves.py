"""Where the files of the knowledge stand: the library, which comes with the product, and behind it the town's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bot.settings import ROOT

LIBRARY = "library/"  # how messages call a file of the library; a town's has no such beginning
TOWN = "town.yml"
TOLD_APART = ("topics", "subjects")  # lists in which an id may stand in the library and in the town
FORMAT = 1  # of a town's folder


@dataclass(frozen=True)
class Shelves:
    """The files of both. A town's folder may lack any of them; what it has stands behind the library's."""

    town: Path
    library: Path = ROOT

    def files(self, folder: str) -> Iterator[tuple[str, Path]]:
        """The YAML files of `data/<folder>` by the name that messages use: the library's first, each in order."""
        for prefix, root in self._roots():
            for path in sorted((root / "data" / folder).glob("*.yml")):
                yield f"{folder}/{prefix}{path.name}", path

    def path_of(self, name: str) -> Path:
        """The file that goes by such a name."""
        folder, _, rest = name.partition("/")
        root = self.library if rest.startswith(LIBRARY) else self.town
        return root / "data" / folder / rest.removeprefix(LIBRARY)

    def one(self, name: str) -> Path:
        """A file of which there is one, as `privacy/notice.yml`: the town's where it has it, else the library's."""
        own = self.town / "data" / name
        return own if own.is_file() else self.library / "data" / name

    def _roots(self) -> tuple[tuple[str, Path], ...]:
        """A folder that is both (the product itself, as training data of its own) is read once."""
        if self.town.resolve() == self.library.resolve():
            return (("", self.town),)
        return ((LIBRARY, self.library), ("", self.town))


def is_library(name: str) -> bool:
    """Whether a file that goes by this name is the library's."""
    return name.partition("/")[2].startswith(LIBRARY)


def joined(files: dict[str, Any]) -> dict[str, Any]:
    """The look-up lists by name, the library's and the town's made one, from the contents of `Shelves.files("lookup")`.

    Of topics and subjects the town's entry says what differs, or is one of its own; of all other lists its entries
    stand behind the library's.
    """
    found: dict[str, Any] = {}
    for name, contents in files.items():
        kind = PurePosixPath(name).stem
        found[kind] = _behind(found.get(kind) or {}, contents or {})
    for kind in TOLD_APART:
        entries: dict[str, Any] = {}
        for entry in (found.get(kind) or {}).get(kind) or ():
            entries[entry["id"]] = {**entries.get(entry["id"], {}), **entry}
        found[kind] = {kind: list(entries.values())}
    return found


def _behind(first: Any, second: Any) -> Any:
    """`second` put behind `first`: lists grow, mappings are joined, anything else is the second's."""
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: _behind(first.get(key), second.get(key)) for key in {**first, **second}}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *second]
    return first if second is None else second
