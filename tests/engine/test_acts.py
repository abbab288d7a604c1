"""What a message does, learned among the labels; and which part of an answer such messages are answered with."""

from __future__ import annotations

import pytest
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message

from engine.acts import ACT, BEGIN, KINDS, SAME, TOPIC, act_of, acts_of, kinds_of, parts_of
from engine.importer import NamesOnlyImporter
from engine.situation import ALWAYS, CHOOSE, FILED, FORM, WAITING, Offer, Situation
from engine.topics import ranking_of
from tests.engine.conftest import ROOT


@pytest.mark.parametrize(
    ("label", "act"),
    [
        ("act/fee", "fee"),
        ("faq/passport", TOPIC),
        ("bot_challenge", TOPIC),
        ("affirm", "yes"),
        ("ask_human", "person"),
        ("report_problem", BEGIN),
        ("make_complaint", BEGIN),
    ],
)
def test_a_label_stands_for_an_act(label: str, act: str) -> None:
    assert act_of(label) == act


def test_acts_of_the_same_name_are_added_and_danger_is_none() -> None:
    acts = acts_of([("faq/a", 0.2), ("faq/b", 0.3), ("act/fee", 0.1), ("crisis", 0.3), ("make_suggestion", 0.1)])
    assert acts == {TOPIC: pytest.approx(0.5), "fee": 0.1, BEGIN: 0.1}


def test_the_ranking_that_people_are_shown_has_no_acts_and_adds_up() -> None:
    ranked = ranking_of([("act/fee", 0.6), ("faq/a", 0.1), ("greet", 0.3)])
    assert ranked == [{"name": "greet", "confidence": 0.75}, {"name": "faq/a", "confidence": 0.25}]


def told(label: str, part: str = "") -> tuple:
    message = Message({"text": "x", "intent": label})
    if part:
        message.set("metadata", {"intent": {"part": part}})
    return message, label


def test_an_act_is_answered_with_the_part_that_its_examples_name() -> None:
    parts = parts_of([told("act/fee", "fact:fee"), told("act/fee", "fact:fee"), told("act/next", "step")])
    assert set(parts) == {"fee", "next"}
    assert max(parts["fee"], key=parts["fee"].get) == "fact:fee" and max(parts["next"], key=parts["next"].get) == "step"
    assert sum(parts["fee"].values()) == pytest.approx(1.0) and set(parts["fee"]) == set(KINDS)
    kinds = kinds_of({"fee": 0.6, "next": 0.1, "topic": 0.3}, parts)
    assert max(kinds, key=kinds.get) == "fact:fee" and sum(kinds.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("examples", [[], [told("act/fee")], [told("faq/a", "fact:fee")]])
def test_where_no_example_names_a_part_none_is_likelier(examples: list) -> None:
    assert parts_of(examples) == {} and kinds_of({"fee": 1.0}, {}) == {}


# -- the examples as they stand in the checkout


@pytest.fixture(scope="module")
def learned() -> dict:
    """Act → parts that the examples under data/nlu name."""
    data = RasaFileImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data" / "nlu")])
    acts: dict = {}
    for message in data.get_nlu_data().intent_examples:
        part = ((message.get("metadata") or {}).get("intent") or {}).get("part")
        acts.setdefault(act_of(message.get_full_intent()), set()).update({part} if part else set())
    return acts


def test_every_act_that_can_be_heard_has_examples(learned: dict) -> None:
    everywhere = Situation(topics=("a", "b"), offered=(Offer("/x", "X"),), filed=True, people="waiting").possible()
    assert (everywhere | FORM) - set(learned) == set()


def test_every_act_of_the_examples_can_be_heard_somewhere(learned: dict) -> None:
    everywhere = Situation(topics=("a", "b"), offered=(Offer("/x", "X"),), filed=True, people="waiting").possible()
    begins, never = {"again_filed"}, {"harmless"}  # the latter are learned in order never to be heard
    assert set(learned) - everywhere - FORM == begins | never
    assert Situation().weighed({**dict.fromkeys(begins, 0.5), "topic": 0.1})[BEGIN] > 0.5
    assert everywhere >= ALWAYS | CHOOSE | FILED | WAITING


def test_every_part_that_the_examples_name_is_a_kind_of_part(learned: dict) -> None:
    assert set().union(*learned.values()) <= set(KINDS)


def test_rasa_finds_a_response_to_every_act_and_none_to_what_the_counter_says_itself(tmp_path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: act/fee\n  examples: |\n    - how much\n    - price\n'
        "responses:\n  utter_faq/a:\n  - text: words\n  utter_system/a:\n  - text: words\n"
    )
    data = NamesOnlyImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(tmp_path)]).get_nlu_data()
    assert data.responses == {name: [{"text": name}] for name in (f"utter_{ACT}fee", "utter_faq/a")}
    assert set(SAME) & set(data.intents) == set()
