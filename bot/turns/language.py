"""Which language a message is in. A conversation keeps its language until a message clearly speaks another."""

import copy
import functools
import re

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.text import plain

# Spoken around here; of more languages, more would be mistaken for one another in three words.
SPOKEN = (*LANGUAGES, "fr", "ro", "ca", "pt", "it", "de", "ru", "uk", "ar", "zh", "eu", "pl", "bg", "nl")
SURE = 0.9  # under it the detector is wrong too often for short messages (docs/understanding.md)
ENOUGH_WORDS, ENOUGH_WORDS_OF_OTHERS, ENOUGH_WORDS_TO_LEAVE = 2, 3, 4
_LATIN = re.compile("[a-z]")


def detect(text: str, current: str, knowledge: Knowledge, *, settled: bool = False) -> str:
    """`es` or `en`: what the detector is sure of; else the one with more of its frequent words; else `current`.

    A conversation that is `settled` in its language leaves it for a sentence that both take for the other one: a
    street, a name or a "thanks" is none.
    """
    if settled:
        other = _by_hints(text, current, knowledge)
        sure = other != current and len(text.split()) >= ENOUGH_WORDS_TO_LEAVE
        return other if sure and _between(LANGUAGES).classify(text)[0] == other else current
    if len(text.split()) >= ENOUGH_WORDS:
        found, share = _between(LANGUAGES).classify(text)
        if share >= SURE:
            return str(found)
    return _by_hints(text, current, knowledge)


def foreign(text: str) -> str | None:
    """The language of a message (ISO 639-1) that is neither of ours; None where it is, or where nothing is sure."""
    if len(text.split()) < ENOUGH_WORDS_OF_OTHERS and text.isascii():
        return None
    best, *_ = ranked = _between(SPOKEN).rank(text)
    if best[0] in LANGUAGES:
        return None
    # In another script it is neither of ours, even where Russian and Bulgarian are hard to tell apart.
    share = best[1] if _LATIN.search(plain(text)) else sum(share for name, share in ranked if name not in LANGUAGES)
    return str(best[0]) if share >= SURE and any(map(str.isalpha, text)) else None


def warm_up() -> None:
    """Read the detector's tables, which takes a second: in a thread, before the first message needs them."""
    _between(LANGUAGES)
    _between(SPOKEN)


@functools.cache
def _between(languages: tuple[str, ...]) -> LanguageIdentifier:
    """The detector for some of SPOKEN. All share the tables of the one that was read from the file."""
    identifier = copy.copy(_all_spoken())
    identifier.set_languages(list(languages))
    return identifier


@functools.cache
def _all_spoken() -> LanguageIdentifier:
    """Without the tables of the languages that nobody asks for: twenty-five megabytes."""
    read = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    read.set_languages(list(SPOKEN))
    return LanguageIdentifier(
        read.nb_ptc, read.nb_pc, read.nb_classes, read.tk_nextmove, read.tk_output, norm_probs=True, tk_row=read.tk_row
    )


def _by_hints(text: str, current: str, knowledge: Knowledge) -> str:
    found = re.findall(r"[a-z']+", plain(text))
    score = {"es": 0, "en": 0}
    for language, name in (("es", "spanish_hints"), ("en", "english_hints")):
        hints = frozenset(knowledge.words.get(name) or ())
        score[language] = sum(word in hints for word in found)
    score["es"] += len(re.findall(r"[ñ¿¡]", text.lower()))
    other = "en" if current == "es" else "es"
    return other if score[other] > score[current] else current
