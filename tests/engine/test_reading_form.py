"""What a message means inside a form, and where staff have asked for something."""

from __future__ import annotations

from typing import Optional

import pytest

from engine.acts import ACT, SAME
from engine.situation import FORM, Situation
from tests.engine.heard import (
    EACH,
    LEAVING,
    NEEDS,
    SLOTS,
    TWO,
    Heard,
    Labels,
    carried,
    form_of,
    name,
    names,
)


@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_whatever_can_be_meant_for_it_is_told_to_it(heard: Heard, slot: str) -> None:
    own = {act: label for label, act in SAME.items()}
    for act in sorted(FORM - {"topic", "cancel", "person", "aside"}):
        reading = heard({own.get(act, ACT + act): 0.95}, form_of(slot))
        assert (name(reading), carried(reading)["act"]) == ("form", act)


@pytest.mark.parametrize(
    ("labels", "left"),
    [
        ({"cancel": 0.95}, "cancel"),
        ({"ask_human": 0.95}, "ask_human"),
        ({"cancel": 0.3, "act/place": 0.23, "act/text": 0.23, "act/contact": 0.24}, None),
        ({"ask_human": 0.3, "act/place": 0.23, "act/text": 0.23, "act/contact": 0.24}, None),
        ({"goodbye": 0.9, "act/place": 0.05}, None),
        ({"check_status": 0.9, "act/place": 0.05}, None),
    ],
)
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_nothing_but_a_sure_command_leaves_it_or_begins_it_anew(
    heard: Heard, labels: Labels, left: Optional[str], slot: str
) -> None:
    assert LEAVING & set(names(heard(labels, form_of(slot)))) == ({left} if left else set())


@pytest.mark.parametrize(
    "labels",
    [
        {"act/aside": 0.7, "cancel": 0.25},
        {"act/aside": 0.7, "ask_human": 0.25},
        {"act/aside": 0.7, "report_problem": 0.25},
        {"report_problem": 0.65, "faq/pool": 0.2, "act/hold": 0.05},
        {"make_complaint": 0.85, "bot_challenge": 0.1},
    ],
)
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_what_is_said_beside_it_does_not_end_it_nor_begin_it_anew(
    heard: Heard, labels: Labels, slot: str
) -> None:
    assert not LEAVING & set(names(heard(labels, form_of(slot))))


@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_a_sure_question_is_answered_and_an_unsure_one_is_words_for_it(heard: Heard, slot: str) -> None:
    assert name(heard({"faq/pool": 0.97}, form_of(slot))) == "faq/pool"
    unsure = heard({"faq/pool": 0.3, "faq/gym": 0.3, "act/send": 0.01}, form_of(slot))
    assert name(unsure) == "form" and carried(unsure)["act"] == "say"


@pytest.mark.parametrize("act", ["ask_human", "cancel", "act/send", "act/two"])
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_of_what_is_impossible_there_a_little_of_a_command_is_none(
    heard: Heard, act: str, slot: str
) -> None:
    reading = heard({"act/number": 0.9, act: 0.02}, form_of(slot))
    assert (name(reading), carried(reading)["act"]) == ("form", "say")


@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_who_surely_asks_is_answered_though_the_matter_is_less_sure(heard: Heard, slot: str) -> None:
    assert name(heard({"faq/pool": 0.5, "faq/gym": 0.48}, form_of(slot))) == "faq/pool"
    assert name(heard({"faq/pool": 0.5, "act/text": 0.2, "act/place": 0.2}, form_of(slot))) == "form"


@pytest.mark.parametrize("label", ["bot_challenge", "my_data", "change_language", "insult"])
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_what_is_surely_something_else_is_not_taken_for_an_answer(
    heard: Heard, label: str, slot: str
) -> None:
    assert name(heard({label: 0.97}, form_of(slot))) == label


def test_inside_a_form_the_answer_given_beside_it_can_be_asked_about_once(heard: Heard) -> None:
    beside = form_of(topics=("pool",), aside=True)
    assert name(heard({"act/fee": 0.9}, beside)) == "ask_part"
    assert name(heard({"act/fee": 0.9}, form_of(topics=("pool",)))) != "ask_part"
    assert carried(heard({"act/place": 0.6, "act/fee": 0.2}, beside)) == {"act": "place"}


def test_inside_a_form_a_yes_does_what_was_asked_and_else_answers_the_form(heard: Heard) -> None:
    asked = form_of(asked="/cancel")
    assert name(heard({"affirm": 0.9}, asked)) == "pressed" and heard.pressed == ["/cancel"]
    assert carried(heard({"affirm": 0.9}, form_of())) == {"act": "yes"}
    assert carried(heard({"deny": 0.9}, form_of())) == {"act": "no"}


def test_inside_a_form_what_only_resembles_a_yes_gives_nothing_up(heard: Heard) -> None:
    labels = {"affirm": 0.28, "deny": 0.2, "act/text": 0.2, "act/contact": 0.2, "act/hold": 0.1}
    heard(labels, form_of("item_place", asked="/cancel"))
    assert heard.pressed == []


def test_inside_a_form_a_no_to_what_was_asked_beside_it_is_no_answer_to_its_question(heard: Heard) -> None:
    reading = heard({"deny": 0.9}, form_of("item_place", asked="/cancel"))
    assert name(reading) == "form" and carried(reading)["act"] not in ("no", "skip")


def test_inside_a_form_who_may_want_to_give_up_is_asked(heard: Heard) -> None:
    reading = heard(
        {"cancel": 0.3, "act/text": 0.17, "act/hold": 0.2, "act/contact": 0.16, "act/place": 0.16}, form_of("item")
    )
    assert (name(reading), carried(reading)) == ("form", {"act": "perhaps_cancel"})


def test_inside_a_form_only_who_surely_wants_a_person_is_passed_on(heard: Heard) -> None:
    perhaps = heard({"ask_human": 0.6, "act/add": 0.06, "act/send": 0.05, "act/text": 0.1}, form_of("item_place"))
    assert (name(perhaps), carried(perhaps)) == ("form", {"act": "perhaps_person"})
    assert name(heard({"ask_human": 0.95}, form_of("item_place"))) == "ask_human"


def test_inside_a_form_several_questions_are_not_looked_for(heard: Heard) -> None:
    assert name(heard({"act/text": 0.9}, form_of("item_text"), TWO, others=EACH)) == "form" and heard.asked == []


@pytest.mark.parametrize("act", ["send", "two"])
def test_inside_a_form_what_only_resembles_a_command_is_words_for_it(heard: Heard, act: str) -> None:
    labels = {ACT + act: 0.25, "act/place": 0.2, "act/contact": 0.2, "act/add": 0.2, "act/hold": 0.1}
    reading = heard(labels, form_of("item_text"))
    assert name(reading) == "form" and carried(reading)["act"] != act


def test_in_a_form_what_is_about_an_answer_that_she_has_had_is_what_she_tells(heard: Heard) -> None:
    form = Situation(slot="item_text", topics=("pool",), later=True)
    assert carried(heard({"faq/pool": 0.95}, form))["act"] == "say"
    assert name(heard({"faq/gym": 0.95}, form)) == "faq/gym"


def test_who_says_in_a_form_that_she_is_in_no_danger_goes_on_with_it(heard: Heard) -> None:
    asked = Situation(slot="item_place", wary=True, later=True)
    assert name(heard({"act/safe": 0.9}, asked)) == "safe"
    assert name(heard({"deny": 0.9}, asked)) == "safe", "a bare no is the answer to that question"


# -- what staff have asked for


@pytest.mark.parametrize(
    "labels",
    [
        {"act/add_filed": 0.9},
        {"act/note": 0.5, "act/case": 0.4},
        {"act/text": 0.9},
        {"report_problem": 0.9},
        {"out_of_scope": 0.9},
        {"faq/pool": 0.2, "faq/gym": 0.2},
    ],
)
def test_what_staff_asked_for_reaches_the_item(heard: Heard, labels: Labels) -> None:
    reading = heard(labels, NEEDS)
    assert (name(reading), carried(reading)["value"]) == ("add_filed", "ALD-2026-000001-K")


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        ({"faq/passport": 0.95}, "faq/passport"),
        ({"thank": 0.95}, "thank"),
        ({"greet": 0.95}, "greet"),
        ({"ask_human": 0.95}, "ask_human"),
        ({"act/withdraw": 0.95}, "withdraw"),
        ({"act/number": 0.95}, "number"),
    ],
)
def test_what_is_no_answer_to_staff_does_not(heard: Heard, labels: Labels, meant: str) -> None:
    assert name(heard(labels, NEEDS)) == meant


@pytest.mark.parametrize("slot", ["item_place", "item_contact"])
def test_what_agrees_and_sends_is_no_words_for_the_report(heard: Heard, slot: str) -> None:
    agreed = heard({"act/send": 0.4, "affirm": 0.3, "act/hold": 0.2, "act/readback": 0.1}, form_of(slot))
    assert carried(agreed)["act"] in ("yes", "send")


def test_who_gives_up_where_a_contact_is_asked_for_has_given_up_and_who_refuses_a_contact_goes_on(heard: Heard) -> None:
    gives_up = heard({"cancel": 0.7, "act/readback": 0.05, "act/text": 0.05}, form_of("item_contact"))
    perhaps = heard({"cancel": 0.4, "act/hold": 0.15, "act/text": 0.2, "act/add": 0.1}, form_of("item_contact"))
    refuses = heard({"cancel": 0.6, "deny": 0.15, "act/skip": 0.1}, form_of("item_contact"))
    assert name(gives_up) == "cancel"
    assert (carried(perhaps)["act"], carried(refuses)["act"]) == ("perhaps_cancel", "skip")
