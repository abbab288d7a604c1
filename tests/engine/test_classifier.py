"""The words' view says what scikit-learn's own pipeline says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from engine.classifier import WORD_ROUNDS, Classifier, Recipe, WordView, fold

TEXTS = [
    "¿cuándo pasa la basura?",
    "basura domingo",
    "bin day",
    "quiero un pasaporte",
    "passport for my son",
    "hola, hola",
    "hello",
]
LABELS = ["waste", "waste", "waste", "passport", "passport", "greet", "greet"]
ASKED = ["BASURA del domingo", "my passport", "hola", "", "😀", "xyz"]


@pytest.mark.parametrize("kept", [7, 5])
def test_it_says_what_scikit_learn_says(kept: int) -> None:
    """With three labels, and with two, of which scikit-learn keeps one row only."""
    common = {"preprocessor": fold, "sublinear_tf": True, "dtype": np.float32}
    theirs = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", **common),
            TfidfVectorizer(ngram_range=(2, 4), analyzer="char_wb", **common),
        ),
        LogisticRegression(C=20.0, solver="liblinear", dual=True, max_iter=WORD_ROUNDS, random_state=0),
    ).fit(TEXTS[:kept], LABELS[:kept])
    ours = WordView(Recipe()).fit(TEXTS[:kept], np.array(LABELS[:kept]))
    assert list(ours.labels) == list(theirs.classes_)
    assert np.allclose(ours.probabilities(ASKED), theirs.predict_proba(ASKED), atol=1e-5)


def test_of_a_text_in_a_language_without_examples_only_the_meaning_counts() -> None:
    """Each label has a direction of its own; the words of both texts are "waste", their meaning is "passport"."""
    directions = {
        label: np.eye(3, dtype=np.float32)[place] for place, label in enumerate(["waste", "passport", "greet"])
    }
    asked: list[str] = []

    def encode(text: str) -> np.ndarray:
        asked.append(text)
        return directions["passport"]

    model = Classifier(Recipe(mistyped=0, neurons=16)).fit(
        TEXTS, LABELS, lambda texts: np.array([directions[LABELS[TEXTS.index(text)]] for text in texts])
    )
    chosen = [model.labels[model.ask("basura domingo", encode, foreign)[0].argmax()] for foreign in (False, True)]
    assert chosen == ["waste", "passport"]
    assert asked[-1] == "basura domingo"  # the words were sure, and it was encoded all the same
