"""What the tests of the form say in it, with the clauses as the engine reads them."""

import json
from typing import Any

from actions.item_form import read
from tests.actions.asked import turn

Clauses = list[tuple[str, str, float, float]]  # words, act, how likely it is, how likely they tell the form something


def spans(text: str, clauses: Clauses) -> str:
    """The engine's entity for these clauses of `text`."""
    found, start = [], 0
    for words, act, share, tells in clauses:
        start = text.index(words, start)
        found.append([start, start + len(words), act, share, tells])
        start += len(words)
    return json.dumps(found)


def heard(asked: str, text: str, act: str, clauses: Clauses | None = None, **more: Any) -> dict[str, Any]:
    """All that is noted once the form has heard it."""
    tracker = turn(asked, text, act, clauses=spans(text, clauses) if clauses else None, **more)
    return {**tracker.slots, **read(tracker)[0]}


def answered(asked: str, text: str, act: str, clauses: Clauses | None = None, **more: Any) -> list[str]:
    """What is said before the form goes on."""
    return read(turn(asked, text, act, clauses=spans(text, clauses) if clauses else None, **more))[1]
