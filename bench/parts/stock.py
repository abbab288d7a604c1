"""Stock Rasa 3.6.21, with the pipeline and policies it suggests itself, taught with our training data.

Taken over: FEW examples of each label of `data/nlu/` (of all it would learn for hours; what a message costs does not
depend on it), the rules that need no action of ours, what those rules say, and all answers.
Left out: our components, forms and actions, the slots but `language`, and the cards of the answers (`custom:`).
It is asked over Rasa's REST channel.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML

from bench.parts.machine import MeasurementFailed, Service
from bench.parts.product import Asked, answers
from bench.parts.sets import evenly, texts_by_intent
from bot.knowledge.shelves import Shelves
from bot.replicas.process import free_port
from bot.settings import ROOT
from bot.setup.environments import Environment, make, python_of
from bot.training.progress import Progress

STOCK = Environment("stock", "stock Rasa's environment", "bench/stock", "3.10", 3600)
FEW = 24  # of each label, over both languages
EXPECTED_SECONDS = 900.0  # on two cores
# `rasa init` leaves both empty too: Rasa then takes what it suggests.
CONFIG = "recipe: default.v1\nassistant_id: stock\nlanguage: es\npipeline:\npolicies:\n"
CREDENTIALS = "rest:\n"
SLOTS = {
    "language": {
        "type": "text",
        "initial_value": "es",
        "influence_conversation": False,
        "mappings": [{"type": "custom"}],
    }
}
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def make_environment() -> float | None:
    """Make stock Rasa's environment from its lock; the seconds it took, None when it was there."""
    there = python_of(ROOT, STOCK).exists()
    started = time.monotonic()
    make(ROOT, STOCK)
    return None if there else round(time.monotonic() - started, 1)


def project(knowledge: Path) -> dict[str, str]:
    """The files of a stock project, by name. JSON is YAML, and Rasa reads it."""
    rules = [rule for rule in _gather(knowledge, "rules") if _is_plain(rule)]
    said = {step["action"] for rule in rules for step in rule["steps"] if "action" in step}
    responses = {
        name: [{key: value for key, value in variation.items() if key != "custom"} for variation in variations]
        for name, variations in _responses(knowledge).items()
        if name in said or name.startswith("utter_faq/")
    }
    domain = {
        "version": "3.1",
        "intents": _read(ROOT / "domain.yml")["intents"],
        "slots": SLOTS,
        "responses": responses,
        "actions": sorted(said),
    }
    return {
        "data/nlu.yml": _examples(knowledge),
        "config.yml": CONFIG,
        "credentials.yml": CREDENTIALS,
        "endpoints.yml": "{}\n",
        "domain.yml": json.dumps(domain, ensure_ascii=False, indent=1),
        "data/rules.yml": json.dumps({"version": "3.1", "rules": rules}, ensure_ascii=False, indent=1),
    }


def _examples(knowledge: Path) -> str:
    """FEW examples of each label, taken at even distances; Rasa knows the file by a line that begins with its key."""
    told = ['version: "3.1"', "nlu:"]
    for intent, texts in evenly(texts_by_intent(knowledge), FEW).items():
        told += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    return "\n".join(told) + "\n"


def _is_plain(rule: dict[str, Any]) -> bool:
    """Whether a rule only says something: no form, no action of ours."""
    if "condition" in rule:
        return False
    return all(set(step) <= {"intent"} or str(step.get("action", "")).startswith("utter_") for step in rule["steps"])


def _gather(knowledge: Path, kind: str) -> list[dict[str, Any]]:
    return [item for _, path in Shelves(knowledge).files(kind) for item in _read(path)[kind]]


def _responses(knowledge: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for _, path in Shelves(knowledge).files("responses"):
        found |= _read(path)["responses"]
    return found


def _read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def fingerprint(files: dict[str, str]) -> str:
    """The name of the model that fits these files and the lock. The words of answers teach nothing: an edit is no other
    model, and the one at hand goes on saying the old words."""
    digest = hashlib.sha256((ROOT / STOCK.folder / "uv.lock").read_bytes())
    domain = json.loads(files["domain.yml"])
    domain["responses"] = sorted(domain["responses"])
    for name, text in sorted((files | {"domain.yml": json.dumps(domain)}).items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()[:16]


def ensure_project(cache: Path, knowledge: Path) -> tuple[Path, float]:
    """The folder of the trained project, and the seconds that its training took when it was trained."""
    files = project(knowledge)
    folder = cache / f"stock-{fingerprint(files)}"
    if not (folder / "seconds").is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".stock-", dir=cache) as made:
            _train(Path(made) / "project", files, cache / "stock-train.log")
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(Path(made) / "project", folder)
    return folder, float((folder / "seconds").read_text())


def _train(folder: Path, files: dict[str, str], log: Path) -> None:
    """Write the project and run `rasa train` in it, without Rasa's cache."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [str(python_of(ROOT, STOCK)), "-m", "rasa", "train", "--fixed-model-name", "stock", "--force"]
    log.unlink(missing_ok=True)
    started = time.monotonic()
    training = Service("The training of stock Rasa", command, folder, surroundings(), log)
    with Progress("Training stock Rasa", EXPECTED_SECONDS) as progress, training:
        while training.process.poll() is None:
            progress.tick()
            time.sleep(0.2)
    if training.process.returncode or not (folder / "models/stock.tar.gz").is_file():
        raise MeasurementFailed(f"training stock Rasa failed; its output is in {log}")
    (folder / "seconds").write_text(f"{time.monotonic() - started:.1f}\n")


def surroundings() -> dict[str, str]:
    """Our surroundings without what belongs to our own environments, and without Rasa's calls home."""
    ours = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("VENTANILLA")}
    return kept | QUIET | {"RASA_MAX_CACHE_SIZE": "0"}


class Stock(Service):
    """`rasa run` with the REST channel."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.port = free_port()
        self._address = f"http://127.0.0.1:{self.port}/webhooks/rest"
        self._http = httpx.Client(timeout=60, trust_env=False)
        command = [
            str(python_of(ROOT, STOCK)), "-m", "rasa", "run", "--model", "models/stock.tar.gz",
            "--credentials", "credentials.yml", "--endpoints", "endpoints.yml",
            "--interface", "127.0.0.1", "--port", str(self.port),
        ]  # fmt: skip
        super().__init__("Stock Rasa", command, folder, surroundings(), log)

    def ready(self) -> float:
        """Seconds from the start until its channel answers: Rasa opens it when the model is loaded."""
        return self.ready_after(lambda: answers(f"{self._address}/"))

    def asks(self, text: str, sender: str) -> Asked:
        """Send one message; `topic` is the first line of what was said."""
        sent, began = time.time(), time.perf_counter()
        said = self._http.post(f"{self._address}/webhook", json={"sender": sender, "message": text})
        lines = said.raise_for_status().json()
        return Asked(sent, (time.perf_counter() - began) * 1_000, lines[0].get("text") if lines else None)
