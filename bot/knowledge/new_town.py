"""Makes the folder of a new town: an agency with its hours, everything else from the library, under version control."""

import re
import subprocess
import unicodedata
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.shelves import FORMAT, TOWN
from bot.knowledge.versions import OURS

ID = re.compile(r"[a-z][a-z0-9_-]{1,39}")
WEEK = {day: [["09:00", "14:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
READABLE = Path(__file__).parent / "texts" / "new_town.txt"


class NewTownError(Exception):
    """The folder cannot be made; the sentence says what to do."""


def do_make(folder: Path, agency: str, names: dict[str, str], zone: str) -> None:
    """Make a town's folder that serves at once, with one commit.

    `names` is what the agency is called, by language. Raises NewTownError, OSError when the disk refuses.
    """
    if not ID.fullmatch(agency):
        raise NewTownError(f'"{agency}" is no id: small letters, digits, - and _, 2 to 40, a letter first')
    if not any(names.values()):
        raise NewTownError("the agency needs a name in one language at least, as --name-es 'Ayuntamiento de Pinares'")
    if folder.exists() and any(folder.iterdir()):
        raise NewTownError(f"{folder} is not empty; name a folder that is not there yet")
    named = {language: name or next(filter(None, names.values())) for language, name in names.items()}
    (folder / "data" / "lookup").mkdir(parents=True)
    (folder / TOWN).write_text(_readable() + _dumped({"format": FORMAT, "agency": agency}), encoding="utf-8")
    entry = {
        "id": agency,
        "level": "local",
        "prefix": prefix_of(agency),
        "name": named,
        "area": {language: place_of(name) for language, name in named.items()},
        "hours": {"time_zone": zone, "weekly": WEEK, "holidays": []},
    }
    (folder / "data/lookup/agencies.yml").write_text(_dumped({"agencies": [entry]}), encoding="utf-8")
    (folder / "data/lookup/districts.yml").write_text(_dumped({"districts": []}), encoding="utf-8")
    (folder / "data/lookup/topics.yml").write_text(_dumped({"topics": []}), encoding="utf-8")
    Knowledge(folder, agency)  # what is made here has to pass
    _do_commit(folder)


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


def _dumped(contents: dict[str, object]) -> str:
    from io import StringIO

    yaml = YAML()
    yaml.width = 120
    made = StringIO()
    yaml.dump(CommentedMap(contents), made)
    return made.getvalue()


def _do_commit(folder: Path) -> None:
    """Its own repository, unless it lies in one; a machine without git makes none, which `doctor` tells."""
    try:
        inside = subprocess.run(["git", "rev-parse", "--is-inside-work-tree"], cwd=folder, capture_output=True)
        commands = [["add", "."], [*OURS, "commit", "--quiet", "--message", "The town's folder", "--", "."]]
        for words in [*([] if inside.returncode == 0 else [["init", "--quiet"]]), *commands]:
            subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NewTownError(f"the folder is made, but not under version control: {error}") from error
