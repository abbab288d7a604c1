"""What actions may use: set once when the counter starts, read at each call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.knowledge.knowledge import Knowledge
from bot.store.database import Database
from bot.suggestions.items import Items
from bot.suggestions.own import OwnItems


async def _never(turn_id: str) -> bool:
    return False


@dataclass(frozen=True)
class Context:
    """The counter's services that actions call. `was_left`: whether she was away for long before a turn's message."""

    database: Database
    knowledge: Knowledge
    items: Items
    own: OwnItems
    was_left: Callable[[str], Awaitable[bool]] = _never


_context: Context | None = None


def bind(context: Context) -> None:
    """Give the actions their services."""
    global _context
    _context = context


def current() -> Context:
    """The services. Raises RuntimeError when the counter has not started."""
    if _context is None:
        raise RuntimeError("actions run inside the counter: bind a context first")
    return _context


def languages() -> tuple[str, ...]:
    """The languages of the town."""
    return current().knowledge.languages
