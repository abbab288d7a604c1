"""Whoever writes examples is told which topics are not told apart."""

from __future__ import annotations

import numpy as np

from engine.classifier import Classifier
from engine.figures import figures_of
from engine.views import Recipe


def test_each_topic_says_what_its_held_back_examples_were_taken_for() -> None:
    labels = ["faq/pool"] * 6 + ["faq/beach"] * 5 + ["greet"] * 5
    held = [("faq/pool", "faq/pool"), ("faq/pool", "faq/beach"), ("faq/beach", "out_of_scope"), ("greet", "faq/pool")]
    assert figures_of(labels, held) == {
        "beach": {"examples": 5, "held_back": 1, "right": 0, "taken_for": {"out_of_scope": 1}},
        "pool": {"examples": 6, "held_back": 2, "right": 1, "taken_for": {"faq/beach": 1}},
    }


def test_by_itself_no_message_is_taken_for_an_act() -> None:
    texts = (
        [f"how much {n}" for n in range(10)] + [f"passport {n}" for n in range(10)] + [f"hello {n}" for n in range(10)]
    )
    labels = ["act/fee"] * 10 + ["faq/passport"] * 10 + ["greet"] * 10
    model = Classifier(Recipe(mistyped=0)).fit(texts, labels, None)
    assert {other for _, other in model.held_back} <= {"faq/passport", "greet"}


def test_what_is_held_back_is_a_fifth_of_each_label() -> None:
    texts = [f"bin {n}" for n in range(10)] + [f"passport {n}" for n in range(10)]
    model = Classifier(Recipe(mistyped=0)).fit(texts, ["faq/waste"] * 10 + ["faq/passport"] * 10, None)
    assert sorted(label for label, _ in model.held_back) == ["faq/passport"] * 2 + ["faq/waste"] * 2


def test_of_too_few_examples_none_is_held_back() -> None:
    model = Classifier(Recipe(mistyped=0)).fit(["bin", "passport"], ["faq/waste", "faq/passport"], None)
    assert model.held_back == [] and np.isclose(model.ask("bin", lambda _: None)[0].sum(), 1.0)
