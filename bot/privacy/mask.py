"""Personal data covered where it is listed, notified or logged; the opened conversation shows what was written."""

from collections.abc import Mapping
from typing import Any

from bot.privacy.personal import find

_LONGEST = 400  # characters of one piece of personal data: an e-mail address with all its domains
CODES = {
    "dni": "DNI",
    "nie": "NIE",
    "iban": "IBAN",
    "card": "CARD",
    "phone": "PHONE",
    "email": "E-MAIL",
    "plate": "PLATE",
}


def mask(text: str, names: Mapping[str, str] | None = None, most: int | None = None) -> str:
    """`text` with each piece of personal data replaced by its kind, `[DNI]`; nothing of it is kept.

    `names` says what readers call each kind; without it the codes that logs use. Of more than `most` characters the
    beginning is masked and shown, the rest is not read.
    """
    if most is not None and len(text) > most:
        return _covered(text[: most + _LONGEST], names or CODES, most) + "…"
    return _covered(text, names or CODES, len(text))


def _covered(text: str, names: Mapping[str, str], end: int) -> str:
    """`text` up to `end`; a piece that begins before it is covered whole."""
    parts, behind = [], 0
    for piece in find(text):
        if piece.start >= end:
            break
        parts += [text[behind : piece.start], f"[{names[piece.kind]}]"]
        behind = piece.end
    return "".join([*parts, text[behind:end]])


def mask_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """`row` with its texts masked; numbers and nested values stay."""
    return {key: mask(value) if isinstance(value, str) else value for key, value in row.items()}
