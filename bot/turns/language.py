"""Which language a message is in. A conversation keeps its language until a message clearly speaks another."""

import copy
import functools
import re
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.languages import LANGUAGES, about
from bot.text import plain

# Spoken around here; of more languages, more would be mistaken for one another in three words.
SPOKEN = (*LANGUAGES, "fr", "ro", "ca", "pt", "it", "de", "ru", "uk", "ar", "zh", "eu", "pl", "bg", "nl")
Languages = tuple[str, ...]
SURE = 0.9  # under it the detector is wrong too often for short messages (docs/understanding.md)
ENOUGH_WORDS, ENOUGH_WORDS_OF_OTHERS, ENOUGH_WORDS_TO_LEAVE = 2, 3, 4
KEPT = "spoken"  # where it stands in the state
Spoken = dict[str, str]
State = dict[str, Any]
_NO_WORD = re.compile(r"[@\d]|\w\.\w")  # an address, a number, a reference: they speak no language
_LATIN = re.compile("[a-z]")


def detect(text: str, current: str, knowledge: Knowledge, *, settled: bool = False) -> str:
    """One of the town's: what the detector is sure of; else the one with more of its frequent words; else `current`.

    A conversation that is `settled` in its language leaves it for a sentence that both take for the other one: a
    street, a name or a "thanks" is none.
    """
    if settled:
        other = _by_hints(text, current, knowledge)
        sure = other != current and len(text.split()) >= ENOUGH_WORDS_TO_LEAVE
        return other if sure and _between(knowledge.languages).classify(text)[0] == other else current
    if len(text.split()) >= ENOUGH_WORDS:
        found, share = _between(knowledge.languages).classify(text)
        if share >= SURE:
            return str(found)
    return _by_hints(text, current, knowledge)


def spoken(text: str, current: str, knowledge: Knowledge, before: Spoken | None) -> tuple[str, Spoken]:
    """The language to answer in, and what is kept of it for the next message (`before`; None for the first).

    The first words decide. Afterwards the language stays until it is asked for (then `current` is another one than was
    kept), or until two messages in a row are clearly in the other; what is clearly in none counts for neither.
    """
    text = " ".join(word for word in text.split() if not _NO_WORD.search(word))
    if before is None:
        language = detect(text, current, knowledge)
        clear = language if language != current or _is_in(text, current, knowledge.languages) else None
        return language, _kept(language, clear)
    last = before.get("last") if before.get("in", current) == current else current
    other = detect(text, current, knowledge, settled=True)
    if other == current:
        return current, _kept(current, current if _is_in(text, current, knowledge.languages) else last)
    language = other if last in (None, other) else current
    return language, _kept(language, other)


def _kept(language: str, last: str | None) -> Spoken:
    return {"in": language, "last": last} if last else {"in": language}


def _is_in(text: str, language: str, languages: Languages) -> bool:
    """Whether a text of some length is in a language, for all that is known."""
    return len(text.split()) >= ENOUGH_WORDS_TO_LEAVE and bool(_between(languages).classify(text)[0] == language)


def before_of(state: State | None) -> Spoken | None:
    """What was kept of the language in a dialogue's state; None before its first message."""
    known = state or {}
    return known.get(KEPT) or ({} if known.get("events") else None)


def with_spoken(state: State | None, told: Spoken | None) -> State | None:
    """The state with what is kept of the language (beside the dialogue: the engine does not get it), or without it."""
    if state is None:
        return None
    bare = {name: value for name, value in state.items() if name != KEPT}
    return {**bare, KEPT: told} if told else bare


def foreign(text: str, languages: Languages = LANGUAGES) -> str | None:
    """The language of a message (ISO 639-1) that is none of `languages`; None where it is, or where nothing is sure."""
    if len(text.split()) < ENOUGH_WORDS_OF_OTHERS and text.isascii():
        return None
    best, *_ = ranked = _between(tuple(dict.fromkeys((*SPOKEN, *languages)))).rank(text)
    if best[0] in languages:
        return None
    # In another script it is neither of ours, even where Russian and Bulgarian are hard to tell apart.
    share = best[1] if _LATIN.search(plain(text)) else sum(share for name, share in ranked if name not in languages)
    return str(best[0]) if share >= SURE and any(map(str.isalpha, text)) else None


def warm_up(languages: Languages = LANGUAGES) -> None:
    """Read the detector's tables, which takes a second: in a thread, before the first message needs them."""
    _between(languages)
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
    """The language that has more of its frequent words and letters in the text than any other; else `current`."""
    said, letters = re.findall(r"[a-z']+", plain(text)), text.lower()
    lists = knowledge.words.get("hints") or {}
    score = dict.fromkeys((current, *knowledge.languages), 0)
    for language in score:
        hints = frozenset(lists.get(language) or ())
        score[language] = sum(word in hints for word in said) + sum(
            sign in letters for sign in about(language)["letters"]
        )
    best = max(score, key=lambda language: score[language])
    return best if score[best] > score[current] else current
