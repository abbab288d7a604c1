"""An example is cheap to copy and to compare, and a topic of few examples is known from what it says of itself."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.importer import Example, told_of_few
from engine.nlg import read_words

TOPICS = """
topics:
- {id: snow_plan, level: local, title: {es: Plan de nieve, en: Snow plan}}
"""
ANSWER = """
responses:
  utter_faq/snow_plan:
  - condition: [{type: slot, name: language, value: es}]
    text: Quitamos la nieve.
    custom: {steps: [Pide sal.], facts: {fee: gratis}}
"""

DATA = {TEXT: "bin day", INTENT: "faq", "entities": [{"entity": "date"}]}


def test_it_is_rasas_message() -> None:
    example, message = Example(DATA), Message(DATA)
    assert example == message and hash(example) == hash(message)
    assert example.as_dict() == message.as_dict()


def test_a_copy_is_another_one() -> None:
    example = Example(DATA)
    made = deepcopy(example)
    assert made == example
    made.set(TEXT, "another day")
    made.get("entities").append({"entity": "street"})
    assert example.get(TEXT) == "bin day" and example.get("entities") == [{"entity": "date"}] and made != example


def test_what_is_set_anew_is_not_compared_anew() -> None:
    example = Example(DATA)
    known = example.fingerprint()
    example.set(INTENT, "faq")
    assert example._cached_fingerprint == known
    example.set(INTENT, "greet")
    assert example.fingerprint() != known


def test_a_topic_of_few_examples_is_known_from_its_title_and_the_towns_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"lookup/topics": TOPICS, "responses/snow": ANSWER}.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True)
        (tmp_path / "data" / f"{name}.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("TOWN", str(tmp_path))
    read_words.cache_clear()
    told = {(message.get(TEXT), message.get_full_intent()) for message in told_of_few(TrainingData())}
    read_words.cache_clear()
    ours = {text for text, label in told if label == "faq/snow_plan"}
    assert ours == {"Plan de nieve", "Snow plan", "Plan de nieve. Quitamos la nieve.", "Plan de nieve. Pide sal."}
