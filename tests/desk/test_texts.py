"""Every word of the pages stands in both languages, and every word that a template asks for stands somewhere."""

import re
from pathlib import Path

import pytest

from bot.app import BOT
from bot.desk.ways import ICONS
from bot.knowledge.accent import DARK_SURFACE, _lighter, _read, contrast
from bot.states import Reason, State
from bot.suggestions.items import NEXT_STATES
from bot.web.texts import SHARED, Texts

ASKED = re.compile(r"\bt\('([a-z_.]+)'[,)]")
FOLDERS = [SHARED, BOT / "desk" / "texts", BOT / "studio" / "texts"]
TEMPLATES = sorted(template for folder in FOLDERS for template in (folder.parent / "templates").glob("*.html"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_both_languages_have_the_same_keys(folder: Path) -> None:
    texts = Texts((folder,))
    assert texts.keys("es") == texts.keys("en")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_no_template_asks_for_words_that_nobody_wrote(template: Path) -> None:
    texts = Texts((template.parent.parent / "texts",))
    missing = [key for key in ASKED.findall(template.read_text("utf-8")) if not texts.has(key)]
    assert missing == []


def test_every_state_and_reason_has_a_word() -> None:
    texts = Texts((BOT / "desk" / "texts",))
    keys = [f"state.{state}" for state in State] + [f"reason.{reason}" for reason in Reason]
    keys += [f"delivery.{state}" for state in ICONS] + [f"item_state.{state}" for state in NEXT_STATES]
    assert [key for key in keys if not texts.has(key)] == []


@pytest.mark.parametrize("accent", ["#1F5A8A", "#0B6B57", "#7A2E4D", "#000000"])
def test_an_agencys_colour_is_legible_on_dark_pages_too(accent: str) -> None:
    assert contrast(_lighter(_read(accent)), DARK_SURFACE) >= 6.5
