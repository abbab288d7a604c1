"""Where a message falls decides what it can mean: what was answered, offered, asked and filed before it."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest

from engine.acts import BEGIN, SAME
from engine.situation import ALWAYS, FORM, MOST_TOPICS, PRIOR, SAY, Offer, Situation, answered, listed, situation_of
from engine.state import EMPTY

LATER = Situation(later=True)
POOL = Situation(topics=("swimming_pool",), later=True)
OFFERED = Situation(offered=(Offer("/faq/passport", "Passport"),), later=True)
WAITING = Situation(people="waiting", later=True)
FILED = Situation(filed=True, later=True)
SPREAD = {"fee": 0.3, "choose_second": 0.2, "number": 0.2, "note": 0.1, "send": 0.1, "topic": 0.05, "place": 0.05}


def at(slot: str) -> Situation:
    """Ana is in the form, which has asked for `slot`."""
    return Situation(slot=slot, later=True)


@pytest.mark.parametrize(
    ("where", "situation", "impossible"),
    [
        ("nothing was answered", Situation(), {"fee", "next", "repeat", "wrong", "earlier", "compare"}),
        ("nothing was offered", POOL, {"choose_first", "choose_second", "choose_third", "choose_last"}),
        ("nothing was filed", POOL, {"number", "add_filed", "fix_filed", "withdraw", "which"}),
        ("nobody was called", FILED, {"back", "wait_time", "note", "safe"}),
        ("only one thing was answered", POOL, {"earlier", "compare"}),
        ("no form is open", POOL, {"send", "place", "contact", "skip", "leave_out", "change", "readback", "hold"}),
        (
            "she is in the form",
            at("item_place"),
            {"fee", "choose_second", "number", "note", "goodbye", "status", "back"},
        ),
    ],
)
def test_an_act_that_is_impossible_is_never_heard(where: str, situation: Situation, impossible: set) -> None:
    assert not impossible & situation.possible()
    heard = situation.weighed({**dict.fromkeys(impossible, 0.3), "topic": 0.001})
    assert heard.pop("topic") + heard.pop(SAY, 0.0) == pytest.approx(1.0) and not any(heard.values()), where


@pytest.mark.parametrize(
    ("situation", "possible"),
    [
        (POOL, {"fee", "hours", "next", "repeat", "wrong", "rephrase"}),
        (Situation(topics=("passport", "swimming_pool")), {"earlier", "compare"}),
        (OFFERED, {"choose_first", "choose_last", "rephrase"}),
        (FILED, {"number", "add_filed", "fix_filed", "withdraw", "which"}),
        (WAITING, {"back", "wait_time", "note", "safe", "person"}),
        (at("item_confirm"), {"send", "yes", "no", "change", "fix_place", "cancel", "person", "topic"}),
    ],
)
def test_an_act_is_possible_where_there_is_something_that_it_is_about(situation: Situation, possible: set) -> None:
    assert possible <= situation.possible()


@pytest.mark.parametrize("situation", [Situation(), POOL, OFFERED, WAITING, FILED])
def test_she_can_always_begin_give_up_call_a_person_and_name_a_matter(situation: Situation) -> None:
    assert ALWAYS | {"cancel"} <= situation.possible()


@pytest.mark.parametrize("situation", [Situation(), POOL, WAITING, at("item_text"), at("item_confirm")])
def test_what_is_heard_adds_up_to_one(situation: Situation) -> None:
    assert sum(situation.weighed(SPREAD).values()) == pytest.approx(1.0)


def test_nothing_is_heard_when_nothing_that_is_heard_is_possible() -> None:
    assert not any(FILED.weighed({"choose_first": 1.0}).values())


@pytest.mark.parametrize(("situation", "most"), [(at("item_text"), SAY), (LATER, "topic"), (WAITING, "topic")])
def test_what_is_like_nothing_that_is_possible_is_words_for_the_form_or_a_matter(
    situation: Situation, most: str
) -> None:
    heard = situation.weighed({"choose_first": 1.0})
    assert max(heard, key=lambda act: heard[act]) == most


@pytest.mark.parametrize("act", ["send", "readback", "hold"])
def test_of_what_is_impossible_a_little_of_something_else_makes_no_report(act: str) -> None:
    heard = POOL.weighed({act: 0.9, BEGIN: 0.06, "topic": 0.02})
    assert heard["topic"] > heard[BEGIN]


@pytest.mark.parametrize(
    ("slot", "act", "against"),
    [
        ("item_text", "text", "topic"),
        ("item_text", "text", "place"),
        ("item_place", "place", "text"),
        ("item_contact", "skip", "topic"),
        ("item_contact", "no", "text"),
        ("item_confirm", "yes", "topic"),
        ("item_confirm", "send", "place"),
    ],
)
def test_of_two_acts_that_are_as_likely_the_one_that_answers_the_question_is_heard(
    slot: str, act: str, against: str
) -> None:
    heard = at(slot).weighed({act: 0.5, against: 0.5})
    assert heard[act] > 0.5 > heard[against]
    elsewhere = Situation(slot="another").weighed({act: 0.5, against: 0.5})
    assert elsewhere[act] == elsewhere[against] > elsewhere[SAY]


def test_after_an_answer_asking_how_it_is_going_is_likelier_once_something_was_filed() -> None:
    even = {"status": 0.5, "topic": 0.5}
    filed = Situation(topics=POOL.topics, filed=True)
    assert POOL.weighed(even)["status"] < 0.5 <= filed.weighed(even)["status"]


@pytest.mark.parametrize(
    ("state", "aside"),
    [
        ({"active_form": "item_form", "events": [{"intent": "faq", "actions": ["utter_faq"]}]}, True),
        ({"active_form": "item_form", "events": [{"intent": "ask_part", "actions": ["action_tell_part"]}]}, True),
        ({"active_form": "item_form", "events": [{"intent": "form", "actions": ["item_form"]}]}, False),
        ({"events": [{"intent": "faq", "actions": ["utter_faq"]}]}, False),
    ],
)
def test_beside_the_form_the_answer_just_given_can_be_asked_about(state: Any, aside: bool) -> None:
    kept = {"requested_slot": "item_place", "slots": {"topics": '[["swimming_pool"]]'}}
    read = situation_of({**EMPTY, **kept, **state}, {})
    assert read.aside is aside
    assert ("fee" in read.possible()) is (aside or not state.get("active_form"))


@pytest.mark.parametrize("act", ["text", "again_filed"])
def test_who_tells_what_is_wrong_and_was_not_asked_begins_a_report(act: str) -> None:
    assert Situation().weighed({act: 0.7, BEGIN: 0.2, "topic": 0.05})[BEGIN] > 0.8
    assert BEGIN not in at("item_text").weighed({act: 0.6, BEGIN: 0.4, "topic": 0.1})


def test_after_an_answer_a_story_is_sooner_about_it_than_a_report() -> None:
    story = {"text": 0.5, "case": 0.3, "topic": 0.2}
    assert POOL.weighed(story)[BEGIN] < LATER.weighed(story)[BEGIN]


def test_every_act_that_is_weighed_can_happen_there() -> None:
    for place, prior in PRIOR.items():
        situation = Situation(slot=place) if place.startswith("item_") else POOL if place == "answered" else Situation()
        assert set(prior) <= situation.possible(), place
    assert set(SAME.values()) <= ALWAYS | FORM


# -- what travels with the turn


def slots(**values: Any) -> Dict[str, Any]:
    return {name: json.dumps(value) if isinstance(value, list) else value for name, value in values.items()}


def test_the_situation_is_read_from_the_state_and_the_slots_of_the_turn() -> None:
    kept = slots(topics=[["passport"], ["id_card_renew"]], offered=[["/faq/passport", "Passport"]], asked="/ask_human")
    state = {**EMPTY, "slots": {**kept, "language": "es", "filed": json.dumps(["ALD-2026-000001-K"])}}
    read = situation_of(state, {"language": "en", "people": "waiting", "alarmed": True})
    assert (read.language, read.people, read.alarmed, read.filed) == ("en", "waiting", True, True)
    assert (read.topics, read.asked) == (("passport", "id_card_renew"), "/ask_human")
    assert read.offered == (Offer("/faq/passport", "Passport"),)


def test_the_first_message_of_a_conversation_has_nothing_behind_it() -> None:
    read = situation_of(EMPTY, {"language": "es"})
    assert read == Situation() and not read.later and read.place == "fresh"


@pytest.mark.parametrize(
    ("state", "later"),
    [
        ({**EMPTY, "events": [{"intent": "greet", "actions": ["utter_greet"]}]}, True),
        ({**EMPTY, "slots": {"people": "waiting"}}, True),
        ({**EMPTY, "slots": {"language": "es"}}, False),
    ],
)
def test_a_conversation_has_begun_once_something_was_said_or_a_person_was_called(state: Any, later: bool) -> None:
    assert situation_of(state, {}).later is later


def test_what_staff_have_asked_for_counts_as_something_filed() -> None:
    assert situation_of({**EMPTY, "slots": {"needs": "ALD-2026-000001-K"}}, {}).filed


def test_a_slot_that_was_asked_for_counts_only_while_its_form_is_open() -> None:
    asked = {**EMPTY, "requested_slot": "item_place"}
    assert situation_of(asked, {}).slot is None
    assert situation_of({**asked, "active_form": "item_form"}, {}).slot == "item_place"


@pytest.mark.parametrize("written", [None, "", "no JSON", "{}", "5", 7, "null", '"passport"'])
def test_what_is_no_list_is_an_empty_one(written: Any) -> None:
    assert listed(written) == []
    assert (
        situation_of({**EMPTY, "slots": {"topics": written, "offered": written, "filed": written}}, {}) == Situation()
    )


def test_an_offer_that_is_damaged_is_left_out() -> None:
    state = {**EMPTY, "slots": {"offered": json.dumps([["/faq/passport", "Passport"], ["/faq/x"], []])}}
    assert situation_of(state, {}).offered == (Offer("/faq/passport", "Passport"),)


@pytest.mark.parametrize(
    ("topics", "before", "after"),
    [
        (["a"], (), [["a"]]),
        (["b"], ("a",), [["b"], ["a"]]),
        (["a"], ("b", "a"), [["a"], ["b"]]),
        (["d"], ("c", "b", "a"), [["d"], ["c"], ["b"]]),
        (["a", "b"], ("c", "b"), [["a", "b"], ["c"]]),
    ],
)
def test_the_last_answers_are_kept_once_each_the_newest_first_and_those_of_a_turn_together(
    topics: list, before: tuple, after: list
) -> None:
    kept = answered(topics, before)
    assert json.loads(kept) == after and sum(map(len, after)) <= MOST_TOPICS
    read = situation_of({**EMPTY, "slots": {"topics": kept}}, {})
    assert (read.last, read.topics) == (tuple(topics), tuple(topic for group in after for topic in group))


def test_what_was_offered_first_counts_as_the_last_topic_until_another_is_chosen() -> None:
    person, pool = Offer("/ask_human", "A person"), Offer("/faq/swimming_pool", "Pool")
    assert Situation(topics=("passport",), offered=(person, pool)).last == ("swimming_pool",)
    assert Situation(topics=("passport",), offered=(person,)).last == ("passport",)
    assert Situation(offered=(person,)).last == ()


def test_who_was_asked_whether_she_is_in_danger_can_say_that_she_is_not() -> None:
    assert "safe" in Situation(wary=True, later=True).possible()
    assert "safe" in Situation(slot="item_place", wary=True, later=True).possible()
    assert "safe" not in Situation(slot="item_place", later=True).possible()


def test_what_is_told_while_a_person_is_waited_for_is_noted_and_begins_no_report() -> None:
    told = {"text": 0.6, "topic": 0.2, "note": 0.1}
    assert max(Situation(people="waiting", later=True).weighed(told).items(), key=lambda one: one[1])[0] == "note"
    assert max(Situation(later=True).weighed(told).items(), key=lambda one: one[1])[0] == BEGIN


@pytest.mark.parametrize(("act", "meant"), [("readback", "status"), ("aside", "number")])
def test_after_filing_what_was_sent_is_asked_for_in_the_words_of_the_form(act: str, meant: str) -> None:
    heard = FILED.weighed({act: 0.6, "topic": 0.1, "thank": 0.1})
    assert max(heard, key=lambda one: heard[one]) == meant


def test_who_waits_and_asks_how_it_goes_is_told_how_long_it_takes() -> None:
    asked = {"status": 0.5, "wait_time": 0.1, "topic": 0.3}
    heard = WAITING.weighed(asked)
    assert max(heard, key=lambda one: heard[one]) == "wait_time"
    heard = Situation(people="waiting", filed=True, later=True).weighed(asked)
    assert max(heard, key=lambda one: heard[one]) == "status", "what was sent may be meant"


def test_who_gives_up_while_she_waits_goes_back_to_the_assistant() -> None:
    heard = WAITING.weighed({"cancel": 0.5, "back": 0.3, "topic": 0.2})
    assert max(heard, key=lambda one: heard[one]) == "back"
    both = Situation(people="waiting", filed=True, later=True).weighed({"cancel": 0.5, "back": 0.3})
    assert both["cancel"] > both["back"], "with a report sent it may mean that"


@pytest.mark.parametrize("act", ["add", "add_filed", "fix_filed"])
def test_what_is_added_while_a_person_is_waited_for_is_a_note_for_her(act: str) -> None:
    heard = WAITING.weighed({act: 0.4, "note": 0.1, "topic": 0.2})
    assert max(heard, key=lambda one: heard[one]) == "note"


def test_after_filing_a_matter_that_is_asked_beside_it_is_no_question_for_the_number() -> None:
    heard = FILED.weighed({"aside": 0.4, "topic": 0.3})
    assert heard["topic"] > heard["number"]
