"""What a message names beside what it does."""

from __future__ import annotations

from typing import Dict

import pytest

from engine.labels import matter_of


def said(named: Dict[str, float], **topics: float) -> dict:
    ranking = [{"name": f"faq/{topic}", "confidence": share} for topic, share in topics.items()]
    return {"named": named, "intent_ranking": [{"name": "ask_human", "confidence": 0.9}, *ranking]}


def test_who_asks_for_a_person_names_the_matter_too() -> None:
    assert matter_of(said({"faq/terrace": 1.2, "faq/works": 0.5}, terrace=0.03, works=0.01)) == "terrace"


@pytest.mark.parametrize(
    "message",
    [
        said({}, terrace=0.05),
        said({"faq/terrace": 0.5}, terrace=0.05),
        said({"faq/works": 1.2, "faq/terrace": 0.9}, terrace=0.05),
        said({"faq/terrace": 1.2}, terrace=0.02, works=0.015, pool=0.015),
        said({"faq/terrace": 1.2}),
        {},
    ],
)
def test_a_matter_is_named_only_where_words_and_the_whole_agree(message: dict) -> None:
    assert matter_of(message) == ""
