"""Folders of a town for tests that change one."""

import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.settings import ROOT

DEMO = ROOT / "demo"
TAUGHT = shutil.ignore_patterns("nlu", "stories", "rules")


def copy_town(to: Path) -> Path:
    """The demonstration's folder; the library stays the product's."""
    return Path(shutil.copytree(DEMO, to))


def copy_whole(to: Path) -> Path:
    """Library and demonstration in one folder, which is both then, less the training data and the words said twice."""
    shutil.copytree(DEMO, to, ignore=shutil.ignore_patterns("words.yml"))
    shutil.copytree(ROOT / "data", to / "data", ignore=TAUGHT, dirs_exist_ok=True)
    return to


def add_pinares(town: Path, **more: Any) -> None:
    """A second town in that folder, Pinares, of the same region."""
    path = town / "data/lookup/agencies.yml"
    contents = YAML(typ="safe").load(path.read_text("utf-8"))
    second = {"id": "pinares", "level": "local", "prefix": "PIN", "parent": "riomar", "phone": "900 000 099"}
    second |= {"name": {"es": "Ayuntamiento de Pinares", "en": "Pinares Council"}, "web": "https://pinares.example"}
    contents["agencies"].append(second | more)
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(contents, file)


def answered_by_pinares(town: Path, topic: str = "bulky_waste", text: str = "En Pinares cuesta 9 €.") -> None:
    """Pinares' own answer to a topic, in Spanish, beside those of the others."""
    own = f"""
responses:
  utter_faq/{topic}:
  - condition: [{{type: slot, name: language, value: es}}, {{type: slot, name: agency, value: pinares}}]
    text: {text}
    custom: {{agency: pinares}}
"""
    (town / "data/responses/pinares.yml").write_text(own, encoding="utf-8")


def speak(town: Path, *languages: str) -> Path:
    """Let a town be spoken to in these languages."""
    path = town / "town.yml"
    contents = YAML(typ="safe").load(path.read_text("utf-8"))
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(contents | {"languages": list(languages)}, file)
    return town
