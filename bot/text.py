"""What happens to a text before anybody reads it: hidden characters go, its length is checked; folding, cutting."""

import re
import unicodedata

from bot.characters import visible
from bot.errors import BotError

MAX_LENGTH = 4_000  # characters of a message; Telegram takes 4,096
_UNREAD = 4  # times as many as may stay are looked at, since what is taken out or composed does not count


def check_text(raw: str, most: int = MAX_LENGTH, *, empty: bool = False) -> str:
    """The text as everybody will see it. Raises BotError `message_empty`, unless `empty` may be, or `message_too_long`.

    A text that is far too long is refused without being read.
    """
    check_length(raw, most)
    text = clean(raw, most + 1)
    if not text and not empty:
        raise BotError("message_empty")
    if len(text) > most:
        raise BotError("message_too_long", length=len(text), most=most)
    return text


def check_length(raw: str, most: int = MAX_LENGTH) -> None:
    """Raise BotError `message_too_long` for what cannot become a text of at most `most` characters."""
    if len(raw) > _UNREAD * most:
        raise BotError("message_too_long", length=len(raw), most=most)


def clean(raw: str, most: int = MAX_LENGTH) -> str:
    """`raw` without hidden characters, composed (NFC), trimmed, with at most one empty line in a row.

    At most `most` characters; what comes far behind them is not read.
    """
    text = visible(raw[: _UNREAD * most].replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", unicodedata.normalize("NFC", text)).strip()[:most]


def plain(text: str) -> str:
    """Lower case, without accents, single spaces: what word lists and patterns are compared with."""
    lower = text.lower()
    if not lower.isascii():
        # Marks go before they are sorted, which takes the square of how many stand on one letter.
        bare = "".join(c for c in lower if not unicodedata.combining(c))
        lower = "".join(c for c in unicodedata.normalize("NFD", bare) if unicodedata.category(c) != "Mn")
    return " ".join(lower.split())


def split(text: str, most: int) -> list[str]:
    """`text` in parts of at most `most` UTF-16 units, as Telegram counts, cut at paragraphs, lines or words."""
    parts: list[str] = []
    rest = text.strip()
    while _units(rest) > most:
        head = _prefix(rest, most)
        cut = next((at for mark in ("\n\n", "\n", ". ", " ") if (at := head.rfind(mark)) > most // 4), -1)
        at = cut + 1 if cut > 0 else len(head)
        parts.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [*parts, rest] if rest else parts


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _prefix(text: str, most: int) -> str:
    """The longest beginning of `text` with at most `most` UTF-16 units, never half a character."""
    if len(text) * 2 <= most:
        return text
    units = 0
    for at, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > most:
            return text[:at]
    return text
