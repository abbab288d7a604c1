"""Played conversations for a reader: as JSON, and as lines on a screen."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.rehearsal.converse import Played, Turn
from bot.rehearsal.judging import count

SHOWN = 400  # characters of a reply


def retold(played: Iterable[Played]) -> list[dict[str, Any]]:
    """Every conversation with its turns: what was said, what came, what was missed."""
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "lang": one.language,
            "turns": [
                {
                    "say": turn.say,
                    "reply": turn.heard.text,
                    "topics": sorted(turn.heard.topics),
                    "outcomes": sorted(turn.heard.outcomes),
                    "state": turn.heard.state,
                    "missed": turn.missed,
                    "false_alarm": turn.false_alarm,
                }
                for turn in one.turns
            ],
        }
        for one in played
    ]


def lines_of(played: list[Played], *, show: bool) -> Iterator[str]:
    """The figures as a table; with `show`, before it every conversation."""
    if show:
        for one in played:
            yield f"\n{one.id} · {one.kind} · {one.title}"
            for turn in one.turns:
                yield from _shown(turn)
        yield ""
    yield f"{'':24}{'turns held':>14}{'whole':>10}{'false alarms':>14}{'danger heard':>14}{'silent':>8}"
    for group, sums in count(played).items():
        yield (
            f"{group:24}{_of(sums['held'], sums['turns']):>14}{_of(sums['whole'], sums['conversations']):>10}"
            f"{_of(sums['false_alarms'], sums['harmless']):>14}"
            f"{_of(sums['danger_heard'], sums['danger']):>14}{sums['silent']:>8}"
        )


def _shown(turn: Turn) -> Iterator[str]:
    mark = f"✗ {', '.join(turn.missed)}" if turn.missed else "✓"
    alarm = " · false alarm" if turn.false_alarm else ""
    heard = turn.heard
    yield f"  > {turn.say}"
    yield f"  {mark}{alarm} [{', '.join(sorted(heard.outcomes))} {', '.join(sorted(heard.topics))} → {heard.state}]"
    yield from (f"    {line}" for line in heard.text[:SHOWN].splitlines())


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}"
