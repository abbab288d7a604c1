"""Makes the folder of a new town: an agency with its hours, everything else from the library, under version control."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from bot.knowledge.files import dumped
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.languages import LANGUAGES
from bot.knowledge.shelves import FORMAT, TOWN
from bot.knowledge.versions import begin, commit

ID = re.compile(r"[a-z][a-z0-9_-]{1,39}")
WEEK = {day: [["09:00", "14:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
READABLE = Path(__file__).parent / "texts" / "new_town.txt"


class NewTownError(Exception):
    """The folder cannot be made; the sentence says what to do."""


def do_make(folder: Path, agency: str, names: dict[str, str], zone: str, languages: Sequence[str] = LANGUAGES) -> None:
    """Make a town's folder that serves at once, with one commit.

    `names` is what the agency is called, by language. Raises NewTownError, KnowledgeError when it would not pass,
    OSError when the disk refuses; no folder is left then.
    """
    if not ID.fullmatch(agency):
        raise NewTownError(f'"{agency}" is no id: small letters, digits, - and _, 2 to 40, a letter first')
    if not any(names.values()):
        raise NewTownError("the agency needs a name in one language at least, as --name-es 'Ayuntamiento de Pinares'")
    if folder.exists() and any(folder.iterdir()):
        raise NewTownError(f"{folder} is not empty; name a folder that is not there yet")
    named = {language: name or next(filter(None, names.values())) for language, name in names.items()}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as scratch:
        made = Path(scratch) / "town"
        _write(made, agency, named, zone, languages)
        Knowledge(made, agency)  # what is made here has to pass
        os.replace(made, folder)
    if not (begin(folder) and commit(folder, ["."], "The town's folder")):
        raise NewTownError(f"{folder} is made, but not under version control: is git there?")


def _write(folder: Path, agency: str, names: dict[str, str], zone: str, languages: Sequence[str]) -> None:
    entry = {
        "id": agency,
        "level": "local",
        "prefix": prefix_of(agency),
        "name": names,
        "area": {language: place_of(name) for language, name in names.items()},
        "hours": {"time_zone": zone, "weekly": WEEK, "holidays": []},
    }
    about = {"format": FORMAT, "agency": agency, "languages": list(languages)}
    (folder / "data" / "lookup").mkdir(parents=True)
    (folder / TOWN).write_text(_readable() + dumped(about), encoding="utf-8")
    for name, entries in (("agencies", [entry]), ("districts", []), ("topics", [])):
        (folder / "data" / "lookup" / f"{name}.yml").write_text(dumped({name: entries}), encoding="utf-8")


def prefix_of(agency: str) -> str:
    """The three capital letters that references begin with."""
    letters = re.sub("[^a-z]", "", unicodedata.normalize("NFD", agency))
    return (letters[:3] + "XXX")[:3].upper()


def place_of(name: str) -> str:
    """The place in an agency's name: what stands behind the first small word, or before `City Council`."""
    behind = re.split(r"\s(?:de la|del|de|of the|of)\s", name, maxsplit=1)[-1].strip()
    return re.sub(r"\s+(?:city|town)?\s*(?:council|hall)$", "", behind, flags=re.IGNORECASE) or name


def _readable() -> str:
    return "".join(f"# {line}\n" if line else "#\n" for line in READABLE.read_text("utf-8").splitlines())
