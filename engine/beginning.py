"""A report, a suggestion or a complaint that begins: whether one does, and which of the three."""

from __future__ import annotations

from engine.labels import Parsed, best, shares

BEGINS = ("make_suggestion", "report_problem", "make_complaint")


def begins(parsed: Parsed) -> bool:
    """Whether a report, a suggestion or a complaint begins: then everything that is told belongs to it."""
    return parsed["intent"]["name"] in BEGINS


def reports(parsed: Parsed) -> bool:
    """Whether a message, by itself, is sooner one of the three that begin than any one matter."""
    own = shares(parsed)
    matter = max((share for label, share in own.items() if label not in BEGINS), default=0.0)
    return sum(own.get(name, 0.0) for name in BEGINS) > matter


def begun(parsed: Parsed) -> str:
    """Which of the three is begun; a report, where nothing says another."""
    own = shares(parsed)
    name, share = best({name: own.get(name, 0.0) for name in BEGINS})
    return name if share > 0.01 else "report_problem"
