"""A message as people in distress may type it, written the usual way: for the rule that hears danger, and for it alone.

Every step passes over the text once, whatever stands in it.
"""

import re
import unicodedata
from collections.abc import Iterator

from bot.text import plain

_A_TO_Z = "abcdefghijklmnopqrstuvwxyz"
# Letters in a circle, a square or brackets that no normal form takes out of it.
_ENCLOSED = {
    first + at: letter
    for first in (0x249C, 0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
    for at, letter in enumerate(_A_TO_Z)
}
_DIGITS = str.maketrans("431057@$", "aeiostas")
_MIXED = re.compile(r"[a-z0-9@$]*[a-z][a-z0-9@$]*")
_BETWEEN = re.compile(r"(?<=[a-z])[._*·|/\\+~-]+(?=[a-z])")
_SPELT = re.compile(r"(?<!\S)[a-z](?:[ ][a-z](?!\S))+")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}|([aiuy])\2+")
_DOUBLED = re.compile(r"([a-z])\1+")
_TWICE = ("", "bcdfghjklmnpqrstvwxz", "eo")  # letters that words have two of: kill, need, llorar
LONGEST = 16  # letters of a word


def loosened(text: str, known: frozenset[str]) -> Iterator[str]:
    """The ways to read `text` that differ from how it stands; words that were spelt out are found among `known`."""
    said = plain(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_ENCLOSED))[: 2 * len(text)]
    # Two spaces keep words apart where one stands between letters.
    lines = re.split(r"\s{2,}", _spaced(text))
    read = " ".join(_SPELT.sub(lambda run: _words(run.group().replace(" ", ""), known), line) for line in lines)
    seen = {said, ""}
    drawn = [_shortened(read, twice) for twice in _TWICE] if _DRAWN_OUT.search(read) else []
    single = [_DOUBLED.sub(r"\1", read)] if drawn else []
    for one in (read, *drawn, *single):
        if one not in seen:
            seen.add(one)
            yield one


def _shortened(text: str, twice: str) -> str:
    """Each run of a letter once, or twice when it is one of `twice`."""
    return _DRAWN_OUT.sub(lambda run: run.group()[: 2 if run.group()[0] in twice else 1], text)


def _spaced(text: str) -> str:
    """Lower case without accents, the spaces kept; marks between letters are spaces, digits inside words letters."""
    folded = " ".join(plain(word) for word in re.split(r"[^\S\n]", text.replace("\n", "  ")))
    folded = _BETWEEN.sub(" ", folded)
    return _MIXED.sub(lambda word: word.group().translate(_DIGITS), folded)


def _words(letters: str, known: frozenset[str]) -> str:
    """`letters` cut into as few words of `known` as can be; in one piece when that does not come out."""
    best: list[tuple[int, int] | None] = [(0, 0)]  # how many words until here, and where the last of them begins
    for end in range(1, len(letters) + 1):
        starts = range(max(0, end - LONGEST), end)
        ways = [(found[0] + 1, at) for at in starts if (found := best[at]) and letters[at:end] in known]
        best.append(min(ways, default=None))
    cut, end = [], len(letters)
    while end and (way := best[end]):
        cut.append(letters[way[1] : end])
        end = way[1]
    return letters if end else " ".join(reversed(cut))
