"""Where the files of the knowledge stand: the library, which comes with the product, and behind it the town's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bot.knowledge.languages import LANGUAGES, PACKS, languages_of
from bot.settings import ROOT

LIBRARY = "library/"  # how messages call a file of the library; a town's has no such beginning
TOWN = "town.yml"
TOLD_APART = ("topics", "subjects", "elsewhere")  # lists in which an id may stand in several files
FORMAT = 1  # of a town's folder


@dataclass(frozen=True)
class Shelves:
    """The files of both. A town's folder may lack any of them; what it has stands behind the library's."""

    town: Path
    library: Path = ROOT

    def files(self, folder: str) -> Iterator[tuple[str, Path]]:
        """The YAML files of `data/<folder>` by the name that messages use: the library's first, each in order.

        Behind the library's own stand those of the languages that the town has chosen besides.
        """
        for prefix, data in self._roots():
            for path in sorted((data / folder).glob("*.yml")):
                yield f"{folder}/{prefix}{path.name}", path

    def path_of(self, name: str) -> Path:
        """The file that goes by such a name."""
        folder, _, rest = name.partition("/")
        if not rest:
            return self.town / name
        if not rest.startswith(LIBRARY):
            return self.town / "data" / folder / rest
        language, _, file = rest.removeprefix(LIBRARY).rpartition("/")
        return self.pack(language) / folder / file if language else self.library / "data" / folder / file

    def one(self, name: str) -> Path:
        """A file of which there is one, as `privacy/notice.yml`: the town's where it has it, else the library's."""
        own = self.town / "data" / name
        return own if own.is_file() else self.library / "data" / name

    @property
    def packs(self) -> tuple[str, ...]:
        """The languages of the town that come as a folder of their own."""
        return tuple(language for language in languages_of(self.town) if language not in LANGUAGES)

    def pack(self, language: str) -> Path:
        """The folder of such a language."""
        return self.library / "data" / PACKS / language

    def _roots(self) -> tuple[tuple[str, Path], ...]:
        """A folder that is both (the product itself, as training data of its own) is read once."""
        if self.town.resolve() == self.library.resolve():
            return (("", self.town / "data"),)
        packs = ((f"{LIBRARY}{language}/", self.pack(language)) for language in self.packs)
        return ((LIBRARY, self.library / "data"), *packs, ("", self.town / "data"))


def is_library(name: str) -> bool:
    """Whether a file that goes by this name is the library's."""
    return name.partition("/")[2].startswith(LIBRARY)


def pack_of(name: str) -> str:
    """The language of whose folder a file of this name is; empty for all others."""
    rest = name.partition("/")[2]
    return rest.removeprefix(LIBRARY).rpartition("/")[0] if rest.startswith(LIBRARY) else ""


def joined(files: dict[str, Any]) -> dict[str, Any]:
    """The look-up lists by name, the library's and the town's made one, from the contents of `Shelves.files("lookup")`.

    Of topics and subjects the town's entry says what differs, or is one of its own; of all other lists its entries
    stand behind the library's. A further language adds its words to each.
    """
    found: dict[str, Any] = {}
    for name, contents in files.items():
        kind = PurePosixPath(name).stem
        found[kind] = _behind(found.get(kind) or {}, contents or {})
    for kind in TOLD_APART:
        entries: dict[str, Any] = {}
        for entry in (found.get(kind) or {}).get(kind) or ():
            entries[entry["id"]] = _amended(entries.get(entry["id"], {}), entry)
        found[kind] = {kind: list(entries.values())}
    return found


def _amended(known: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """An entry with what a later one says: words by language join those that are known, all else takes their place."""
    pairs = ((key, known.get(key), value) for key, value in entry.items())
    both = {key: {**old, **new} for key, old, new in pairs if isinstance(old, dict) and isinstance(new, dict)}
    return {**known, **entry, **both}


def _behind(first: Any, second: Any) -> Any:
    """`second` put behind `first`: lists grow, mappings are joined, anything else is the second's."""
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: _behind(first.get(key), second.get(key)) for key in {**first, **second}}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *second]
    return first if second is None else second
