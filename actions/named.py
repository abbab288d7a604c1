"""Which part of the form somebody names: by what the form itself calls it, or by what is noted there."""

import re

from actions.context import current, languages
from bot.text import plain

SHORTEST = 4  # letters of a word that names something, also within another ("mail" in "e-mail")


def words_of_slot(slot: str) -> set[str]:
    """What the form calls a slot, in every language: the title of the button that changes it."""
    words: set[str] = set()
    for language in languages():
        answer = current().knowledge.answer("utter_ask_item_change", language)
        for button in answer.buttons if answer else ():
            if f'"{slot}"' in button.payload:
                words |= _names(button.title)
    return words


def named_slots(text: str, noted: dict[str, str]) -> list[str]:
    """The slots of `noted` (slot → what stands there) that `text` names; several where it does not tell them apart."""
    said = _names(text)
    scores = {slot: _score(said, words_of_slot(slot) | _names(value)) for slot, value in noted.items()}
    most = max(scores.values(), default=0)
    return [slot for slot, score in scores.items() if most and score == most]


def _names(text: str) -> set[str]:
    """The words and numbers that may name something, plain; "e-mail" is one."""
    words = re.findall(r"\w+", plain(text).replace("-", ""))
    return {word for word in words if len(word) >= SHORTEST or word.isdigit()}


def _score(said: set[str], names: set[str]) -> int:
    return sum(any(_is_like(word, name) for name in names) for word in said)


def _is_like(word: str, name: str) -> bool:
    short, long = sorted((word, name), key=len)
    return short == long if short.isdigit() else short in long
