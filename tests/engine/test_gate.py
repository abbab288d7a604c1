"""When the engine owns up to not having understood."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from engine.gate import Gate, has_words


def ranking(*confidences):
    return [{"name": f"faq/{i}", "confidence": c} for i, c in enumerate(confidences)]


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


@pytest.mark.parametrize(("confidence", "intent"), [(0.49, "nlu_fallback"), (0.5, "faq")])
def test_it_is_unsure_under_the_threshold(confidence, intent):
    assert judged("pagar el ibi", confidence).get("intent")["name"] == intent


@pytest.mark.parametrize("danger", [{}, {"hidden_danger": 0.99}, {"danger": 0.99}])
def test_it_does_not_judge_danger_which_needs_the_situation(danger):
    message = Message({"text": "x", "intent": {"name": "faq"}, "intent_ranking": ranking(0.9), **danger})
    assert Gate(Gate.get_default_config()).process([message])[0].get("intent")["name"] == "faq"
