"""`./ventanilla test`: every check of the project, in sections; pytest's own closing line comes last."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import ROOT, Settings
from bot.setup.browser import VARIABLE, get_browser
from bot.setup.environments import ENGINE, python_of, say
from bot.setup.model import ensure_model


@dataclass
class Section:
    """One tool with its title."""

    title: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    needs: Path | None = None  # without it there is nothing to check


def do_test(settings: Settings, arguments: list[str]) -> int:
    """Run all sections; with arguments only pytest, with those arguments. The exit code."""
    model = ensure_model(settings.home, settings.knowledge)
    surroundings = {VARIABLE: get_browser(), "VENTANILLA_TEST_MODEL": str(model)}
    last = Section("Tests", [sys.executable, "-m", "pytest", *arguments], surroundings)
    if arguments:
        return _run(last)
    failed = [section.title for section in _sections(model) if _run(section)]
    code = _run(last, failed)
    return code or int(bool(failed))


def _sections(model: Path) -> list[Section]:
    engine = str(python_of(ROOT, ENGINE))
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    rasa = [engine, "-m", "engine"]
    results = ROOT / "var" / "results"
    validate = [*rasa, "data", "validate", "--domain", "domain.yml", "--data", "data", "--config", "config.yml"]
    dialogues = [*rasa, "test", "core", "--model", str(model), "--stories", "tests/dialogues", "--out", str(results)]
    return [
        Section("Style (ruff)", [sys.executable, "-m", "ruff", "check", "."]),
        Section("Format (ruff)", [sys.executable, "-m", "ruff", "format", "--check", "-q", "."]),
        Section("Types (mypy --strict)", [sys.executable, "-m", "mypy"]),
        Section("Training data (rasa data validate)", validate, quiet, ROOT / "domain.yml"),
        Section("Dialogues (rasa test)", [*dialogues, "--fail-on-prediction-errors"], quiet, ROOT / "tests/dialogues"),
        Section("Engine", [engine, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".",
                           "tests/engine"], quiet, ROOT / "tests/engine"),
    ]  # fmt: skip


def _run(section: Section, failed_before: list[str] | None = None) -> int:
    """Run one section; its output is shown as it comes."""
    if section.needs is not None and not section.needs.exists():
        return 0
    say(f"\n── {section.title} " + "─" * max(0, 76 - len(section.title)))
    if failed_before:
        say(f"failed before: {', '.join(failed_before)}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **section.environment}
    done = subprocess.run(section.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    return done.returncode
