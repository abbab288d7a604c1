"""The published description of the Bot API, and the check of a value against it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

Json = dict[str, Any]
FILE = Path(__file__).parent / "botapi" / "api.json"
ARRAY = "Array of "
FIXED = re.compile(r"(?:always |must be )[\"“]?(\w+)[\"”]?$")


@dataclass(frozen=True)
class Upload:
    """A file part of a multipart call."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Field:
    """One parameter of a method or one field of a type."""

    name: str
    types: tuple[str, ...]
    required: bool
    text: str

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(raw["name"], tuple(raw["types"]), raw["required"], raw["description"])

    @property
    def fixed(self) -> str | None:
        """The only value that it may have, such as `type` in `ReactionTypeEmoji`."""
        found = FIXED.search(self.text) if self.name in ("type", "status", "source") else None
        return found.group(1) if found else None


@dataclass(frozen=True)
class Entry:
    """A method or a type."""

    name: str
    fields: dict[str, Field]
    subtypes: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: Json) -> Self:
        fields = {item["name"]: Field.read(item) for item in raw.get("fields", [])}
        return cls(raw["name"], fields, tuple(raw.get("subtypes", ())), tuple(raw.get("returns", ())))


@dataclass(frozen=True)
class Description:
    """Everything that the description says, and the questions asked of it."""

    version: str
    methods: dict[str, Entry] = field(repr=False)
    types: dict[str, Entry] = field(repr=False)

    def method(self, name: str) -> Entry | None:
        """Method names are not case-sensitive in the Bot API."""
        return self.methods.get(name.lower())

    def problems(self, value: object, types: tuple[str, ...], path: str) -> list[str]:
        """What is wrong with a value that must be of one of these types; empty if nothing."""
        found: list[str] | None = None
        for name in self._likely(value, merged(types)):
            tried = self._problems_of(value, name, path)
            if not tried:
                return []
            if found is None or len(tried) < len(found):
                found = tried
        return found or [f"{path} has no known type"]

    def _likely(self, value: object, names: tuple[str, ...]) -> tuple[str, ...]:
        """Only the types whose fixed field (`type`, `status`) says what the value says, if any do."""
        given = value if isinstance(value, dict) else {}
        fixed = {
            name: [(item.name, item.fixed) for item in self.types[name].fields.values() if item.fixed]
            for name in names
            if name in self.types
        }
        meant = tuple(n for n, pairs in fixed.items() if pairs and all(given.get(k) == v for k, v in pairs))
        return meant or names

    def problems_of_call(self, method: Entry, values: Json) -> list[str]:
        """Unknown, missing and wrongly typed parameters of one call."""
        return self._problems_of_fields(values, method, method.name)

    def _problems_of(self, value: object, name: str, path: str) -> list[str]:
        if name.startswith(ARRAY):
            return self._problems_of_array(value, name.removeprefix(ARRAY), path)
        if "|" in name:
            return self.problems(value, tuple(name.split("|")), path)
        if name in PLAIN:
            return [] if PLAIN[name](value) else [f"{path} must be {name}, is {short(value)}"]
        entry = self.types[name]
        if entry.subtypes:
            return self.problems(value, entry.subtypes, path)
        if not isinstance(value, dict):
            return [f"{path} must be {name}, is {short(value)}"]
        return self._problems_of_fields(value, entry, path)

    def _problems_of_array(self, value: object, inner: str, path: str) -> list[str]:
        if not isinstance(value, list):
            return [f"{path} must be {ARRAY}{inner}, is {short(value)}"]
        return [
            problem
            for index, item in enumerate(value)
            for problem in self._problems_of(item, inner, f"{path}[{index}]")
        ]

    def _problems_of_fields(self, value: Json, entry: Entry, path: str) -> list[str]:
        found = [f"{path}.{name} is unknown" for name in value if name not in entry.fields]
        for name, described in entry.fields.items():
            where = f"{path}.{name}"
            if name not in value:
                found += [f"{where} is missing"] if described.required else []
                continue
            found += self.problems(value[name], described.types, where)
            if described.fixed not in (None, value[name]):
                found.append(f"{where} must be {described.fixed}, is {short(value[name])}")
        return found


def merged(types: tuple[str, ...]) -> tuple[str, ...]:
    """`Array of A | Array of B` also takes an array that mixes both (albums)."""
    arrays = [name for name in types if name.startswith(ARRAY)]
    if len(arrays) < 2:
        return types
    inner = "|".join(name.removeprefix(ARRAY) for name in arrays)
    return (*(name for name in types if name not in arrays), ARRAY + inner)


def short(value: object) -> str:
    """A value as it stands in a complaint."""
    shown = repr(value)
    return shown if len(shown) < 60 else shown[:57] + "..."


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


PLAIN: dict[str, Callable[[object], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Integer": is_integer,
    "Float": lambda value: is_integer(value) or isinstance(value, float),
    "Boolean": lambda value: isinstance(value, bool),
    "InputFile": lambda value: isinstance(value, Upload),
}


@lru_cache
def load_description(file: Path = FILE) -> Description:
    """Read the description once."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    methods = {name.lower(): Entry.read(item) for name, item in raw["methods"].items()}
    types = {name: Entry.read(item) for name, item in raw["types"].items()}
    return Description(raw["version"], methods, types)
