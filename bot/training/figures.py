"""How well each topic is told apart, as its model was taught: figures, and what would help."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from bot.setup.problems import Problem

FILE = "figures.json"  # engine/figures.py writes it
BEHIND = 0.1  # so much under the middle of all topics one is told apart badly
ENOUGH = 24  # examples with which a topic is told apart about as well as the library's (docs/understanding.md)
TOPIC, NOBODYS = "faq/", "out_of_scope"


@dataclass(frozen=True)
class Figure:
    """One topic: examples learned, those held back, how many of these it knew, and what it took the others for."""

    topic: str
    examples: int
    held_back: int
    right: int
    taken_for: dict[str, int]
    middle: float = 0.0  # of all topics' shares

    @property
    def share(self) -> float:
        """How many of those that were held back were known, from 0 to 1; 1 where none was held back."""
        return self.right / self.held_back if self.held_back else 1.0

    @property
    def is_behind(self) -> bool:
        """Whether it is told apart worse than most."""
        return self.share < self.middle - BEHIND

    def advice(self) -> str:
        """What to write; empty where nothing would help much."""
        said = [f"write about {ENOUGH - self.examples} more examples"] if self.examples < ENOUGH else []
        if self.is_behind:
            topic = next((name.removeprefix(TOPIC) for name in self.taken_for if name.startswith(TOPIC)), "")
            if next(iter(self.taken_for), "") == NOBODYS:
                said.append("say it in more ways: it is often taken for nobody's business")
            if topic:
                said.append(f"write some that say in what it differs from {topic}")
        return "; ".join(said)


def read_figures(model: Path) -> list[Figure]:
    """The figures in a model's archive, the worst first. Raises Problem where it has none."""
    try:
        with tarfile.open(model) as archive:
            found = next((member for member in archive if member.name.endswith(f"/{FILE}")), None)
            file = archive.extractfile(found) if found else None
            told: dict[str, dict[str, Any]] = json.load(file) if file else {}
    except (OSError, tarfile.TarError, ValueError) as error:
        raise Problem("no_figures", model=model.name, reason=str(error)) from None
    if not told:
        raise Problem("no_figures", model=model.name, reason="it was trained by an earlier version")
    figures = [Figure(topic, **one) for topic, one in told.items()]
    middle = median(one.share for one in figures)
    return sorted(
        (replace(one, middle=middle) for one in figures), key=lambda one: (one.share, one.examples, one.topic)
    )


def lines_of(figures: list[Figure]) -> Iterator[str]:
    """The figures as a table, with the advice behind each."""
    yield f"{'topic':<28} examples  known of held back  taken for"
    for one in figures:
        known = f"{one.right} of {one.held_back}"
        others = ", ".join(f"{name.removeprefix('faq/')} ({times})" for name, times in list(one.taken_for.items())[:3])
        yield f"{one.topic:<28} {one.examples:>8}  {known:>18}  {others}".rstrip()
        if advice := one.advice():
            yield f"{'':<28} → {advice}"
