"""Personal data covered where it is listed, notified or logged; the opened conversation shows what was written."""

from collections.abc import Mapping
from typing import Any

from bot.privacy.personal import find

CODES = {
    "dni": "DNI",
    "nie": "NIE",
    "iban": "IBAN",
    "card": "CARD",
    "phone": "PHONE",
    "email": "E-MAIL",
    "plate": "PLATE",
}


def mask(text: str, names: Mapping[str, str] | None = None) -> str:
    """`text` with each piece of personal data replaced by its kind, `[DNI]`; nothing of it is kept.

    `names` says what readers call each kind; without it the codes that logs use.
    """
    found = find(text)
    if not found:
        return text
    names = names or CODES
    parts, behind = [], 0
    for piece in found:
        parts += [text[behind : piece.start], f"[{names[piece.kind]}]"]
        behind = piece.end
    return "".join([*parts, text[behind:]])


def mask_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """`row` with its texts masked; numbers and nested values stay."""
    return {key: mask(value) if isinstance(value, str) else value for key, value in row.items()}
