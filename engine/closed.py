"""Whether a question wants a yes or a no, and whether an answer begins with one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Dict, FrozenSet, List

from rasa.shared.utils.io import read_yaml_file

from engine.shelves import folders

WORDS = "reading/questions.yml"
WORD = re.compile(r"\w+")
SENTENCE = re.compile(r"(?<=[.!?;…\n])\s+")


@lru_cache(maxsize=1)
def known() -> Dict[str, FrozenSet[str]]:
    """The words by what they do, from `data/reading/questions.yml` and its like of further languages."""
    found: Dict[str, FrozenSet[str]] = {}
    for path in (folder / WORDS for folder in folders() if (folder / WORDS).is_file()):
        for name, words in read_yaml_file(path).items():
            found[name] = found.get(name, frozenset()) | frozenset(map(str, words))
    return found


def is_closed(text: str) -> bool:
    """Whether the last question of a message, or all of it where nothing is marked as one, wants a yes or a no."""
    sentences = SENTENCE.split(text.strip())
    marked = [sentence for sentence in sentences if sentence.rstrip().endswith("?")]
    words = folded((marked or sentences)[-1])
    some = known()
    while words and words[0] in some["skipped"]:
        words = words[1:]
    if not words or words[0] in some["opens"] or some["opens_anywhere"] & set(words):
        return False
    return not is_choice(words) and (bool(marked) or words[0] in some["closes"])


def begins_with(name: str, text: str) -> bool:
    """Whether the first word of a text is one of a list: "no, that was so that you understand"."""
    return bool(set(folded(text)[:1]) & known()[name])


def is_choice(words: List[str]) -> bool:
    """Whether two things are named to choose from: "the bus or the bike", but not "do I pay or not"."""
    some = known()
    places = [place for place, word in enumerate(words) if word in some["either"]]
    return any(not set(words[place + 1 : place + 2]) & some["neither"] for place in places)


def folded(text: str) -> List[str]:
    """The words of a text in small letters, without accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("’", "").replace("'", ""))
    return WORD.findall("".join(char for char in decomposed if unicodedata.category(char) != "Mn"))
