"""The report of an evaluation: one HTML file that needs nothing else."""

import datetime as dt
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from bot.knowledge.knowledge import read_yaml
from bot.settings import ROOT

REPORTS = ROOT / "reports"
TEMPLATES = Path(__file__).parent / "templates"


def write_report(result: dict[str, Any], file: Path, folder: Path = REPORTS) -> Path:
    """Write what `evaluate` found for `file`; where it lies. A report of the same file is replaced."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page = pages.get_template("evaluation.html").render(
        result=result,
        file=file.name,
        at=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        threshold=_threshold(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"evaluation-{file.stem}.html"
    path.write_text(page, encoding="utf-8")
    return path


def _threshold() -> Any:
    gates = (part for part in read_yaml(ROOT / "config.yml")["pipeline"] if "threshold" in part)
    return next((part["threshold"] for part in gates), None)
