"""Each clause of a message for the form says what it does. What it looks like by itself is given here."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List

import pytest

from engine.clauses import told
from engine.labels import labelled
from engine.reading import Reading
from engine.several import MOST, spans
from engine.situation import Situation
from tests.engine.heard import Labels, alone

PLACE = Situation(slot="item_place", later=True)


def read(text: str, whole: Labels, label: str, situation: Situation = PLACE, **clauses: Labels) -> Dict[str, Any]:
    """The intent of `text`, whose whole looks like `whole` and was read as `label`, and what its clauses do."""

    async def understand(words: str) -> Dict[str, Any]:
        return alone(words, next((labels for name, labels in clauses.items() if name in words), {"act/place": 0.9}))

    own = alone(text, whole)
    reading = Reading([labelled(own, label, 0.9, {"act": "place"} if label == "form" else {})])
    made = asyncio.run(told(reading, own, situation, understand)).parsed[0]
    found = [entity["value"] for entity in made["entities"] if entity["entity"] == "clauses"]
    acts = [(text[start:end], act) for start, end, act, _, _ in json.loads(found[0])] if found else []
    return {"intent": made["intent"]["name"], "clauses": acts}


def cut(text: str) -> List[str]:
    return [text[start:end] for start, end in spans(text)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("in the square, I told you. and who reads this?", ["in the square,", "I told you.", "and who reads this?"]),
        ("pon: a las 10:30 y ya", ["pon:", "a las 10:30", "y ya"]),
        ("one", ["one"]),
    ],
)
def test_a_text_is_cut_where_its_clauses_end(text: str, clauses: List[str]) -> None:
    assert cut(text) == clauses


def test_of_a_long_story_the_rest_is_one_clause_and_nothing_is_left_out() -> None:
    text = ". ".join(str(number) for number in range(100))
    assert len(cut(text)) == MOST and " ".join(cut(text)) == text


def test_each_clause_for_the_form_says_what_it_does() -> None:
    text = "in the square, who reads this?"
    found = read(text, {"act/place": 0.9}, "form", who={"act/aside": 0.9})
    assert found == {"intent": "form", "clauses": [("in the square,", "place"), ("who reads this?", "aside")]}


@pytest.mark.parametrize(("label", "act"), [("check_status", "status"), ("act/again_filed", "two")])
def test_inside_a_form_it_may_be_asked_whether_it_was_sent_and_another_report_is_another_matter(
    label: str, act: str
) -> None:
    assert read("did it go?", {label: 0.9}, "form")["clauses"] == [("did it go?", act)]


def test_what_begins_a_report_is_read_as_one() -> None:
    found = read("oh no. it is dark", {"report_problem": 0.9}, "report_problem", Situation(), oh={"deny": 0.9})
    assert [act for _, act in found["clauses"]] == ["no", "place"]


@pytest.mark.parametrize("label", ["ask_human", "crisis", "cancel", "faq/pool"])
def test_what_is_not_meant_for_the_form_stays_what_it_is(label: str) -> None:
    assert read("in the square, now", {label: 0.9}, label) == {"intent": label.split("/")[0], "clauses": []}


def test_a_message_outside_a_form_is_not_cut() -> None:
    assert read("in the square, now", {"greet": 0.9}, "greet", Situation(later=True))["clauses"] == []


def test_a_no_to_whether_she_is_in_danger_answers_no_question_of_the_form() -> None:
    asked = Situation(slot="item_contact", wary=True, later=True)
    clauses = {"no,": {"deny": 0.9}, "firemen": {"act/add": 0.9}}
    assert read("no, the firemen came", {"act/add": 0.9}, "form", asked, **clauses)["clauses"][0] == ("no,", "safe")
    calm = Situation(slot="item_contact", later=True)
    assert read("no, the firemen came", {"act/add": 0.9}, "form", calm, **clauses)["clauses"][0] == ("no,", "no")
