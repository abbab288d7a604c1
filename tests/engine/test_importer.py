"""An example is cheap to copy and to compare, and is else what Rasa's message is."""

from __future__ import annotations

from copy import deepcopy

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.importer import Example

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
