"""The summary says what a person is wanted for, whatever was pressed or nodded since."""

from typing import Any

import pytest

from bot.handoff.packet import summarise


def packet(*names: str) -> dict[str, Any]:
    intents = [{"text": "", "ranking": [{"name": name, "title": name.upper(), "confidence": 0.9}]} for name in names]
    return {"intents": intents, "form": None, "last_answers": [], "turns": len(names), "minutes": 1}


@pytest.mark.parametrize("after", ["choose", "form", "ask_human", "affirm", "out_of_scope", "draft"])
def test_the_last_matter_is_named_and_no_button_behind_it(after: str) -> None:
    assert summarise(packet("faq/passport", after), [])[0] == {"key": "topic", "title": "FAQ/PASSPORT"}


def test_what_was_begun_is_a_matter() -> None:
    assert summarise(packet("faq/passport", "report_problem"), [])[0]["title"] == "REPORT_PROBLEM"


def test_without_any_the_summary_says_so() -> None:
    assert summarise(packet("greet", "choose"), [])[0] == {"key": "no_topic"}
