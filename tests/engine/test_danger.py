"""Danger is heard in the one sentence of a message that tells of it, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from engine.classifier import Classifier
from engine.danger import MOST_ASKED, MOST_READ, hidden_danger
from engine.views import Recipe

DANGER = [
    "my father does not breathe",
    "he hits me every night",
    "she does not breathe any more",
    "he hits the children",
]
LABELS = ["crisis"] * 4 + ["faq/swimming_pool"] * 4
POOL = ["when does the pool open", "opening hours of the pool", "is the pool open today", "price of the pool"]


@pytest.fixture(scope="module")
def model() -> Classifier:
    return Classifier(Recipe(mistyped=0)).fit([*DANGER, *POOL], ["crisis"] * 4 + ["faq/swimming_pool"] * 4, None)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("When does the pool open? My father does not breathe. Thanks for the hours of the pool.", True),
        ("When does the pool open? And the price of the pool today?", False),
        ("my father does not breathe", False),  # one sentence: the classifier itself hears it
        ("Breathe. Hits.", False),
        ("", False),
    ],
)
def test_a_sentence_among_several(model: Classifier, text: str, heard: bool) -> None:
    danger, deep = hidden_danger(text, model, lambda _: None)
    assert (danger > 0.7) is heard
    assert not deep


def test_a_model_that_knows_no_danger() -> None:
    others = Classifier(Recipe(mistyped=0)).fit([*DANGER, *POOL], ["greet"] * 4 + ["faq/swimming_pool"] * 4, None)
    assert hidden_danger("he hits me. every night.", others, lambda _: None) == (0.0, False)


@pytest.mark.parametrize("foreign", [True, False])
@pytest.mark.parametrize(
    "sentence", ["he hits the children. ", "he hits the children at the pool and every night " * 8 + ". "]
)
def test_however_many_sentences_the_encoder_reads_a_little(foreign: bool, sentence: str) -> None:
    model = Classifier(Recipe(mistyped=0, alone=1.1)).fit([*DANGER, *POOL], LABELS, vectors)
    asked = []

    def encode(text: str) -> np.ndarray:
        asked.append(text)
        return vectors([text])[0]

    hidden_danger("my father is calling. " + sentence * 60 + "she does not breathe", model, encode, foreign)
    assert 0 < len(asked) <= MOST_ASKED
    assert sum(map(len, asked)) <= MOST_READ
    assert not foreign or asked[:2] == ["my father is calling.", "she does not breathe"], (
        "where people say what it is about"
    )


def vectors(texts: list) -> np.ndarray:
    return np.array([[len(text) % 7 + 1.0, text.count("h") + 1.0, text.count("e")] for text in texts], dtype=np.float32)
