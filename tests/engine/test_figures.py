"""Whoever writes examples is told which topics are not told apart."""

from __future__ import annotations

import numpy as np

from engine.classifier import Classifier, Recipe
from engine.figures import figures_of

KNOWN = ["act/fee", "faq/beach", "faq/pool", "greet", "out_of_scope"]
POOL, BEACH, NOBODYS = [0.0, 0.1, 0.8, 0.1, 0.0], [0.0, 0.7, 0.2, 0.1, 0.0], [0.5, 0.1, 0.0, 0.1, 0.3]


def test_each_topic_says_what_its_held_back_examples_were_taken_for() -> None:
    labels = ["faq/pool"] * 6 + ["faq/beach"] * 5 + ["greet"] * 5
    held = ["faq/pool", "faq/pool", "faq/beach", "greet"]
    assert figures_of(labels, KNOWN, held, np.array([POOL, BEACH, NOBODYS, POOL])) == {
        "beach": {"examples": 5, "held_back": 1, "right": 0, "taken_for": {"out_of_scope": 1}},
        "pool": {"examples": 6, "held_back": 2, "right": 1, "taken_for": {"faq/beach": 1}},
    }


def test_what_is_held_back_is_a_fifth_of_each_label() -> None:
    texts = [f"bin {n}" for n in range(10)] + [f"passport {n}" for n in range(10)]
    model = Classifier(Recipe(mistyped=0)).fit(texts, ["faq/waste"] * 10 + ["faq/passport"] * 10, None)
    labels, shares = model.held_back
    assert sorted(labels) == ["faq/passport"] * 2 + ["faq/waste"] * 2 and shares.shape == (4, 2)


def test_of_too_few_examples_none_is_held_back() -> None:
    model = Classifier(Recipe(mistyped=0)).fit(["bin", "passport"], ["faq/waste", "faq/passport"], None)
    assert model.held_back[0] == [] and np.isclose(model.ask("bin", lambda _: None)[0].sum(), 1.0)
