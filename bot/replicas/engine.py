"""How the engine is started: its command, its folder and the few things it is told."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from bot.replicas.supervisor import Launch
from bot.settings import ROOT, Settings
from bot.setup.environments import ENGINE, python_of

OURS_ALONE = ("TELEGRAM_TOKEN", "DATABASE_URL", "VIRTUAL_ENV", "PYTHONHOME")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Wire:
    """What the two worlds share: made anew at every start."""

    engine_secret: str
    action_token: str
    action_endpoint: str = ""

    @classmethod
    def new(cls, action_endpoint: str = "") -> "Wire":
        """Fresh secrets."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), action_endpoint)


def engine_launch(settings: Settings, model: Path, wire: Wire) -> Launch:
    """The command of a replica, less its port."""
    command = [
        str(python_of(ROOT, ENGINE)), "-m", "engine", "run",
        "--model", str(model), "--credentials", "credentials.yml", "--endpoints", "endpoints.yml",
        "--interface", "127.0.0.1",
    ]  # fmt: skip
    name = model.name.removesuffix(".tar.gz")
    surroundings = engine_environment(wire, settings.knowledge)
    return Launch(command, ROOT, surroundings, settings.home / "log", name, wire.engine_secret)


def engine_environment(wire: Wire, town: Path) -> dict[str, str]:
    """Our surroundings without our secrets, with what the engine needs; `town` is the folder of the town's own data.

    Nor does it see a LOG_LEVEL: at `debug` Rasa writes down what citizens say.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in OURS_ALONE and not name.startswith(("VENTANILLA_", "LOG_LEVEL"))
    }
    return kept | {
        "PYTHONPATH": str(ROOT),
        "TOWN": str(town.resolve()),
        "PYTHONUNBUFFERED": "1",
        "ENGINE_SECRET": wire.engine_secret,
        "ACTION_ENDPOINT": wire.action_endpoint,
        "ACTION_TOKEN": wire.action_token,
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_WORKERS": "1",
        **dict.fromkeys(THREADS, "1"),
    }
