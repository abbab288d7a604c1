"""Reads every YAML file of the training data before Rasa does, so that a slip is named by file and line."""

import re
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.knowledge.shelves import TOWN
from bot.settings import ROOT
from bot.setup.problems import Problem

NEEDED = ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/responses")
NEEDED_OF_TOWN = (TOWN, "data/lookup/agencies.yml")
CHECKED = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", TOWN)


def yaml_files(folder: Path) -> list[Path]:
    """The files that the product, or a town, is made of."""
    roots = [folder / name for name in CHECKED if (folder / name).is_file()]
    return [*roots, *sorted((folder / "data").rglob("*.yml")), *sorted((folder / "data").rglob("*.yaml"))]


def check_yaml(town: Path, library: Path = ROOT) -> None:
    """Raise the first slip found in the town's folder or the library as a sentence with file and line."""
    if (town / "config.yml").is_file() and not (town / TOWN).is_file():
        raise Problem("knowledge_old", where=town)
    for folder, needed in ((library, NEEDED), (town, NEEDED_OF_TOWN)):
        for name in needed:
            if not (folder / name).exists():
                raise Problem("knowledge_missing", file=name, where=folder)
    for folder in (library, town):
        for path in yaml_files(folder):
            check_file(path, folder)


def check_file(path: Path, knowledge: Path) -> None:
    """Raise when this file is not YAML, or not a mapping."""
    name = path.relative_to(knowledge)
    yaml = YAML(typ="safe")
    try:
        content = yaml.load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        endless = "end of stream" in str(error.problem)  # then the start of what has no end is the line to look at
        mark = (error.context_mark if endless else None) or error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise Problem("yaml_broken", file=name, line=line, reason=_reason(error)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Problem("yaml_broken", file=name, line=line, reason="not UTF-8 text") from None
    except YAMLError as error:
        raise Problem("yaml_broken", file=name, line=_line_of(error), reason="not readable as YAML") from None
    if content is not None and not isinstance(content, dict):
        raise Problem("yaml_broken", file=name, line=1, reason="expected `key: value` lines")


def _reason(error: MarkedYAMLError) -> str:
    parts = [str(part).splitlines()[0] for part in (error.context, error.problem) if part]
    return ", ".join(parts) or "not readable as YAML"


def _line_of(error: YAMLError) -> int:
    found = re.search(r"line (\d+)", str(error))
    return int(found.group(1)) if found else 1
