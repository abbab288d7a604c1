"""What is said about many measured values: the median and its like, targets, tables."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed, between two of them in proportion."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def spread(values: Sequence[float]) -> dict[str, float]:
    """Count, median, 95th percentile and the ends, rounded for people."""
    return {
        "count": len(values),
        "p50": round(percentile(values, 0.5), 2),
        "p95": round(percentile(values, 0.95), 2),
        "min": round(min(values), 2),
        "max": round(max(values), 2),
    }


def differences(wholes: Sequence[float], parts: Sequence[float]) -> list[float]:
    """Whole less part, pair by pair: what disturbed one moment disturbed both of a pair."""
    return [whole - part for whole, part in zip(wholes, parts, strict=True)]


def median(values: Iterable[float]) -> float:
    """The median, rounded for people."""
    return round(statistics.median(values), 2)


def ratio(value: float, other: float) -> float:
    """How many times `other` fits into `value`."""
    return round(value / other, 3)


@dataclass(frozen=True)
class Target:
    """A figure that must not be higher than its target; not lower, when it is to be reached `at_least`."""

    name: str
    value: float
    target: float
    unit: str
    at_least: bool = False

    def as_json(self) -> dict[str, Any]:
        """With the verdict."""
        met = self.value >= self.target if self.at_least else self.value <= self.target
        return {**asdict(self), "met": met}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns in line: the first to the left, the others to the right."""
    cells = [[_cell(value) for value in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = row
    return [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
    return str(value)
