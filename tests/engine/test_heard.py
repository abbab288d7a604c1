"""What a message speaks of besides what is answered is offered, and what is asked next may be about it."""

import json

import pytest
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from engine import channel
from engine.heard import Heard as Spoken
from engine.heard import heard as spoken_of
from engine.several import Clause
from tests.engine.heard import EACH, POOL, Heard

STORY = "The swimming pool was lovely. How do I renew my passport?"
TOLD = {**EACH, "The swimming pool was lovely.": {"faq/pool": 0.7}}


def message(labels, named=None, **acts):
    ranking = [{"name": name, "confidence": share} for name, share in labels.items()]
    return {"intent_ranking": ranking, "named": named or {}, "acts": acts}


def test_the_matter_of_a_clause_that_is_not_answered_is_heard(heard: Heard) -> None:
    reading = heard({"faq/passport": 0.9}, text=STORY, others=TOLD)
    assert [one["intent"]["full_retrieval_intent_name"] for one in reading.parsed] == ["faq/passport"]
    assert reading.heard.topics == ("pool",)


def test_what_was_answered_before_is_not_offered_again(heard: Heard) -> None:
    assert heard({"faq/passport": 0.9}, POOL, STORY, others=TOLD).heard.topics == ()


def test_who_asks_about_an_answer_is_offered_nothing_besides(heard: Heard) -> None:
    asked = heard({"act/fee": 0.9}, POOL, "What does it cost me? Where is the gym of the town?", others=EACH)
    assert asked.heard == Spoken()


def test_a_matter_that_the_whole_names_with_little_sureness_is_heard_and_one_by_chance_is_not() -> None:
    whole = message({"faq/pool": 0.8, "faq/gym": 0.12, "faq/sofa": 0.12}, {"faq/gym": 0.9})
    assert spoken_of(whole, [], frozenset({"pool"})).topics == ("gym",)


@pytest.mark.parametrize(("marked", "words"), [(False, "the bin has been full for a week"), (True, "")])
def test_a_clause_that_tells_what_is_wrong_is_heard_and_a_question_is_not(marked: bool, words: str) -> None:
    clause = Clause("the bin has been full for a week", marked)
    told = message({"faq/pool": 0.2}, text=0.6)
    assert spoken_of(message({"faq/sofa": 0.9}), [(clause, told)], frozenset({"sofa"})).report == words


def test_the_street_of_the_message_is_where_it_is_wrong_and_of_two_streets_neither_is() -> None:
    told = [(Clause("the bin has been full for a week", False), message({"faq/pool": 0.2}, text=0.6))]
    mill, oak = ({"entity": "street", "value": street} for street in ("Mill Street 4", "Oak Lane 2"))
    whole = message({"faq/sofa": 0.9})
    assert spoken_of({**whole, "entities": [mill]}, told, frozenset({"sofa"})).place == "Mill Street 4"
    assert spoken_of({**whole, "entities": [mill, oak]}, told, frozenset({"sofa"})).place == ""


def test_what_is_too_long_to_be_kept_beside_is_not_offered() -> None:
    told = [(Clause("the bin is full " * 50, False), message({"faq/pool": 0.2}, text=0.6))]
    assert spoken_of(message({"faq/sofa": 0.9}), told, frozenset({"sofa"})).report == ""


def tracker(**slots):
    named = [TextSlot(name, mappings=[], initial_value=slots.get(name)) for name in ("language", "item_more", "asked")]
    return DialogueStateTracker("someone", named)


def test_a_report_that_is_heard_waits_and_a_yes_takes_it():
    there = tracker()
    [said] = channel.offer(Spoken(report="the bin is full"), there)
    assert said == {"response": "utter_also_report", "args": {"matter": "the bin is full"}}
    assert json.loads(there.get_slot("item_more")) == [{"text": "the bin is full", "place": ""}]
    assert there.get_slot("asked") == channel.REPORT


def test_a_report_that_is_heard_stands_before_what_waits_already_and_once():
    there = tracker(item_more='["a lamp"]')
    for _ in range(2):
        channel.offer(Spoken(report="the bin is full", place="Mill Street 4"), there)
    assert json.loads(there.get_slot("item_more")) == [{"text": "the bin is full", "place": "Mill Street 4"}, "a lamp"]


def test_matters_are_offered_by_their_titles_and_one_without_an_answer_is_not(heard: Heard, monkeypatch):
    monkeypatch.setattr(channel, "READER", heard.reader)
    there = tracker(language="es")
    [said] = channel.offer(Spoken(topics=("pool", "unknown")), there)
    assert said["args"]["buttons"] == [{"title": "Swimming pool", "payload": "/faq/pool"}]
    assert there.get_slot("asked") == "/faq/pool"
    assert channel.offer(Spoken(topics=("unknown",)), tracker()) == []
