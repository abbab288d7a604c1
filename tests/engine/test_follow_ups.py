"""What an answer does not say is owned up to, and what it says in other words is told (`tests/follow_ups/`)."""

import json

import pytest

from engine.cards import Cards
from engine.passages import SAID, UNSAID, nearness, passages
from engine.shelves import folders
from engine.topics import open_vectors
from tests.engine.conftest import ROOT

QUESTIONS = [json.loads(line) for line in (ROOT / "tests" / "follow_ups" / "questions.jsonl").open(encoding="utf-8")]
# Of sixty each, by the words alone: which kind of part answers such questions is learned, and no model is loaded here.
MOST_LOST, LEAST_OWNED_UP, LEAST_HEDGED = 6, 34, 45


def heard(half, said):
    """How likely the answers say what the questions ask."""
    if open_vectors() is None:
        pytest.skip("the encoder is not here")
    cards = Cards(folders())
    asked = [one for one in QUESTIONS if (one["half"], one["said"]) == (half, said)]
    assert len(asked) == 60
    found = [
        passages({"text": one["text"], "parts": {}}, cards.get(one["topic"], one["lang"]), nearness) for one in asked
    ]
    return [one.said for one in found]


@pytest.mark.parametrize("half", ["fit", "judge"])
def test_what_the_answer_says_in_other_words_is_not_denied(half):
    assert sum(said < UNSAID for said in heard(half, said=True)) <= MOST_LOST


def test_of_what_the_answer_does_not_say_half_is_owned_up_to_and_most_is_told_with_a_doubt():
    said = heard("judge", said=False)
    assert sum(one < UNSAID for one in said) >= LEAST_OWNED_UP and sum(one < SAID for one in said) >= LEAST_HEDGED


def test_who_asks_for_a_fact_that_the_answer_has_is_told_it_in_whatever_words():
    card = Cards(folders()).get("opening_licence", "es")
    sure = {"text": "cuanto es la broma", "parts": {"fact:fee": 0.9, "text": 0.1}}
    found = passages(sure, card, nearness)
    assert [part.kind for part in found.parts] == ["fact:fee"] and found.said >= UNSAID


def test_a_clear_question_gets_one_line_and_none_gets_more_than_three():
    if open_vectors() is None:
        pytest.skip("the encoder is not here")
    cards = Cards(folders())
    told = [
        len(passages({"text": one["text"], "parts": {}}, cards.get(one["topic"], one["lang"]), nearness).parts)
        for one in QUESTIONS
    ]
    assert set(told) == {1, 2, 3}


def test_behind_the_best_line_the_others_stand_as_in_the_answer():
    card = Cards(folders()).get("disabled_parking", "en")
    order = [part.key for part in card.parts]
    for text in ("what if it is stolen?", "my leg is broken for some months", "tell me more", "and then?"):
        others = [part.key for part in passages({"text": text, "parts": {}}, card, nearness).parts[1:]]
        assert others == sorted(others, key=order.index)
