"""The words' view says what scikit-learn's own pipeline says."""

from __future__ import annotations

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from engine.acts import parts_of
from engine.classifier import Classifier, Weights
from engine.topics import TopicClassifier
from engine.views import Recipe, WordView, fold, in_haste

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
        LogisticRegression(C=20.0, solver="liblinear", dual=True, max_iter=Recipe().passes, random_state=0),
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


TAUGHT = {
    "faq/pool": ["when does the pool open", "opening hours of the pool", "price of the pool"],
    "act/fee": ["how much is it", "what does that cost", "and how much"],
    "crisis": ["he hits me every night", "my father does not breathe", "she does not breathe any more"],
}


@pytest.fixture(scope="module")
def component() -> TopicClassifier:
    """The component with what it has learned from a few examples, by their words alone."""
    texts = [(text, label) for label, examples in TAUGHT.items() for text in examples]
    model = Classifier(Recipe(mistyped=0)).fit([text for text, _ in texts], [label for _, label in texts], None)
    said = Message({"text": "x", "metadata": {"intent": {"part": "fact:fee"}}})
    return TopicClassifier({}, None, None, (model, parts_of([(said, "act/fee")]), {}, None, None))  # type: ignore[arg-type]


def understood(component: TopicClassifier, text: str, **more: object) -> Message:
    return component.process([Message({"text": text, **more})])[0]


def test_a_message_carries_what_it_may_do_which_part_may_answer_it_and_how_dangerous_it_sounds(component) -> None:
    message = understood(component, "and how much is it")
    acts, parts = message.get("acts"), message.get("parts")
    assert max(acts, key=acts.get) == "fee" and max(parts, key=parts.get) == "fact:fee"
    assert message.get("danger") < 0.2 and message.get("hidden_danger") == 0.0
    assert {entry["name"] for entry in message.get("intent_ranking")} == {"faq/pool", "crisis"}
    assert message.get("intent")["name"] in ("faq", "crisis"), "no act is an intent before the situation is known"


def test_danger_is_told_of_the_whole_message_and_of_its_worst_sentence(component) -> None:
    assert understood(component, "he hits me every night").get("danger") > 0.5
    told = understood(
        component, "When does the pool open? My father does not breathe. Thanks for the hours of the pool."
    )
    assert told.get("hidden_danger") > max(0.5, told.get("danger"))
    assert sum(told.get("acts").values()) == pytest.approx(1.0 - told.get("danger"))


def test_a_button_is_not_understood_again(component) -> None:
    message = understood(component, "/faq/pool", intent={"name": "faq"})
    assert message.get("acts") is None and message.get("intent") == {"name": "faq"}


def test_in_haste_whole_words_alone_are_learned() -> None:
    learned = Classifier(in_haste(Recipe())).fit(TEXTS, LABELS, None)
    assert learned.meaning is None and learned.words is not None and len(learned.words.grams) == 1
    assert learned.labels[learned.ask("bin day", lambda _: None)[0].argmax()] == "waste"


def test_a_label_with_few_examples_keeps_nobody_from_being_fitted() -> None:
    """With three examples of a new topic all others lost their temperature, and were less sure of everything."""
    texts = [f"bin number {n}" for n in range(12)] + [f"passport of {n}" for n in range(12)]
    labels = ["faq/waste"] * 12 + ["faq/passport"] * 12
    alone = Classifier(Recipe(mistyped=0)).fit(texts, labels, None)
    beside = Classifier(Recipe(mistyped=0)).fit([*texts, "bee hives", "honey"], [*labels, "faq/bees", "faq/bees"], None)
    assert alone.weights.words_temperature != Weights().words_temperature != beside.weights.words_temperature
    assert "faq/bees" not in dict(beside.held_back) and "faq/bees" in beside.labels
