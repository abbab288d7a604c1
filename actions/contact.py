"""The e-mail address or telephone number in a message, as people write and say them, and the words beside it."""

import re
from dataclasses import dataclass

from actions.context import current
from actions.named import words_of_slot
from actions.spelling import EMAIL, in_signs
from actions.words import content_words, listed_in_all, prefixes
from bot.suggestions.references import without_references
from bot.text import plain

PHONE = re.compile(r"(?<!\d)(?:\+\d{1,3}[\s.\-–()/]*)?\d(?:(?:[\s.\-–/]|\) ?)?\d){8}(?!\d)")
COMMANDS = ("writes", "leads", "joins")  # words that tell the clerk to write it down
_CLAUSE = re.compile(r"(?<=[,;.])\s+|\s+(?=(?:y|e|and)\s)", re.IGNORECASE)
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
        leads = any(not _introduces(piece) for piece in before)
        if leads or _has_digit(behind) or len(behind.split()) > 1:
            return " … ".join(piece for piece in self.pieces if piece)
        return ""

    @property
    def without(self) -> str:
        """The words beside it without the clause that introduces it; empty when there is nothing else."""
        *before, behind = self.pieces
        clauses = [_CLAUSE.split(piece) for piece in before]
        told = [" ".join(said[:-1] if _introduces(said[-1]) else said) for said in clauses]
        return ". ".join(words for piece in (*told, behind) if (words := piece.strip(EDGES)))


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


def refuses_contact(words: str) -> bool:
    """Whether `words` only say that no contact is given: "I do not want to leave a number"."""
    shorthand = current().knowledge.words.get("shorthand") or {}
    said = [str(shorthand.get(word, word)) for word in re.findall(r"\w+", plain(words))]
    no, data = listed_in_all("refusing"), listed_in_all("contact_data")
    others = set(content_words(" ".join(said))) - no - data - listed_in_all("wishing")
    return bool(no & set(said) and data & set(said)) and len(others) <= 1 and not _has_digit(words)


def _introduces(words: str) -> bool:
    """Whether `words` say no more than that a contact follows."""
    tells_clerk = set[str]().union(*map(listed_in_all, COMMANDS))
    said = set(content_words(words)) - words_of_slot("item_contact") - tells_clerk
    return not _has_digit(words) and len(said) <= 1


def _has_digit(words: str) -> bool:
    return any(letter.isdigit() for letter in words)
