"""The rule that hears danger to life in a message."""

import functools
import itertools
import re
from collections.abc import Mapping
from typing import Any

import structlog

from bot.apart import apart
from bot.characters import usual_forms
from bot.text import plain
from bot.turns.loosened import loosened

log = structlog.get_logger()
_LETTERS = re.compile(r"(?<!\\)[a-z]+")


async def hears(text: str, words: Mapping[str, Any]) -> bool:
    """Whether the rule hears danger in a text as it was sent; beside the event loop when it is long."""
    return await apart(functools.partial(is_crisis, words=words), usual_forms(text))


def is_crisis(text: str, words: Mapping[str, Any]) -> bool:
    """Whether a rule of `words` (`words.yml`) hears danger to life, however it is typed."""
    return danger_in(text, words) is not None


def danger_in(text: str, words: Mapping[str, Any]) -> str | None:
    """`text` when a rule hears danger to life in it, also with chat shorthand written out; None when none does.

    What is only heard once it is read loosely (drawn out, spelt, with digits) comes back as it was read.
    Rules come first and work with the engine dead.
    """
    said, shorthand, rules = plain(text), words.get("shorthand") or {}, tuple(words.get("crisis") or ())
    full = written_out(said, shorthand)
    if _is_heard(said, rules) or (full != said and _is_heard(full, rules)):
        return text
    ways = loosened(text, _words_of(rules))
    return next((one for one in ways if _is_heard(written_out(one, shorthand), rules)), None)


def _is_heard(said: str, rules: tuple[str, ...]) -> bool:
    return any(re.search(pattern, said) for pattern in rules)


@functools.lru_cache(maxsize=4)
def _words_of(rules: tuple[str, ...]) -> frozenset[str]:
    """The words that rules name: what spelt letters may come to."""
    return frozenset(word for rule in rules for word in _LETTERS.findall(rule))


def written_out(said: str, shorthand: Mapping[str, str]) -> str:
    """Plain text with each word of `shorthand` in full: "m sta siguiendo" is "me esta siguiendo"."""
    return " ".join(str(shorthand.get(word, word)) for word in said.split())


def fitting_first(numbers: str, said: str, words: Mapping[str, Any]) -> str:
    """The lines of `numbers` with the one first that what was said calls for (`crisis_lines` in `words.yml`).

    None is left out, and what stands before them stays there; nothing that fails in it keeps them back.
    """
    try:
        heard = written_out(plain(usual_forms(said)), words.get("shorthand") or {})
        fits = (number for number, stems in (words.get("crisis_lines") or {}).items() if _is_heard(heard, tuple(stems)))
        number = next(fits, None)
    except Exception:
        log.exception("danger.lines_not_sorted")
        return numbers
    lines = numbers.split("\n")
    first = [line for line in lines if number and line.startswith(f"{number}:")]
    before = list(itertools.takewhile(lambda line: not line[:1].isdigit(), lines))
    return "\n".join([*before, *first, *(line for line in lines[len(before) :] if line not in first)])
