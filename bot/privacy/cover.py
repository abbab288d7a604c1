"""Somebody's own personal data, covered wherever it is repeated: spelt otherwise, in another's words, or cut off."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.privacy.mask import CODES
from bot.privacy.personal import BRACKETED_AT, KINDS, SPOKEN_AT, SPOKEN_DOT, find

_BETWEEN = r"[\W_]{0,3}"  # what people write between two signs of one number
_LEAST = 5  # signs of a number that was cut off, by which it is still known
_SPOKEN = ((rf"{BRACKETED_AT}|\s+(?:{SPOKEN_AT}|@)\s+", "@"), (rf"\s(?:{SPOKEN_DOT})\s", "."))
Piece = tuple[str, str]  # a personal datum as it is written, and its kind


@dataclass(frozen=True)
class Cover:
    """What is to be covered: expressions with the kind that stands in their place."""

    kinds: tuple[str, ...]
    _expressions: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def over_pieces(cls, given: Iterable["Piece"]) -> "Cover":
        """A cover for these pieces."""
        pieces = set(given)
        longest_first = sorted(pieces, key=lambda piece: (-len(piece[0]), piece))
        there = {kind for _, kind in pieces}
        return cls(
            tuple(kind for kind in KINDS if kind in there),
            tuple((_expression(piece, kind), f"[{CODES[kind]}]") for piece, kind in longest_first),
        )

    def over(self, text: str) -> str:
        """`text` without it."""
        for expression, covered in self._expressions:
            text = expression.sub(covered, text)
        return text


def pieces_of(text: str) -> list[Piece]:
    """The personal data in `text`, each as it is written, with its kind."""
    return [(text[found.start : found.end], found.kind) for found in find(text)]


def datum_of(piece: Piece) -> str:
    """What is the same however one piece is spelt."""
    written, kind = piece
    if kind == "email":
        return f"{kind}:{_address(written).casefold()}"
    signs = _signs(written)
    if kind == "phone":
        _, signs = _without_country(signs)
    elif kind == "dni":
        signs = [sign for sign in signs if sign.isdigit()]
    return f"{kind}:{''.join(signs).casefold()}"


def over_all(value: Any, over: Callable[[str], str]) -> Any:
    """A JSON value with `over` of every text within it."""
    if isinstance(value, str):
        return over(value)
    if isinstance(value, dict):
        return {key: over_all(one, over) for key, one in value.items()}
    return [over_all(one, over) for one in value] if isinstance(value, list) else value


def _expression(piece: str, kind: str) -> re.Pattern[str]:
    """What finds `piece` as it was written, by its signs alone, and as the end of a text that was cut within it."""
    written = re.escape(piece)
    if kind == "email":
        return re.compile(rf"(?<![\w.+-])(?:{written}|{re.escape(_address(piece))})(?!\w)", re.IGNORECASE)
    signs = _signs(piece)
    whole, before = _BETWEEN.join(signs), ""
    if kind == "phone":
        before, signs = _without_country(signs)
        whole = _BETWEEN.join(signs)
    elif kind == "dni":  # its letter is left out, or added, by many
        digits = [sign for sign in signs if sign.isdigit()]
        whole = _BETWEEN.join(digits) + rf"(?:{_BETWEEN}[A-Z](?![^\W_]))?"
    cut = "|".join(_BETWEEN.join(signs[:most]) for most in range(len(signs) - 1, _LEAST - 1, -1))
    ends = rf"|(?:{cut})\W*$" if cut else ""
    return re.compile(rf"(?<![^\W_]){before}(?:(?:{written}|{whole})(?![^\W_]){ends})", re.IGNORECASE)


def _signs(piece: str) -> list[str]:
    return [sign for sign in unicodedata.normalize("NFKC", piece) if sign.isalnum()]


def _address(piece: str) -> str:
    """An e-mail with its signs, where they were written in words."""
    address = unicodedata.normalize("NFKC", piece)
    for spoken, sign in _SPOKEN:
        address = re.sub(spoken, sign, address, flags=re.IGNORECASE)
    return address


def _without_country(signs: list[str]) -> tuple[str, list[str]]:
    """An expression for the way a phone number is begun from abroad, and the signs of the number itself."""
    digits = "".join(signs)
    national = re.fullmatch(r"(?:(?:00)?34)?(\d{9})", digits)
    country = rf"(?:(?:\+|00){_BETWEEN}34{_BETWEEN})?" if national else r"(?:\+|00)?"
    own = national.group(1) if national else digits.removeprefix("00")
    return rf"(?:(?<!\w)\+)?{country}", list(own)
