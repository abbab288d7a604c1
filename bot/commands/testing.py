"""`./ventanilla test`: every check of the project, in sections; pytest's own closing line comes last."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.commands.browser import VARIABLE, get_browser
from bot.settings import ROOT, Settings
from bot.setup.environments import ENGINE, python_of
from bot.setup.home import prepare_home
from bot.training.model import ensure_model

RESULTS = ROOT / "var" / "results"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
# Those that start the product wait most of the time: one process takes them, another all that need no product.
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadgroup"]
WIDTH = 78
TAIL = 60  # lines shown of a section that failed and spoke into its file


@dataclass
class Section:
    """One tool with its title. With `log` its output goes there, and is shown when it fails."""

    title: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    needs: Path | None = None  # without it there is nothing to check
    log: Path | None = None


def do_test(settings: Settings, arguments: list[str]) -> int:
    """Run all sections; with arguments only pytest, with those arguments. The exit code."""
    prepare_home(settings.home)
    RESULTS.mkdir(parents=True, exist_ok=True)
    model = ensure_model(settings.home, settings.knowledge)
    surroundings = {VARIABLE: get_browser(), "VENTANILLA_TEST_MODEL": str(model)}
    last = Section("Tests", [sys.executable, "-m", "pytest", *(arguments or SIDE_BY_SIDE)], surroundings)
    if arguments:
        return _run(last)
    failed = [section.title for section in _sections(model) if _run(section)]
    code = _run(last, f"failed before: {', '.join(failed)}" if failed else "")
    return code or int(bool(failed))


def _sections(model: Path) -> list[Section]:
    engine = str(python_of(ROOT, ENGINE))
    validate = [
        engine,
        "-m",
        "engine",
        "data",
        "validate",
        "--domain",
        "domain.yml",
        "--data",
        "data",
        "--config",
        "config.yml",
    ]
    dialogues = [
        engine, "-m", "engine", "test", "core", "--model", str(model), "--stories", "tests/dialogues",
        "--out", str(RESULTS), "--fail-on-prediction-errors", "--no-plot", "--no-warnings",
    ]  # fmt: skip
    own = [engine, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "tests/engine/pytest.ini", "tests/engine"]
    return [
        Section("Style (ruff)", [sys.executable, "-m", "ruff", "check", "--quiet", "."]),
        Section("Format (ruff)", [sys.executable, "-m", "ruff", "format", "--check", "--output-format=concise", "."]),
        Section("Types (mypy --strict)", [sys.executable, "-m", "mypy"]),
        Section("Training data (rasa data validate)", validate, QUIET, ROOT / "domain.yml", RESULTS / "validate.log"),
        Section("Dialogues (rasa test)", dialogues, QUIET, ROOT / "tests/dialogues", RESULTS / "dialogues.log"),
        Section("Engine (pytest, its own environment)", own, QUIET, ROOT / "tests/engine"),
    ]


def _run(section: Section, note: str = "") -> int:
    """Run one section; the exit code."""
    if section.needs is not None and not section.needs.exists():
        return 0
    print(f"\n── {section.title} {'─' * (WIDTH - len(section.title))}", flush=True)
    if note:
        print(note, flush=True)
    started = time.monotonic()
    code = _call(section)
    if section.log is not None:
        print(f"{'failed' if code else 'passed'} ({time.monotonic() - started:.0f} s, {section.log})", flush=True)
    return code


def _call(section: Section) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **section.environment}
    if section.log is None:
        return subprocess.run(section.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode
    with section.log.open("w") as output:
        done = subprocess.run(
            section.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    if done.returncode:
        lines = section.log.read_text(errors="replace").splitlines()
        print("\n".join(line[:300] for line in lines[-TAIL:]))
    return done.returncode
