"""What happens to a text before anybody reads it: hidden characters go, its length is checked, danger is heard."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from bot.errors import BotError

MAX_LENGTH = 1_000
_KEPT_CONTROLS = frozenset("\n\t")
# Control, format (bidirectional marks, zero-width, tag characters), private use, unassigned and lone surrogates.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_JOINER = "\u200d"


def check_text(raw: str) -> str:
    """The text as everybody will see it. Raises BotError `message_empty` or `message_too_long`."""
    text = clean(raw)
    if not text:
        raise BotError("message_empty")
    if len(text) > MAX_LENGTH:
        raise BotError("message_too_long", length=len(text), most=MAX_LENGTH)
    return text


def clean(raw: str) -> str:
    """`raw` without hidden characters, composed (NFC), trimmed, with at most one empty line in a row."""
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")):
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in _HIDDEN:
            kept.append(character)
        elif character == _JOINER and kept and unicodedata.category(kept[-1]) in {"So", "Mn", "Sk"}:
            # Joins emoji into one picture; between letters it only hides.
            kept.append(character)
    return re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()


def plain(text: str) -> str:
    """Lower case, without accents, single spaces: what word lists and patterns are compared with."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    stripped = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return re.sub(r"\s+", " ", stripped).strip()


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
