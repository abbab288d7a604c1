"""The e-mail address or telephone number in a message, as people write and say them, and the words beside it."""

import re
from dataclasses import dataclass

from actions.named import words_of_slot
from actions.spelling import EMAIL, in_signs
from actions.words import content_words, prefixes
from bot.suggestions.references import without_references

PHONE = re.compile(r"(?<!\d)(?:\+\d{1,3}[\s.\-–()/]*)?\d(?:(?:[\s.\-–/]|\) ?)?\d){8}(?!\d)")
EDGES = " \t\n,;:.<>()[]–-\"'«»“”"


@dataclass(frozen=True)
class Contact:
    """What was given: the bare address or number, both with a comma; and the words before, between and behind them."""

    bare: str
    pieces: tuple[str, ...]

    @property
    def beside(self) -> str:
        """The other words, when they say more than that a contact follows; empty when they do not.

        What leads up to a contact introduces it ("my phone is"); one word behind is thanks, several say when to call.
        """
        *before, behind = self.pieces
        introduced = words_of_slot("item_contact")
        leads = any(_has_digit(piece) or len(set(content_words(piece)) - introduced) > 1 for piece in before)
        if leads or _has_digit(behind) or len(behind.split()) > 1:
            return " … ".join(piece for piece in self.pieces if piece)
        return ""


def part_contact(text: str) -> Contact | None:
    """The contact in `text` and what stands beside it; None when there is none."""
    written = in_signs(text)
    numbers = [match.span() for match in PHONE.finditer(without_references(written, prefixes()))]
    addresses = [match.span() for match in EMAIL.finditer(written)]
    if not numbers and not addresses:
        return None
    phones = [re.sub(r"\s+", " ", written[start:end]).strip(" -–./(") for start, end in numbers]
    emails = [written[start:end].strip(".'-") for start, end in addresses]
    pieces, copied = [], 0
    for start, end in sorted([*numbers, *addresses]):
        pieces.append(written[copied:start].strip(EDGES))
        copied = max(copied, end)
    return Contact(", ".join(dict.fromkeys([*phones, *emails])), (*pieces, written[copied:].strip(EDGES)))


def find_contact(text: str) -> str | None:
    """The bare address or number; both, with a comma, where both are given. None when there is neither."""
    found = part_contact(text)
    return found.bare if found else None


def _has_digit(words: str) -> bool:
    return any(letter.isdigit() for letter in words)
