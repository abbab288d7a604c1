"""`./ventanilla evaluate`: how often the assistant understands messages whose label a person wrote."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.setup.problems import Problem
from bot.setup.understand import understand

NEAR = 3
SHOWN = 10


@dataclass
class Score:
    """Counts of one group of messages."""

    messages: int = 0
    right: int = 0
    near: int = 0  # the label is among the first three
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, wanted: str, answer: dict[str, Any]) -> None:
        """Count one message."""
        self.messages += 1
        self.right += answer["label"] == wanted
        self.near += wanted in [candidate["label"] for candidate in answer["candidates"][:NEAR]]
        if answer["label"] != wanted:
            self.confused[wanted, answer["label"]] += 1

    def data(self) -> dict[str, Any]:
        """Shares, as a program reads them."""
        return {
            "messages": self.messages,
            "accuracy": round(self.right / self.messages, 4),
            "among_first_three": round(self.near / self.messages, 4),
        }


def evaluate(settings: Settings, file: Path) -> dict[str, Any]:
    """Scores over all and by language; `file` holds JSON lines with `text`, `label` and perhaps `lang`."""
    if not file.is_file():
        raise Problem("no_file", file=file)
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    labels = _labels(lines)
    total, languages = Score(), dict[str, Score]()
    for wanted, answer in zip(labels, understand(settings, lines), strict=True):
        total.add(wanted, answer)
        languages.setdefault(answer["language"], Score()).add(wanted, answer)
    if not total.messages:
        raise Problem("bad_line", line=1, reason="the file is empty")
    confused = [{"wanted": a, "got": b, "times": n} for (a, b), n in total.confused.most_common(SHOWN)]
    by_language = {language: score.data() for language, score in sorted(languages.items())}
    return {**total.data(), "languages": by_language, "most_confused": confused}


def lines_of(result: dict[str, Any]) -> Iterable[str]:
    """The result as an operator reads it."""
    for name, part in [("all", result), *result["languages"].items()]:
        shares = f"{part['accuracy']:.1%} right, {part['among_first_three']:.1%} among the first three"
        yield f"{name:<4} {part['messages']} messages: {shares}"
    for entry in result["most_confused"]:
        yield f"     {entry['times']} × {entry['wanted']} taken for {entry['got']}"


def _labels(lines: list[str]) -> list[str]:
    labels = []
    for number, line in enumerate(lines, 1):
        try:
            labels.append(str(json.loads(line)["label"]).removeprefix("faq/"))
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("bad_line", line=number, reason=f"no label ({error})") from None
    return labels
