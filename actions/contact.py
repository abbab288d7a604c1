"""The e-mail address or telephone number in a message, as people write and say them, and the words beside it."""

import re
from dataclasses import dataclass

from actions.named import words_of_slot
from actions.words import content_words, prefixes
from bot.suggestions.references import without_references
from bot.text import plain

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
PHONE = re.compile(r"(?<!\d)(?:\+\d{1,3}[\s.\-–()/]*)?\d(?:(?:[\s.\-–/]|\) ?)?\d){8}(?!\d)")
# How an address is spelt aloud, in both languages.
ALOUD = ((re.compile(r"\s*\b(?:arroba|at)\b\s*", re.I), "@"), (re.compile(r"\s*\b(?:punto|dot)\b\s*", re.I), "."))
SPACED = re.compile(r"\s*@\s*")
GUION = (
    (re.compile(r"\s*\b(?:guion bajo|underscore)\b\s*", re.I), "_"),
    (re.compile(r"\s*\b(?:guion|guión|hyphen|dash)\b\s*", re.I), "-"),
)
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
    written = _written(text)
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


def _written(text: str) -> str:
    """The text with its address in signs, where it was spaced out or spelt aloud."""
    if EMAIL.search(text):
        return text
    joined = SPACED.sub("@", text)
    if EMAIL.search(joined):
        return joined
    if not re.search(r"\b(?:arroba|at)\b", plain(text)):
        return text
    signs = text
    for pattern, sign in (*GUION, *ALOUD):
        signs = pattern.sub(sign, signs)
    return signs if EMAIL.search(signs) else text


def _has_digit(words: str) -> bool:
    return any(letter.isdigit() for letter in words)
