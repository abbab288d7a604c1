"""The languages that everything is written in, and those that come as a folder of their own."""

import datetime as dt
import functools
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from babel.dates import format_date
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.settings import ROOT

T = TypeVar("T")
LANGUAGES = ("es", "en")  # of the library itself, and of the pages of staff
PACKS = "languages"  # the folder of `data` with a folder for each language; a further one's looks like `data` itself


def told_languages(town: Path) -> Any:
    """What a town's `town.yml` says of them, whatever that is; None where it says nothing or is unreadable."""
    try:
        told = YAML(typ="safe").load((town / "town.yml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        return None
    return told.get("languages") if isinstance(told, dict) else None


def languages_of(town: Path) -> tuple[str, ...]:
    """The languages that a town names, the first one first; LANGUAGES where it names none, or no list of words."""
    named = told_languages(town)
    if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
        return LANGUAGES
    return tuple(dict.fromkeys(named))


def known_languages(library: Path) -> tuple[str, ...]:
    """The languages that a town can choose."""
    packs = (path.parent.name for path in (library / "data" / PACKS).glob("*/language.yml"))
    return tuple(dict.fromkeys((*LANGUAGES, *sorted(packs))))


@functools.cache
def about(language: str, library: Path = ROOT) -> dict[str, Any]:
    """What a language's `language.yml` says: `dates`, `called`, `letters`; LANGUAGES' first one's where it has none."""
    path = library / "data" / PACKS / language / "language.yml"
    if language != LANGUAGES[0] and not path.is_file():
        return about(LANGUAGES[0], library)
    return dict(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def in_words(day: dt.date, language: str, how: str) -> str:
    """A day as a language writes it: `how` is day, day_of_year, weekday or short."""
    return format_date(day, format=about(language)["dates"][how], locale=language)


def in_all(words: Mapping[str, T], languages: Iterable[str]) -> dict[str, T]:
    """Words by language with those that are missing in another language: the first of the town's that has some."""
    order = [*languages, *LANGUAGES, *words]
    other = next((words[language] for language in order if language in words), None)
    if other is None:
        return dict(words)
    return {language: words.get(language, other) for language in dict.fromkeys(order)}


def completed(value: Any, languages: Iterable[str], known: Collection[str]) -> Any:
    """What a file holds, with all words by language in it completed as by `in_all`. `known` are codes of languages."""
    if isinstance(value, list):
        return [completed(one, languages, known) for one in value]
    if not isinstance(value, dict):
        return value
    if value and all(key in known for key in value):
        return in_all(value, languages)
    return {key: completed(one, languages, known) for key, one in value.items()}
