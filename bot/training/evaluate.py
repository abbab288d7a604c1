"""`./ventanilla evaluate`: how often the assistant understands messages whose label a person wrote."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.setup.problems import Problem
from bot.states import Outcome
from bot.training.understand import understand

NEAR = 3
SHOWN = 20
BINS = 10
OUT = "out_of_scope"
ASKED_BACK = frozenset({Outcome.CLARIFIED})
WANTED_PRECISION = 0.98  # of what is answered at once: two points over the promise, as new writers came out lower


@dataclass(frozen=True)
class Case:
    """A message, the label that a person gave, and what the assistant made of it."""

    text: str
    wanted: str
    style: str
    language: str
    answer: dict[str, Any]

    @property
    def label(self) -> str:
        """The assistant's label."""
        return str(self.answer["label"])

    @property
    def right(self) -> bool:
        """Whether both labels are the same."""
        return self.label == self.wanted

    @property
    def near(self) -> bool:
        """Whether the wanted label is among the first three."""
        return self.wanted in [candidate["label"] for candidate in self.answer["candidates"][:NEAR]]

    @property
    def at_once(self) -> bool:
        """Whether it was answered without asking back."""
        return self.answer["outcome"] not in ASKED_BACK

    @property
    def refused(self) -> bool:
        """Whether the assistant kept from answering: it asked back, or said that this is not its business."""
        return self.label == OUT or not self.at_once

    def sure_of_an_answer(self, threshold: float) -> bool:
        """Whether it would be answered at once under this threshold; danger is heard under any."""
        if self.answer["outcome"] == Outcome.CRISIS:
            return True
        return self.label != OUT and float(self.answer["confidence"]) >= threshold


def evaluate(settings: Settings, file: Path) -> dict[str, Any]:
    """Shares over all, by language, style and label; `file` holds JSON lines with `text`, `label`, perhaps `lang`."""
    if not file.is_file():
        raise Problem("no_file", file=file)
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    labelled = _labelled(lines)
    if not lines:
        raise Problem("bad_line", line=1, reason="the file is empty")
    cases = [
        Case(answer["text"], wanted, style, answer["language"], answer)
        for (wanted, style), answer in zip(labelled, understand(settings, lines), strict=True)
    ]
    confused = Counter((case.wanted, case.label) for case in cases if not case.right)
    return {
        **shares(cases),
        "languages": _by(cases, "language"),
        "styles": _by(cases, "style"),
        "labels": _by(cases, "wanted"),
        "most_confused": [{"wanted": a, "got": b, "times": n} for (a, b), n in confused.most_common(SHOWN)],
        "calibration": calibration(cases),
        "thresholds": thresholds(cases),
        "wrong": [
            {"text": case.text, "wanted": case.wanted, "got": case.label, "confidence": case.answer["confidence"]}
            for case in cases
            if not case.right
        ],
    }


def shares(cases: list[Case]) -> dict[str, Any]:
    """The shares of a group of messages; those that no message of the group tells are left out.

    `right_when_answered` counts everything that got an answer, what is out of scope too: that is what a citizen sees.
    """
    inside = [case for case in cases if case.wanted != OUT]
    outside = [case for case in cases if case.wanted == OUT]
    found: dict[str, Any] = {
        "messages": len(cases),
        "accuracy": _share(case.right for case in cases),
        "among_first_three": _share(case.near for case in cases),
    }
    answered = [case for case in cases if not case.refused]
    if inside:
        found["answered_at_once"] = _share(not case.refused for case in inside)
    if inside and answered:
        found["right_when_answered"] = _share(case.right for case in answered)
    if outside:
        found["out_of_scope_recall"] = _share(case.refused for case in outside)
    return found


def calibration(cases: list[Case]) -> dict[str, Any]:
    """Confidence beside what was right, in ten bins, and their mean distance (expected calibration error)."""
    bins = []
    for number in range(BINS):
        inside = [c for c in cases if min(int(c.answer["confidence"] * BINS), BINS - 1) == number]
        if inside:
            confidence = sum(c.answer["confidence"] for c in inside) / len(inside)
            right = sum(c.right for c in inside) / len(inside)
            bins.append({"messages": len(inside), "confidence": round(confidence, 4), "right": round(right, 4)})
    error = sum(one["messages"] * abs(one["confidence"] - one["right"]) for one in bins) / len(cases)
    return {"ece": round(error, 4), "bins": bins}


def thresholds(cases: list[Case]) -> dict[str, Any]:
    """What each threshold would do, and the lowest one at which answers are right often enough."""
    inside = [case for case in cases if case.wanted != OUT]
    outside = [case for case in cases if case.wanted == OUT]
    curve = []
    for step in range(4, 18):
        limit = step / 20
        answered = [case for case in cases if case.sure_of_an_answer(limit)]
        served = sum(case.wanted != OUT for case in answered)
        refused = [case for case in outside if not case.sure_of_an_answer(limit)]
        curve.append(
            {
                "threshold": limit,
                "answered_at_once": round(served / max(len(inside), 1), 4),
                "right_when_answered": round(sum(case.right for case in answered) / max(len(answered), 1), 4),
                "out_of_scope_recall": round(len(refused) / max(len(outside), 1), 4),
            }
        )
    chosen = next((one["threshold"] for one in curve if one["right_when_answered"] >= WANTED_PRECISION), None)
    return {"chosen": chosen, "curve": curve}


def lines_of(result: dict[str, Any]) -> Iterable[str]:
    """The result as an operator reads it."""
    for name, part in [("all", result), *result["languages"].items(), *result["styles"].items()]:
        told = f"{part['accuracy']:.1%} right, {part['among_first_three']:.1%} among the first three"
        if "right_when_answered" in part:
            told += (
                f"; {part['answered_at_once']:.1%} answered at once, {part['right_when_answered']:.1%} of them right"
            )
        if "out_of_scope_recall" in part:
            told += f"; {part['out_of_scope_recall']:.1%} of what is out of scope refused"
        yield f"{name:<10} {part['messages']} messages: {told}"
    yield f"calibration: confidence and truth are {result['calibration']['ece']:.3f} apart on average"
    yield f"threshold by the procedure: {result['thresholds']['chosen'] or 'none is enough'}"
    for entry in result["most_confused"]:
        yield f"     {entry['times']} × {entry['wanted']} taken for {entry['got']}"


def _share(truths: Iterable[bool]) -> float:
    found = list(truths)
    return round(sum(found) / len(found), 4)


def _by(cases: list[Case], name: str) -> dict[str, Any]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(getattr(case, name), []).append(case)
    return {key: shares(group) for key, group in sorted(groups.items()) if key}


def _labelled(lines: list[str]) -> list[tuple[str, str]]:
    """Label and style of each line."""
    found = []
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
            found.append((str(data["label"]).removeprefix("faq/"), str(data.get("style") or "")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Problem("bad_line", line=number, reason=f"no label ({error})") from None
    return found
