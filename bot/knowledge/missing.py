"""What of a town's words is not there in a language yet, so that somebody can write it."""

from collections.abc import Iterator
from typing import Any

from bot.knowledge.check import ANSWER, addressed_to
from bot.knowledge.knowledge import Knowledge, read_yaml
from bot.knowledge.languages import known_languages
from bot.knowledge.shelves import joined

NAMED = {"topics": "title", "subjects": "title", "districts": "name", "agencies": "name"}


def missing_in(knowledge: Knowledge, language: str) -> Iterator[tuple[str, str]]:
    """What is missing, as kind and id: titles and names, answers, all else that is said."""
    lookup = joined({name: read_yaml(path) for name, path in knowledge.shelves.files("lookup")})
    codes = known_languages(knowledge.shelves.library)
    for kind, field in NAMED.items():
        for entry in (lookup.get(kind) or {}).get(kind) or ():
            if not _has(entry.get(field), language, codes):
                yield kind, str(entry["id"])
    written: dict[str, set[str]] = {}
    for _, path in knowledge.shelves.files("responses"):
        for response, variations in ((read_yaml(path) or {}).get("responses") or {}).items():
            written.setdefault(response, set()).update(addressed_to(one)[0] for one in variations)
    for response, languages in written.items():
        if language not in languages:
            yield ("answers" if response.startswith(ANSWER) else "responses"), response.removeprefix(ANSWER)


def _has(words: Any, language: str, codes: tuple[str, ...]) -> bool:
    """Whether words by language have this one; what is no such thing lacks nothing."""
    return not isinstance(words, dict) or not any(code in words for code in codes) or bool(words.get(language))
