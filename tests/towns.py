"""Folders of a town for tests that change one."""

import shutil
from pathlib import Path

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
