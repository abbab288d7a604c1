"""Telegram's limits: at most 4,096 characters a message, 64 bytes a button."""

MOST = 4_096


def split(text: str, most: int = MOST) -> list[str]:
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
