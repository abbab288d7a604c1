"""The stock project is made of our training data, less what only our components understand."""

import json
from typing import Any

import pytest
from ruamel.yaml import YAML

from bench.parts.stock import FEW, fingerprint, project
from bot.knowledge.knowledge import Knowledge
from bot.settings import ROOT


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return project(ROOT / "demo")


def test_stock_rasa_learns_as_many_examples_of_each_label(files: dict[str, str]) -> None:
    told = YAML(typ="safe").load(files["data/nlu.yml"])["nlu"]
    assert {len(entry["examples"].splitlines()) for entry in told} == {FEW}
    assert {f"faq/{topic}" for topic in Knowledge(ROOT / "demo").topics} <= {entry["intent"] for entry in told}


def test_stock_rasa_chooses_its_pipeline_and_policies_itself(files: dict[str, str]) -> None:
    assert files["config.yml"].endswith("pipeline:\npolicies:\n")


def test_rules_that_need_an_action_of_ours_are_left_out(files: dict[str, str]) -> None:
    rules = json.loads(files["data/rules.yml"])["rules"]
    actions = {step["action"] for rule in rules for step in rule["steps"] if "action" in step}
    assert "utter_faq" in actions
    assert all(action.startswith("utter_") for action in actions)


def test_every_topic_has_its_answer_in_words(files: dict[str, str]) -> None:
    responses: dict[str, list[dict[str, Any]]] = json.loads(files["domain.yml"])["responses"]
    answers = {name: said for name, said in responses.items() if name.startswith("utter_faq/")}
    assert answers
    assert all(variation["text"] for said in answers.values() for variation in said)


def test_the_model_is_named_by_what_it_was_trained_on(files: dict[str, str]) -> None:
    assert fingerprint(files) == fingerprint(dict(reversed(files.items())))
    assert fingerprint(files) != fingerprint(files | {"config.yml": "recipe: default.v1\n"})


def test_an_edited_answer_needs_no_training_and_a_new_example_does(files: dict[str, str]) -> None:
    edited = files["domain.yml"].replace('"text": "', '"text": "¡Atención! ')
    assert edited != files["domain.yml"]
    assert fingerprint(files | {"domain.yml": edited}) == fingerprint(files)
    taught = files["data/nlu.yml"] + "    - dónde tiro un piano\n"
    assert fingerprint(files | {"data/nlu.yml": taught}) != fingerprint(files)
