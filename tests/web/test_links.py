"""What becomes a link in a text: one rule and one table, for pages here and for the widget in a browser."""

import json
import re
import time
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT
from bot.web.links import find_links, linked

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "links.json").read_text(encoding="utf-8"))
TEXTS = [case["text"] for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=TEXTS)
def test_what_becomes_a_link(case: dict[str, Any]) -> None:
    found = find_links(case["text"], phones=case.get("phones", False))
    assert [[link.shown, link.address] for link in found] == case["links"]
    assert all(case["text"][link.start :].startswith(link.shown) for link in found)


@pytest.mark.parametrize("case", CASES, ids=TEXTS)
def test_a_page_shows_the_whole_text_with_its_links(case: dict[str, Any]) -> None:
    shown = str(linked(case["text"], phones=case.get("phones", False)))
    assert unescape(re.sub(r"<[^>]*>", "", shown)) == case["text"]
    assert [unescape(address) for address in re.findall(r'href="([^"]*)"', shown)] == [a for _, a in case["links"]]


def test_markup_of_a_citizen_stays_text() -> None:
    shown = str(linked('<img src=x onerror=alert(1)> https://x.example/"onmouseover="alert(1) <b>'))
    assert "<img" not in shown and "<b>" not in shown
    assert re.findall(r"<a [^>]*>", shown) == ['<a href="https://x.example/" rel="noopener noreferrer">']


@pytest.mark.parametrize("piece", ["a.", "a@", "https://", "(", "612 ", "www.", "1", "https://x/((", "'"])
def test_hostile_text_costs_linear_time(piece: str) -> None:
    def took(length: int) -> float:
        text = (piece * length)[:length]
        started = time.process_time()
        find_links(text, phones=True)
        return time.process_time() - started

    short, long = (min(took(length) for _ in range(3)) for length in (4_000, 16_000))
    assert long < 9 * short + 0.004  # four times the length; quadratic would be sixteen


@pytest.mark.parametrize("template", ["bot/desk/templates/_line.html", "bot/channels/web/templates/chat.html"])
def test_no_page_has_a_rule_of_its_own(template: str) -> None:
    page = (ROOT / template).read_text(encoding="utf-8")
    assert "urlize" not in page and "linked" in page
