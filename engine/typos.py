"""Writes a text as hurried people type it: without accents and signs, in chat shorthand, with letters swapped, missing or
mistaken for one that sounds the same. Examples are learned a second time like this, so that mistakes are nothing new.

The same text always becomes the same: a training can be repeated.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Callable, List, Tuple

SHORTHAND: List[Tuple[str, str]] = [
    ("que", "q"), ("qué", "q"), ("que", "k"), ("por qué", "xq"), ("porque", "xq"), ("por", "x"), ("para", "pa"),
    ("para", "xa"), ("de", "d"), ("también", "tb"), ("donde", "dnd"), ("dónde", "dnd"), ("quiero", "kiero"),
    ("te", "t"), ("me", "m"), ("con", "cn"), ("you", "u"), ("are", "r"), ("to", "2"), ("for", "4"),
    ("please", "pls"), ("your", "ur"), ("because", "cos"), ("want to", "wanna"), ("going to", "gonna"),
    ("tomorrow", "2moro"), ("what", "wat"), ("when", "wen"), ("through", "thru"), ("the", "teh"),
]  # fmt: skip
# What sounds alike, in either language, or is often written so.
ALIKE: List[Tuple[str, str]] = [
    ("v", "b"), ("b", "v"), ("ll", "y"), ("y", "ll"), ("que", "ke"), ("qui", "ki"), ("h", ""), ("ce", "se"),
    ("ci", "si"), ("z", "s"), ("c", "k"), ("ge", "je"), ("gi", "ji"), ("s", "c"), ("ie", "ei"), ("ea", "ee"),
    ("tion", "sion"), ("ph", "f"), ("ou", "o"), ("ment", "mnt"), ("er", "re"), ("x", "cs"), ("rr", "r"),
    ("mp", "np"), ("mb", "nb"), ("ir", "er"), ("ck", "k"), ("gh", ""),
]  # fmt: skip
BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqretyiuopsadfhgjlkxzvcnbn", strict=True))
OFTEN = 0.35  # share of longer words with a mistake
SHORTEST = 4  # letters of a word that is worth a mistake


def as_typed(text: str) -> str:
    """The text with what a phone and haste do to it; never empty."""
    chance = random.Random(text)
    typed = without_accents(text) if chance.random() < 0.8 else text
    if chance.random() < 0.7:
        typed = re.sub(r"[¿?¡!.,;]+", "", typed)
    if chance.random() < 0.4:
        for long, short in chance.sample(SHORTHAND, len(SHORTHAND) // 2):
            typed = re.sub(rf"\b{long}\b", short, typed)
    return " ".join(mistyped(word, chance) for word in typed.split()) or text


def without_accents(text: str) -> str:
    """Lower case without accents; ñ stays, as it has a key of its own."""
    parts = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(c for c in parts if c == "\u0303" or not unicodedata.combining(c)))


def mistyped(word: str, chance: random.Random) -> str:
    """The word, now and then with a mistake; two in a long one."""
    if len(word) < SHORTEST or chance.random() >= OFTEN:
        return word
    for _ in range(2 if len(word) > 8 and chance.random() < 0.5 else 1):
        word = chance.choices(MISTAKES, WEIGHTS)[0](word, chance)
    return word


def sounded(word: str, chance: random.Random) -> str:
    found = [(right, wrong) for right, wrong in ALIKE if right in word]
    if not found:
        return word
    right, wrong = chance.choice(found)
    at = chance.choice([match.start() for match in re.finditer(re.escape(right), word)])
    return word[:at] + wrong + word[at + len(right) :]


def dropped(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + word[at + 1 :]


def swapped(word: str, chance: random.Random) -> str:
    if len(word) < 2:
        return word
    at = chance.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def doubled(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[: at + 1] + word[at:]


def slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + BESIDE.get(word[at], word[at]) + word[at + 1 :]


MISTAKES: List[Callable[[str, random.Random], str]] = [sounded, dropped, swapped, doubled, slipped]
WEIGHTS = [0.5, 0.15, 0.15, 0.1, 0.1]
