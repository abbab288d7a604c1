"""Pipelines that are taught to understand examples, each in its own environment, and then asked line by line."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.parts.machine import MeasurementFailed, Service
from bench.parts.stock import CONFIG, STOCK, surroundings
from bot.replicas.engine import THREADS
from bot.settings import ROOT
from bot.setup.environments import Environment, python_of
from bot.training.progress import Progress

Example = tuple[str, str]  # text, label
MODEL = "models/nlu.tar.gz"


@dataclass(frozen=True)
class Taught:
    """A trained model: its folder and the seconds that its training took when it was trained."""

    folder: Path
    environment: Environment
    seconds: float


@dataclass(frozen=True)
class Heard:
    """What a pipeline made of one text: its labels, the likeliest first, and the milliseconds that it took."""

    labels: list[str]
    confidences: list[float]
    milliseconds: float
    deep: bool  # whether the encoder was asked


def stock_config() -> str:
    """As `rasa init` leaves it: Rasa then takes what it suggests."""
    return CONFIG


def teach(
    cache: Path,
    name: str,
    environment: Environment,
    config: str,
    examples: Sequence[Example],
    more: dict[str, str] | None = None,
) -> Taught:
    """The model for these examples; trained only when none with the same inputs is in `cache`. `more` surrounds it."""
    files = project(config, examples)
    folder = cache / f"{name}-{fingerprint(environment, files)}"
    if not (folder / "seconds").is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=cache) as made:
            _train(Path(made) / "project", name, environment, files, cache / f"{name}-train.log", more)
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(Path(made) / "project", folder)
    return Taught(folder, environment, float((folder / "seconds").read_text()))


def project(config: str, examples: Sequence[Example]) -> dict[str, str]:
    """The files of a project that only understands. JSON is YAML, and Rasa reads it."""
    by_label: dict[str, list[str]] = {}
    for text, label in examples:
        by_label.setdefault(label, []).append(" ".join(text.split()))
    # Rasa knows a file of examples by a line that begins with its key: JSON would not do.
    nlu = "".join(
        f"- intent: {label}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for label, texts in sorted(by_label.items())
    )
    return {
        "config.yml": config,
        "domain.yml": json.dumps({"version": "3.1", "intents": sorted({label.split("/")[0] for label in by_label})}),
        "data/nlu.yml": f'version: "3.1"\nnlu:\n{nlu}',
    }


def fingerprint(environment: Environment, files: dict[str, str]) -> str:
    """The name of the model that fits these files, the environment's lock and, for our pipeline, its code."""
    digest = hashlib.sha256((ROOT / environment.folder / "uv.lock").read_bytes())
    if environment is not STOCK:
        for path in sorted((ROOT / "engine").glob("*.py")):
            digest.update(path.read_bytes())
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()[:16]


def _train(
    folder: Path, name: str, environment: Environment, files: dict[str, str], log: Path, more: dict[str, str] | None
) -> None:
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    module = "rasa" if environment is STOCK else "engine"
    command = [
        str(python_of(ROOT, environment)), "-m", module, "train", "nlu", "--nlu", "data", "--domain", "domain.yml",
        "--config", "config.yml", "--fixed-model-name", "nlu",
    ]  # fmt: skip
    log.unlink(missing_ok=True)
    started = time.monotonic()
    training = Service(f"The training of {name}", command, folder, around(environment) | (more or {}), log)
    with Progress(f"Teaching {name}", 60.0 if environment is not STOCK else 1_800.0) as progress, training:
        while training.process.poll() is None:
            progress.tick()
            time.sleep(0.2)
    if training.process.returncode or not (folder / MODEL).is_file():
        raise MeasurementFailed(f"teaching {name} failed; its output is in {log}")
    (folder / "seconds").write_text(f"{time.monotonic() - started:.1f}\n")


def around(environment: Environment) -> dict[str, str]:
    """The surroundings of a process of this environment; ours finds the engine's package."""
    return surroundings() | ({} if environment is STOCK else {"PYTHONPATH": str(ROOT)})


def asking(environment: Environment) -> dict[str, str]:
    """The surroundings of a process that is asked; ours as the product starts it, on one thread."""
    ours = {} if environment is STOCK else dict.fromkeys(THREADS, "1")
    return around(environment) | ours | {"PYTHONPATH": str(ROOT)}


def ask(taught: Taught, texts: Sequence[str], more: dict[str, str] | None = None) -> tuple[list[Heard], dict[str, Any]]:
    """What the model makes of each text, one after the other in one process, and what that process was (its memory)."""
    log = taught.folder / "ask.log"
    with log.open("w") as output:
        done = subprocess.run(
            [str(python_of(ROOT, taught.environment)), str(ROOT / "bench/parts/parse.py"), MODEL],
            cwd=taught.folder,
            env=asking(taught.environment) | (more or {}),
            input="".join(json.dumps({"text": text}) + "\n" for text in texts),
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            encoding="utf-8",
        )
    if done.returncode:
        raise MeasurementFailed(f"asking {taught.folder.name} failed; its output is in {log}")
    *lines, last = map(json.loads, done.stdout.splitlines())
    heard = [Heard(line["labels"], line["confidences"], line["ms"], line["deep"]) for line in lines]
    return heard, last
