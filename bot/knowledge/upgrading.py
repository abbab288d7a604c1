"""A folder of the time before a town's own data stood apart becomes a town's folder: its own is kept, the rest goes.

Until format 1 a town changed a copy of the whole product's data. What differs there from the library is the town's;
what does not, and what only the product needs (`config.yml`, rules …), is the product's and is upgraded with it.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml.scalarstring import LiteralScalarString

from bot.knowledge.files import dumped
from bot.knowledge.knowledge import Knowledge, read_yaml
from bot.knowledge.shelves import FORMAT, TOWN
from bot.knowledge.versions import commit
from bot.settings import ROOT

PRODUCTS = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml")
OWN_EXAMPLES = "own.yml"
SMALL = 3  # letters of words as "de" and "the", which name no place
PLACES = {"{town}": "local", "{region}": "regional"}


class UpgradeError(Exception):
    """The folder cannot be brought up to date; the sentence says what to do."""


def do_upgrade(folder: Path, library: Path = ROOT) -> Iterator[str]:
    """Rewrite the folder, in a commit where it is under version control; what was kept, line by line.

    The folder is replaced whole once the new one passes. Raises UpgradeError or KnowledgeError, and nothing is changed.
    """
    if (folder / TOWN).is_file():
        told = read_yaml(folder / TOWN).get("format")
        if told == FORMAT:
            yield f"{folder} is of today's format, {FORMAT}; nothing to do."
            return
        raise UpgradeError(f"{folder} is of format {told}, and this product knows {FORMAT}: install a newer product")
    if not (folder / "data/lookup/agencies.yml").is_file():
        raise UpgradeError(f"{folder} holds no data/lookup/agencies.yml, so it is no folder of a town")
    with tempfile.TemporaryDirectory(prefix="ventanilla-upgrade-") as scratch:
        made = Path(scratch) / "town"
        (made / "data").mkdir(parents=True)
        lines = [*_keep(folder, made, library)]
        Knowledge(made, library=library)
        _put(made, folder)
    commit(folder, ["."], f"The town's own data stands apart (format {FORMAT})")
    yield from lines


def _keep(old: Path, made: Path, library: Path) -> Iterator[str]:
    """Write into `made` what is the town's own in `old`; what it is, in words."""
    agencies = read_yaml(old / "data/lookup/agencies.yml")
    _write(made / TOWN, {"format": FORMAT, "agency": agencies["agencies"][0]["id"]})
    for name in ("lookup/agencies.yml", "lookup/districts.yml", "privacy/notice.yml", "privacy/retention.yml"):
        if (old / "data" / name).is_file():
            (made / "data" / name).parent.mkdir(exist_ok=True)
            shutil.copy(old / "data" / name, made / "data" / name)
    for kind in ("topics", "subjects"):
        entries = _entries(old, library, kind, agencies["agencies"])
        _write(made / f"data/lookup/{kind}.yml", {kind: entries})
        yield f"{kind}: {len(entries)} of the town's own or different"
    answers = _answers(old, library)
    for name, responses in answers.items():
        _write(made / "data/responses" / name, {"version": "3.1", "responses": responses})
    yield f"answers and words: {sum(map(len, answers.values()))} of the town's own or different"
    examples = _examples(old, library, agencies["agencies"])
    if examples:
        nlu = [{"intent": intent, "examples": LiteralScalarString(told)} for intent, told in examples.items()]
        _write(made / "data/nlu" / OWN_EXAMPLES, {"version": "3.1", "nlu": nlu})
    yield f"examples: {sum(told.count(chr(10)) for told in examples.values())} of the town's own"


def _entries(old: Path, library: Path, kind: str, agencies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What differs from the library's entries; what the town had deleted is off."""
    known = {entry["id"]: entry for entry in read_yaml(library / f"data/lookup/{kind}.yml")[kind]}
    there = {entry["id"]: entry for entry in (_read(old / f"data/lookup/{kind}.yml").get(kind) or ())}
    first = {agency["level"]: agency["id"] for agency in reversed(agencies)}
    kept = []
    for id, entry in there.items():
        usual = known.get(id, {})
        implied = first.get(usual.get("level", ""), agencies[0]["id"])
        differs = {key: value for key, value in entry.items() if usual.get(key) != value}
        if usual and differs.get("agency") == implied:
            del differs["agency"]
        if differs.keys() - {"id"} or not usual:
            kept.append({"id": id, **differs})
    if kind == "topics":
        kept += [{"id": id, "off": True} for id in known if id not in there]
    return kept


def _answers(old: Path, library: Path) -> dict[str, dict[str, Any]]:
    """By file: the responses that the library does not have, or has in other words."""
    known: dict[str, Any] = {}
    for path in sorted((library / "data/responses").glob("*.yml")):
        known |= _read(path).get("responses") or {}
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((old / "data/responses").glob("*.yml")):
        own = {n: told for n, told in (_read(path).get("responses") or {}).items() if known.get(n) != told}
        if own:
            found[path.name] = own
    return found


def _examples(old: Path, library: Path, agencies: list[dict[str, Any]]) -> dict[str, str]:
    """By intent: the examples that the library does not have; its `{town}` stands for the place's name there."""
    areas = {sign: _areas(agencies, level) for sign, level in PLACES.items()}
    known: dict[str, set[str]] = {}
    for path in sorted((library / "data/nlu").glob("*.yml")):
        for intent, lines in _lines(path):
            known.setdefault(intent, set()).update(map(str.casefold, lines))
    found: dict[str, list[str]] = {}
    for path in sorted((old / "data/nlu").glob("*.yml")):
        for intent, lines in _lines(path):
            own = [line for line in lines if not {line.casefold(), _unplaced(line, areas)} & known.get(intent, set())]
            found.setdefault(intent, []).extend(own)
    return {intent: "".join(f"- {line}\n" for line in lines) for intent, lines in found.items() if lines}


def _areas(agencies: list[dict[str, Any]], level: str) -> list[str]:
    """How the places of a level are called, the longest first: whole, and by the words that all languages have."""
    found: set[str] = set()
    for agency in agencies:
        names = [str(name).casefold() for name in (agency.get("area") or {}).values()]
        if agency["level"] == level and names:
            shared = set.intersection(*(set(name.split()) for name in names))
            found |= {*names, *(word for word in shared if len(word) > SMALL)}
    return sorted(found, key=lambda name: (-len(name), name))


def _unplaced(line: str, areas: dict[str, list[str]]) -> str:
    line = line.casefold()
    for sign, names in areas.items():
        if names:
            line = re.sub(rf"\b(?:{'|'.join(map(re.escape, names))})\b", sign, line)
    return line


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    for entry in _read(path).get("nlu") or ():
        if "intent" in entry:
            lines = str(entry.get("examples") or "").splitlines()
            yield str(entry["intent"]), [line[2:].strip() for line in lines if line.startswith("- ")]


def _read(path: Path) -> dict[str, Any]:
    return (read_yaml(path) or {}) if path.is_file() else {}


def _write(path: Path, contents: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumped(contents), encoding="utf-8")


def _put(made: Path, folder: Path) -> None:
    """Change the folder to what was made; of what stood there only the product's part and the old data go."""
    shutil.move(folder / "data", folder / "data.before")
    try:
        shutil.copytree(made / "data", folder / "data")
        shutil.copy(made / TOWN, folder / TOWN)
    except OSError:
        shutil.rmtree(folder / "data", ignore_errors=True)
        (folder / TOWN).unlink(missing_ok=True)
        shutil.move(folder / "data.before", folder / "data")
        raise
    shutil.rmtree(folder / "data.before")
    for name in PRODUCTS:
        (folder / name).unlink(missing_ok=True)
