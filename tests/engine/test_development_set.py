"""The development set was written apart from the training examples, and stays apart."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from rasa.shared.utils.io import read_yaml_file

from engine.vectors import EncoderMissing, Vectors
from engine.views import fold

ROOT = Path(__file__).resolve().parents[2]
TOO_NEAR = 0.95  # cosine of the encoder's vectors, as they come from it


def examples():
    texts = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in read_yaml_file(path)["nlu"]:
            lines = str(entry.get("examples") or "").splitlines()
            texts += [line[2:].strip() for line in lines if line.startswith("- ")]
    return texts


def messages():
    files = sorted((ROOT / "tests" / "understanding").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def plain(text):
    return " ".join(re.findall(r"\w+", fold(text)))


def test_no_message_is_an_example():
    taught = {plain(text) for text in examples()}
    assert [one["text"] for one in messages() if plain(one["text"]) in taught] == []


def test_no_message_is_near_an_example():
    try:
        vectors = Vectors()
        nearness = vectors.of_examples([one["text"] for one in messages()]) @ vectors.of_examples(examples()).T
    except EncoderMissing as missing:
        pytest.skip(str(missing))
    near = [one["text"] for one, most in zip(messages(), nearness.max(axis=1), strict=True) if most > TOO_NEAR]
    assert near == []


def test_every_topic_is_asked_in_both_languages():
    topics = [topic["id"] for topic in read_yaml_file(ROOT / "data" / "lookup" / "topics.yml")["topics"]]
    asked = Counter((one["label"], one["lang"]) for one in messages())
    assert [(t, lang) for t in topics for lang in ("es", "en") if asked[t, lang] < 1] == []
