"""When the engine owns up to not having understood."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from engine.gate import Gate, has_words, is_unsure


def ranking(*confidences):
    return [{"name": f"faq/{i}", "confidence": c} for i, c in enumerate(confidences)]


@pytest.mark.parametrize(
    ("confidences", "unsure"),
    [((), True), ((0.1, 0.01), True), ((0.4, 0.38), True), ((0.4, 0.1), False), ((0.55, 0.53), False), ((0.4,), False)],
)
def test_it_is_unsure_when_low_or_close(confidences, unsure):
    assert is_unsure(ranking(*confidences), threshold=0.2, margin=0.05, sure=0.5) is unsure


@pytest.mark.parametrize(("text", "words"), [("😀", False), ("?!…", False), ("IBI", True), ("12", True)])
def test_words_are_letters_or_digits(text, words):
    assert has_words(text) is words


def judged(text, confidence):
    message = Message(
        {"text": text, "intent": {"name": "faq", "confidence": confidence}, "intent_ranking": ranking(confidence)}
    )
    return Gate(Gate.get_default_config()).process([message])[0]


def test_it_keeps_the_ranking():
    message = judged("algo raro", 0.1)
    assert message.get("intent") == {"name": "nlu_fallback", "confidence": 0.1}
    assert message.get("intent_ranking") == ranking(0.1)


def test_it_lets_buttons_pass():
    assert judged("/faq/bulky_waste", 0.0).get("intent")["name"] == "faq"
