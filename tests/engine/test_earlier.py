"""What is told before a report begins is kept for it; questions are not."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

import pytest

from engine.earlier import MOST, told_now
from engine.labels import labelled
from engine.reading import Reading
from engine.situation import Situation
from tests.engine.heard import LATER, alone

BUS = "the bus came late three times this week"


def kept(
    text: str, labels: Dict[str, float], situation: Situation = LATER, before: Any = None, intent: str = "faq/pool"
) -> Optional[str]:
    own = alone(text, labels)
    made = told_now(Reading([labelled(own, intent, 0.9)]), own, situation, json.dumps(before) if before else None)
    return json.loads(made)["text"] if made else None


def test_what_is_told_beside_a_matter_is_kept() -> None:
    assert kept(BUS, {"faq/pool": 0.6, "act/text": 0.3}) == BUS


@pytest.mark.parametrize("labels", [{"faq/pool": 0.95}, {"faq/pool": 0.5, "act/fee": 0.4}])
def test_a_question_is_not(labels: Dict[str, float]) -> None:
    assert kept("how much is the bus for a child?", labels) is None


def test_a_lone_question_is_not_however_it_looks() -> None:
    assert kept("has the bus come late three times this week?", {"act/text": 0.9}) is None


def test_a_question_does_not_replace_what_was_told_and_what_is_told_again_does() -> None:
    before = {"text": BUS, "place": "", "share": 0.6}
    assert kept("whose fault is that, I ask you?", {"faq/pool": 0.8, "act/text": 0.02}, before=before) is None
    assert kept("the bin has been full for two weeks", {"act/text": 0.9}, before=before) is not None


@pytest.mark.parametrize("intent", ["report_problem", "crisis", "ask_human"])
def test_what_begins_a_report_or_goes_to_people_is_not_kept_beside_it(intent: str) -> None:
    assert kept(BUS, {"act/text": 0.9}, intent=intent) is None


def test_words_in_a_form_short_ones_and_long_stories_are_not_kept() -> None:
    assert kept(BUS, {"act/text": 0.9}, Situation(slot="item_text")) is None
    assert kept("bus late", {"act/text": 0.9}) is None
    assert kept("bus " * MOST, {"act/text": 0.9}) is None


def test_the_street_is_kept_with_it() -> None:
    own = {**alone(BUS, {"act/text": 0.9}), "entities": [{"entity": "street", "value": "calle Mayor"}]}
    made = told_now(Reading([labelled(own, "faq/pool", 0.9)]), own, LATER, None)
    assert made is not None and json.loads(made)["place"] == "calle Mayor"
