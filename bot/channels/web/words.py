"""The words of the citizen's pages, by key and language; none stands in Python or in a template."""

import functools
from pathlib import Path
from typing import Any

from bot.knowledge.entries import fill
from bot.knowledge.knowledge import LANGUAGES, Knowledge, read_yaml
from bot.knowledge.languages import PACKS
from bot.knowledge.render import name_of
from bot.settings import ROOT

OURS = Path(__file__).parent / "templates" / "texts.yml"
FURTHER = ROOT / "data" / PACKS  # a further language has its words in `pages.yml` of its folder


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    """Language → key → words."""
    ours: dict[str, dict[str, str]] = read_yaml(OURS)
    found = {language: {key: words[language] for key, words in ours.items()} for language in LANGUAGES}
    return found | {path.parent.name: read_yaml(path) for path in sorted(FURTHER.glob("*/pages.yml"))}


def say(key: str, language: str, **args: Any) -> str:
    """The words of `key`, filled; the first language's where these are missing, the key itself where all are."""
    words = _words()
    return fill(words.get(language, {}).get(key) or words[LANGUAGES[0]].get(key, key), args)


def names_of(knowledge: Knowledge) -> dict[str, str]:
    """The town's languages, and what each calls itself."""
    return {language: name_of(knowledge, language) for language in knowledge.languages}
