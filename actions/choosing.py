"""Which of three an answer is, in whatever words: what was added replaces the text, stands behind it, or goes again."""

import re

from actions.context import languages
from actions.rewording import any_of, level
from actions.words import content_words, listed, listed_in_all

ANSWERS = {"replace": "answers_replace", "add": "answers_add", "leave": "answers_leave"}
CHOICES = tuple(ANSWERS)
NAMING = (*ANSWERS.values(), "answers_new", "answers_old", "answers_keep", "answers_drop", "option")
MOST_OTHERS = 1  # words of an answer besides those that answers have


def answer_in(sentence: str) -> str:
    """Which answer a sentence is, when it hardly says anything else; empty when it is none, or several."""
    said = level(sentence)
    if len(_others(sentence)) > MOST_OTHERS:
        return ""
    if place := _counted(said):
        return place
    found = {does for does, name in ANSWERS.items() if _names(said, name)}
    if any(_denied(said, ANSWERS[does]) for does in found):
        return ""
    if found & {"replace", "add"} or not (kept := _kept(said)):
        wanted = found - {"leave"} or found
        return wanted.pop() if len(wanted) == 1 else ""
    return kept


def only_answers(said: str) -> bool:
    """Whether nothing is said but words that answers have."""
    return not _others(said)


def _others(sentence: str) -> list[str]:
    known = listed_in_all("answers") | listed_in_all("denies")
    begins = re.compile("|".join(any_of(name) for name in NAMING))
    return [word for word in content_words(sentence) if word not in known and len(word) > 1 and not begins.match(word)]


def _kept(said: str) -> str:
    """What the text is to be where the old or the new is named, to be kept or to go; empty where that is not told."""
    new, old = _names(said, "answers_new"), _names(said, "answers_old")
    keeps, drops = _names(said, "answers_keep"), _names(said, "answers_drop")
    if new == old or (keeps and drops):
        return ""
    return "replace" if new != drops else "leave"


def _counted(said: str) -> str:
    """The answer that is named by its number ("option two"); empty where none is."""
    option = rf"(?:{any_of('option')})"
    for language in languages():
        for place, (does, names) in enumerate(zip(CHOICES, listed("counted", language), strict=False), 1):
            number = rf"(?:{names}|{place})"
            if re.search(rf"\b(?:{option}\s+{number}|{number}\s+{option})\b", said):
                return does
    return ""


def _names(said: str, name: str) -> bool:
    return re.search(rf"\b(?:{any_of(name)})", said) is not None


def _denied(said: str, name: str) -> bool:
    """Whether "no" stands right before: "do not add it"."""
    return re.search(rf"\b(?:{any_of('denies')}|don.?t)\s+(?:\w{{1,3}}\s+)?(?:{any_of(name)})", said) is not None
