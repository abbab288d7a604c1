"""The rule that hears danger to life in a message."""

import re
from collections.abc import Mapping
from typing import Any

from bot.text import plain


def is_crisis(text: str, words: Mapping[str, Any]) -> bool:
    """Whether a rule of `words` (`words.yml`) hears danger to life, also with chat shorthand written out.

    Rules come first and work with the engine dead.
    """
    said = plain(text)
    full = written_out(said, words.get("shorthand") or {})
    heard = [said] if full == said else [said, full]
    return any(re.search(pattern, one) for pattern in words.get("crisis") or () for one in heard)


def written_out(said: str, shorthand: Mapping[str, str]) -> str:
    """Plain text with each word of `shorthand` in full: "m sta siguiendo" is "me esta siguiendo"."""
    return " ".join(str(shorthand.get(word, word)) for word in said.split())
