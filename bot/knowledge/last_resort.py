"""The few things that are said whatever breaks: the emergency numbers, and that a person will answer."""

from pathlib import Path

import structlog

from bot.knowledge.knowledge import LANGUAGES, Knowledge, read_yaml
from bot.knowledge.languages import PACKS
from bot.knowledge.render import Rendered, render
from bot.settings import ROOT

log = structlog.get_logger()
_WORDS: dict[str, dict[str, str]] = read_yaml(Path(__file__).parent / "texts" / "last_resort.yml")
_FURTHER: dict[str, dict[str, str]] = {
    path.parent.name: read_yaml(path) for path in sorted((ROOT / "data" / PACKS).glob("*/last_resort.yml"))
}


def render_surely(knowledge: Knowledge, response: str, language: str, agency: str = "") -> Rendered:
    """`response` as the agency words it, else as the program brings it along. Raises KeyError when it does not."""
    try:
        if knowledge.answer(response, language, agency):
            return render(knowledge, response, language, agency=agency)
        log.error("last_resort.unwritten", response=response)
    except Exception:
        log.exception("last_resort.unreadable", response=response)
    words = _WORDS[response]
    return Rendered(_FURTHER.get(language, {}).get(response) or words.get(language) or words[LANGUAGES[0]])
