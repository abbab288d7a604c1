"""The model: named by what it was trained on, trained once, found again ever after."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.knowledge.shelves import LIBRARY, Shelves
from bot.knowledge.yaml_check import check_yaml
from bot.replicas.engine import Wire, engine_environment
from bot.settings import ROOT
from bot.setup.environments import ENGINE, python_of
from bot.setup.problems import Problem
from bot.training.progress import Progress

HASTY = "-words"  # ends the name of a model of whole words alone, which serves until the whole one is learned
HASTY_SECONDS = 30.0
EXPECTED_SECONDS = 200.0  # until this machine has trained once itself: the vectors of all examples are new to it
# Modules of the engine that a trained model is made by, or made of.
LEARNS = (
    *(
        "acts",
        "agencies",
        "cards",
        "classifier",
        "encoder",
        "few",
        "figures",
        "gate",
        "importer",
        "naming",
        "neighbours",
        "no_tensorflow",
    ),
    *("packed", "pieces", "shelves", "topics", "typos", "vectors", "views"),
)
TRAINED_ON = ("nlu", "rules", "stories")  # not responses: answers go live without training


def fingerprint(town: Path, root: Path = ROOT) -> str:
    """The name of the model that fits the library, the town's own training data and the engine."""
    return _digest(_ingredients(town, root))


def _digest(parts: Iterator[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, contents in parts:
        digest.update(name.encode() + b"\0" + hashlib.sha256(contents).digest())
    return digest.hexdigest()[:16]


def _ingredients(town: Path, root: Path) -> Iterator[tuple[str, bytes]]:
    for name in ("config.yml", "domain.yml"):
        if (root / name).is_file():
            yield name, (root / name).read_bytes()
    for folder in TRAINED_ON:
        for path in sorted((root / "data" / folder).rglob("*.y*ml")):
            yield path.relative_to(root).as_posix(), path.read_bytes()
    for pack in map(Shelves(town, root).pack, Shelves(town, root).packs):
        for path in sorted((pack / "nlu").rglob("*.y*ml")):
            yield path.relative_to(root).as_posix(), path.read_bytes()
    for path in sorted((town / "data" / "nlu").rglob("*.y*ml")):
        yield f"town/{path.relative_to(town).as_posix()}", path.read_bytes()
    yield "town", json.dumps(taught_by(town, root), sort_keys=True, ensure_ascii=False).encode()
    yield from _engine(root)


def taught_by(town: Path, root: Path) -> list[Any]:
    """What of the look-up lists is learned: names of places, titles of topics. Nothing where they cannot be read."""
    shelves = Shelves(town, root)
    further = (f"lookup/{LIBRARY}{language}/topics.yml" for language in shelves.packs)
    names = ("lookup/agencies.yml", f"lookup/{LIBRARY}topics.yml", *further, "lookup/topics.yml")
    found = [_entries(shelves.path_of(name)) for name in names]
    places = [[entry.get("level"), entry.get("place") or entry.get("area")] for entry in found[0]]
    # An entry without a title only says where a topic is done, or that it is off: there is nothing to learn in it.
    titles = [[entry.get("id"), entry["title"]] for entries in found[1:] for entry in entries if entry.get("title")]
    return [places, titles, answered_by(town, {str(entry.get("id")) for entry in found[1]})]


def answered_by(town: Path, library: Collection[str]) -> list[str]:
    """The town's own topics that it has answered: the answer is learned with its topic, later changes only go live."""
    own = {str(entry.get("id")) for entry in _entries(town / "data/lookup/topics.yml")} - set(library)
    files = sorted((town / "data/responses").glob("*.yml")) if own else []
    texts = [path.read_text("utf-8", "replace") for path in files]
    return sorted(topic for topic in own if any(f"utter_faq/{topic}:" in text for text in texts))


def _entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a look-up list; none where the file is not there or cannot be read, which is told by `check`."""
    try:
        contents = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        return []
    listed = (contents if isinstance(contents, dict) else {}).get(path.stem)
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _engine(root: Path) -> Iterator[tuple[str, bytes]]:
    """What of the engine shapes what is learned; the code that only serves changes no model."""
    folder = root / "engine"
    for path in [*(folder / f"{name}.py" for name in LEARNS), folder / "uv.lock"]:
        if path.is_file():
            yield "engine/" + path.name, path.read_bytes()


def cache_of(home: Path, root: Path) -> Path:
    """Where Rasa keeps what it has learned: a folder for each state of the engine's code, which Rasa does not look at.

    Those of earlier states are removed; before there was one for each, it was the folder itself.
    """
    folder = home / "rasa-cache" / _digest(_engine(root))
    if not folder.is_dir():
        shutil.rmtree(folder.parent, ignore_errors=True)
    return folder


def model_path(home: Path, knowledge: Path, root: Path = ROOT) -> Path:
    """Where the fitting model lies, trained or not."""
    return home / "models" / f"{fingerprint(knowledge, root)}.tar.gz"


def engine_state(root: Path = ROOT) -> str:
    """The name of the engine's code that learns: a model of another state may not be usable by this one."""
    return _digest(_engine(root))


def ensure_model(home: Path, knowledge: Path, root: Path = ROOT, force: bool = False) -> Path:
    """The fitting model; trains it when it is not there. Raises a Problem when the data is broken."""
    check_yaml(knowledge, root)
    path = model_path(home, knowledge, root)
    if path.is_file() and not force:
        return path
    started = time.monotonic()
    _make(path, home, knowledge, root, Progress("Training the model", _expected(home)))
    (path.parent / "seconds").write_text(f"{time.monotonic() - started:.0f}\n")
    return path


def ensure_hasty_model(home: Path, knowledge: Path, root: Path = ROOT) -> Path:
    """One of whole words alone, learned in a fraction of the time. Raises as `ensure_model`."""
    check_yaml(knowledge, root)
    path = home / "models" / f"{fingerprint(knowledge, root)}{HASTY}.tar.gz"
    if not path.is_file():
        _make(path, home, knowledge, root, Progress("Learning the words", HASTY_SECONDS), IN_HASTE="1")
    return path


def _make(path: Path, home: Path, knowledge: Path, root: Path, progress: Progress, **told: str) -> None:
    """Train into `path`, all of it or nothing; `told` is what the engine finds in its surroundings besides."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=path.parent) as folder:
        # What is learned in haste must not be found in place of the whole.
        cache = Path(folder) / "cache" if told else cache_of(home, root)
        wire = engine_environment(Wire.new(), knowledge) | {"RASA_CACHE_DIRECTORY": str(cache)} | told
        os.replace(_train(Path(folder), path.name, home, wire, root, progress), path)


def remove_old(keep: Path, copies: int = 3) -> None:
    """Keep the newest models and the one in use."""
    models = sorted(keep.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in models[copies:]:
        if path != keep:
            path.unlink(missing_ok=True)
    for folder in keep.parent.glob(".training-*"):
        if time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _train(folder: Path, name: str, home: Path, surroundings: dict[str, str], root: Path, progress: Progress) -> Path:
    """Run Rasa's training into the folder; the finished file."""
    log = home / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(python_of(root, ENGINE)), "-m", "engine", "train",
        "--config", "config.yml", "--domain", "domain.yml", "--data", "data",
        "--out", str(folder), "--fixed-model-name", name.removesuffix(".tar.gz"),
        "--skip-validation",  # it reads everything once more; `./ventanilla test` validates
    ]  # fmt: skip
    surroundings = surroundings | {"RASA_MAX_CACHE_SIZE": "200"}
    with log.open("w+", errors="replace") as output, progress:
        process = subprocess.Popen(
            command, cwd=root, env=surroundings, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while process.poll() is None:
                progress.tick()
                time.sleep(0.2)
        except BaseException:
            process.terminate()
            process.wait(10)
            raise
        output.seek(0)
        text = output.read()
    finished = folder / name
    if process.returncode or not finished.is_file():
        raise Problem("training_failed", reason=_reason(text, process.returncode), log=log)
    return finished


def _reason(text: str, code: int) -> str:
    """Why it ended: the system's reason, else the last line of the output that says something."""
    if "no space left" in text.lower():
        return "the disk is full"
    if code < 0:
        name = signal.Signals(-code).name
        return f"it was stopped ({name}" + (
            ": perhaps there was too little memory)" if code == -signal.SIGKILL else ")"
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line or "Exception" in line]
    return (errors or lines or ["no reason given"])[-1][:300].rstrip(".")


def _expected(home: Path) -> float:
    """How long the last training took here, or what it took where it was measured."""
    try:
        return max(1.0, float((home / "models" / "seconds").read_text()))
    except (OSError, ValueError):
        return EXPECTED_SECONDS
