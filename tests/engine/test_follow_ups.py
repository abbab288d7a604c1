"""What an answer does not say is owned up to, and what it says in other words is told (`tests/follow_ups/`)."""

import json

import pytest

from engine.cards import Cards
from engine.passages import is_unsaid
from engine.shelves import folders
from engine.topics import open_vectors
from tests.engine.conftest import ROOT

QUESTIONS = [json.loads(line) for line in (ROOT / "tests" / "follow_ups" / "questions.jsonl").open(encoding="utf-8")]
# Of sixty each, by the words alone: which kind of part answers such questions is learned, and no model is loaded here.
MOST_LOST, LEAST_OWNED_UP = 2, 14


def owned_up(half, said):
    """The questions that are told that the answer does not say it."""
    if open_vectors() is None:
        pytest.skip("the encoder is not here")
    cards = Cards(folders())
    asked = [one for one in QUESTIONS if (one["half"], one["said"]) == (half, said)]
    assert len(asked) == 60
    return [one for one in asked if is_unsaid({"text": one["text"], "parts": {}}, cards.get(one["topic"], one["lang"]))]


@pytest.mark.parametrize("half", ["fit", "judge"])
def test_what_the_answer_says_in_other_words_is_not_denied(half):
    assert len(owned_up(half, said=True)) <= MOST_LOST


def test_of_what_the_answer_does_not_say_some_is_owned_up_to():
    assert len(owned_up("judge", said=False)) >= LEAST_OWNED_UP


def test_who_asks_for_a_fact_that_the_answer_has_is_told_it_in_whatever_words():
    card = Cards(folders()).get("opening_licence", "es")
    sure = {"text": "cuanto es la broma", "parts": {"fact:fee": 0.9, "text": 0.1}}
    assert any(part.kind == "fact:fee" for part in card.parts) and not is_unsaid(sure, card)
