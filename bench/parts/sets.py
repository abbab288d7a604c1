"""What pipelines are taught and asked: our own catalogue, and two public sets."""

import json
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.knowledge import read_yaml
from bot.knowledge.shelves import Shelves
from bot.settings import ROOT

OUT = "out_of_scope"
PUBLIC = {"banking77": ("banking77_train10", "banking77_dev"), "clinc150": ("clinc150_train15", "clinc150_dev")}
DATA = ROOT / "bench" / "data"
DEVELOPMENT = ROOT / "tests" / "understanding"


@dataclass(frozen=True)
class Asked:
    """A message whose label a person wrote; `lang` and `style` where they are known."""

    text: str
    label: str
    lang: str = "en"
    style: str = ""


@dataclass(frozen=True)
class Set:
    """Examples to learn from, and messages to be understood."""

    name: str
    examples: list[tuple[str, str]]
    asked: list[Asked]


def own(most: int | None = None, knowledge: Path = ROOT / "demo") -> Set:
    """Our training data, its labels as `understand` gives them, and the development set.

    Of each label `most` examples, taken at even distances: so both languages and all writers are among them.
    """
    known = texts_by_intent(knowledge)
    taken = evenly(known, most) if most else known
    examples = [(text, intent.removeprefix("faq/")) for intent, texts in taken.items() for text in texts]
    return Set("development", examples, read(*sorted(DEVELOPMENT.glob("*.jsonl"))))


def texts_by_intent(knowledge: Path) -> dict[str, list[str]]:
    """The training examples of each intent, of all files: the library's, then the town's."""
    found: dict[str, list[str]] = {}
    for _, path in Shelves(knowledge).files("nlu"):
        for entry in read_yaml(path)["nlu"]:
            if "intent" in entry:
                lines = str(entry["examples"]).splitlines()
                found.setdefault(str(entry["intent"]), []).extend(
                    line[2:].strip() for line in lines if line.startswith("- ")
                )
    return found


def evenly(texts: dict[str, list[str]], most: int) -> dict[str, list[str]]:
    """Of each intent `most` texts, taken at even distances."""
    few = {intent: min(most, len(of)) for intent, of in texts.items()}
    return {intent: [of[i * len(of) // few[intent]] for i in range(few[intent])] for intent, of in texts.items()}


def public(name: str) -> Set:
    """One of the sets in `bench/data`."""
    taught, asked = (DATA / f"{part}.jsonl" for part in PUBLIC[name])
    return Set(name, [(one.text, one.label) for one in read(taught)], read(asked))


def read(*files: Path) -> list[Asked]:
    """The messages of files with JSON lines, in their order."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Asked(**json.loads(line)) for line in lines]
