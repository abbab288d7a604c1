"""The words of the pages of staff, by key and language; none stands in Python or in a template."""

from collections.abc import Iterable
from pathlib import Path

from bot.knowledge.entries import fill
from bot.knowledge.knowledge import LANGUAGES, read_yaml

SHARED = Path(__file__).parent / "texts"


class Texts:
    """Reads `<language>.yml` of the shared folder and of each other folder given."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._words: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in (SHARED, *folders):
            for language in LANGUAGES:
                file = folder / f"{language}.yml"
                if file.exists():
                    self._words[language].update(read_yaml(file) or {})

    def say(self, language: str, key: str, /, **args: object) -> str:
        """The words of `key`; another language's when these are missing, the key itself when all are."""
        for wanted in (language, *LANGUAGES):
            if (words := self._words.get(wanted, {}).get(key)) is not None:
                return fill(words, args)
        return key

    def has(self, key: str) -> bool:
        """Whether anybody wrote words for `key`."""
        return any(key in words for words in self._words.values())

    def keys(self, language: str) -> set[str]:
        """All keys of one language."""
        return set(self._words[language])
