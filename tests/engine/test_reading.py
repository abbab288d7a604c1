"""What a message means in its situation. What it looks like by itself is given here: nothing that was learned is tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict

import pytest

from engine.acts import ACT, DANGER, SAME
from engine.alarm import ALONE, HIDDEN, JOINED, WITH_RULE, Limits
from engine.situation import CHOOSE, Situation
from tests.engine.heard import FILED, LATER, NEEDS, OFFERED, POOL, SLOTS, WAITING, Heard, carried, form_of, name, names

# -- what is possible


@pytest.mark.parametrize(
    ("act", "where", "elsewhere"),
    [
        ("number", FILED, LATER),
        ("withdraw", FILED, POOL),
        ("which", FILED, WAITING),
        ("wait_time", WAITING, FILED),
        ("note", WAITING, LATER),
        ("safe", WAITING, LATER),
        ("repeat", POOL, LATER),
    ],
)
def test_what_she_does_is_heard_where_it_can_be_done_and_nowhere_else(
    heard: Heard, act: str, where: Situation, elsewhere: Situation
) -> None:
    labels = {ACT + act: 0.8}
    assert name(heard(labels, where)) == act
    assert name(heard(labels, elsewhere)) != act


@pytest.mark.parametrize(
    ("act", "where"),
    [
        pytest.param("number", FILED),
        pytest.param("wait_time", WAITING),
        pytest.param("presence", LATER),
        ("number", Situation(topics=("pool",), filed=True, later=True)),
        ("repeat", POOL),
    ],
)
def test_what_she_does_is_heard_though_one_topic_has_all_the_rest(heard: Heard, act: str, where: Situation) -> None:
    assert name(heard({ACT + act: 0.9, "faq/gym": 0.09}, where)) == act


def test_who_calls_somebody_and_greets_at_once_is_heard_though_neither_is_sure(heard: Heard) -> None:
    half = {"greet": 0.45, "act/presence": 0.4, "faq/pool": 0.1}
    waits = replace(POOL, people="waiting")
    assert (name(heard(half, waits)), name(heard(half, POOL))) == ("presence", "greet")
    assert name(heard({"greet": 0.9, "act/presence": 0.05}, waits)) == "greet"


def test_of_a_first_message_what_its_words_say_is_believed(heard: Heard) -> None:
    assert name(heard({"faq/pool": 0.9}, Situation())) == "faq/pool"
    assert name(heard({"faq/pool": 0.3, "faq/gym": 0.3}, Situation())) == "nlu_fallback"


@pytest.mark.parametrize(
    ("situation", "read"),
    [
        (FILED, "check_status"),
        (WAITING, "wait_time"),
        (Situation(topics=("pool",), people="waiting", called=True, later=True), "wait_time"),
        (Situation(topics=("pool",), people="waiting", later=True), "ask_part"),
        (Situation(topics=("pool",), filed=True, later=True), "ask_part"),
        (POOL, "ask_part"),
    ],
)
def test_how_long_is_asked_of_what_was_done_last(heard: Heard, situation: Situation, read: str) -> None:
    assert name(heard({"act/deadline": 0.9}, situation)) == read


@pytest.mark.parametrize("act", ["text", "again_filed"])
def test_who_tells_what_is_wrong_out_of_the_blue_begins_a_report(heard: Heard, act: str) -> None:
    assert name(heard({ACT + act: 0.7, "faq/pool": 0.1}, LATER)) == "report_problem"
    assert name(heard({ACT + act: 0.6, "make_complaint": 0.2}, LATER)) == "make_complaint"


def situations() -> Dict[str, Situation]:
    all_of_it = Situation(topics=("pool", "gym"), offered=OFFERED.offered, filed=True, people="waiting", later=True)
    one = Situation(offered=OFFERED.offered[:1], later=True)
    return {"nothing before": Situation(), "everything before": all_of_it, "one thing was offered": one}


@pytest.mark.parametrize("where", situations())
@pytest.mark.parametrize("share", [0.95, 0.55, 0.3])
def test_whatever_she_does_somebody_knows_what_to_do(heard: Heard, ruled: set, where: str, share: float) -> None:
    """Every act that is possible, sure or not, comes to an intent that a rule begins with."""
    own = {act: label for label, act in SAME.items()}
    for act in sorted(situations()[where].possible() - CHOOSE - {"topic"}):
        labels = {own.get(act, ACT + act): share}
        known = {one.split("/")[0] for one in names(heard(labels, situations()[where]))}
        assert known <= ruled, act


@pytest.mark.parametrize(
    ("act", "share", "gone"),
    [
        ("choose_second", 0.9, False),
        pytest.param("choose_third", 0.9, False),  # two were offered
        pytest.param("choose_second", 0.9, True),
        pytest.param("choose_last", 0.9, True),
        ("choose_first", 0.3, False),
    ],
)
def test_a_choice_that_there_is_not_is_asked_back(heard: Heard, ruled: set, act: str, share: float, gone: bool) -> None:
    heard.gone = ["/faq/pool", "/faq/gym"] if gone else []
    assert name(heard({ACT + act: share}, OFFERED)).split("/")[0] in {*ruled, "pressed"}


# -- what was asked and offered


@pytest.mark.parametrize("said", ["affirm", "act/ack"])
def test_a_yes_to_what_was_asked_presses_its_button(heard: Heard, said: str) -> None:
    asked = Situation(asked="/ask_human", later=True)
    assert name(heard({said: 0.9}, asked)) == "pressed" and heard.pressed == ["/ask_human"]


def test_a_yes_that_nobody_asked_for_presses_nothing(heard: Heard) -> None:
    assert name(heard({"affirm": 0.9}, LATER)) == "affirm" and heard.pressed == []


def test_a_yes_to_what_is_gone_is_a_yes(heard: Heard) -> None:
    heard.gone = ["/faq/gone"]
    assert name(heard({"affirm": 0.9}, Situation(asked="/faq/gone", later=True))) == "affirm"


def test_a_no_to_what_was_asked_presses_nothing(heard: Heard) -> None:
    assert name(heard({"deny": 0.9}, Situation(asked="/ask_human", later=True))) == "deny" and heard.pressed == []


def test_what_only_resembles_a_yes_takes_nothing_back(heard: Heard) -> None:
    asked = Situation(asked='/withdraw{"value": "ALD-2026-000001-K"}', filed=True, later=True)
    heard({"affirm": 0.25, "deny": 0.2, "act/note": 0.2, "act/ack": 0.2}, asked)
    assert heard.pressed == []


@pytest.mark.parametrize(
    ("act", "share", "pressed"),
    [
        ("choose_first", 0.9, ["/faq/pool"]),
        ("choose_second", 0.9, ["/faq/gym"]),
        ("choose_last", 0.9, ["/faq/gym"]),
        ("choose_third", 0.9, []),
        ("choose_first", 0.3, []),
    ],
)
def test_words_choose_by_place_among_what_was_offered(heard: Heard, act: str, share: float, pressed: list) -> None:
    rest = (0.98 - share) / 3
    heard({ACT + act: share, "act/ack": rest, "affirm": rest, "thank": rest}, OFFERED)
    assert heard.pressed == pressed


def test_nothing_is_chosen_when_nothing_was_offered(heard: Heard) -> None:
    assert name(heard({"act/choose_second": 0.9, "faq/pool": 0.05}, LATER)) != "pressed"


@pytest.mark.parametrize(
    ("other", "meant"), [("act/withdraw", "withdraw"), ("act/add_filed", "add_filed"), ("faq/pool", "check_status")]
)
@pytest.mark.parametrize("situation", [LATER, FILED])
def test_what_is_done_to_a_report_is_in_the_words_beside_its_reference(
    heard: Heard, other: str, meant: str, situation: Situation
) -> None:
    labels, others = {"check_status": 0.95}, {"take that back": {other: 0.9}}
    reading = heard(labels, replace(situation, filed=True), "take that back ALD-2026-000001-K", others=others)
    assert (name(reading), carried(reading)["reference"]) == (meant, "ALD-2026-000001-K")


def test_a_reference_alone_asks_how_it_is_going(heard: Heard) -> None:
    assert name(heard({"check_status": 0.95}, FILED, "ALD-2026-000001-K")) == "check_status"
    assert heard.asked == []


# -- danger

WHEN = {"fresh": Situation(), "later": LATER, "form": Situation(slot="item_text", later=True)}
A_LITTLE = 0.005


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("alarmed", [False, True])
@pytest.mark.parametrize("limits", [ALONE, JOINED])
def test_danger_is_sure_from_some_point_on_and_perhaps_under_it(
    heard: Heard, when: str, alarmed: bool, limits: Limits
) -> None:
    situation = replace(WHEN[when], alarmed=alarmed)
    bound = WITH_RULE[when] if alarmed else limits[when][0]

    def judged(danger: float) -> tuple:
        joined = danger if limits is JOINED else None
        reading = heard({DANGER: danger, "faq/pool": 0.999 - danger}, situation, joined=joined)
        return names(reading) == [DANGER], reading.perhaps

    perhaps = 0.0 if alarmed else limits[when][1]
    assert judged(bound + A_LITTLE) == (True, False)
    assert judged(bound - A_LITTLE) == judged(perhaps + A_LITTLE) == (False, True)
    assert alarmed or judged(perhaps - A_LITTLE) == (False, False)


@pytest.mark.parametrize("limits", [ALONE, JOINED])
def test_a_first_message_is_heard_sooner_than_a_later_one_and_all_sooner_where_the_rule_has_heard_it_too(
    limits: Limits,
) -> None:
    assert all(limits["fresh"][0] < limits[when][0] for when in ("later", "form"))
    assert all(WITH_RULE[when] < limits[when][1] < limits[when][0] for when in limits)


def test_the_second_opinion_outweighs_the_first_and_a_rule_of_the_counter_both(heard: Heard) -> None:
    assert names(heard({DANGER: 0.9, "faq/pool": 0.09}, LATER, joined=0.5)) != [DANGER]
    assert names(heard({DANGER: 0.3, "faq/pool": 0.69}, LATER, joined=0.8)) == [DANGER]
    assert names(heard({DANGER: 0.3, "faq/pool": 0.69}, replace(LATER, alarmed=True), joined=0.02)) == [DANGER]


def test_what_may_be_danger_is_answered_all_the_same(heard: Heard) -> None:
    reading = heard({"faq/pool": 0.99}, Situation(alarmed=True))
    assert names(reading) == ["faq/pool"] and reading.perhaps


@pytest.mark.parametrize(("hidden", "sure"), [(HIDDEN + A_LITTLE, True), (HIDDEN - A_LITTLE, False)])
def test_danger_in_one_sentence_of_several_counts_when_it_is_sure(heard: Heard, hidden: float, sure: bool) -> None:
    reading = heard({"faq/pool": 0.9}, LATER, hidden=hidden)
    assert (name(reading) == DANGER) is sure and not reading.perhaps


@pytest.mark.parametrize(
    "situation",
    [POOL, OFFERED, FILED, WAITING, NEEDS, Situation(asked="/ask_human", later=True), *map(form_of, SLOTS)],
)
def test_danger_comes_before_everything_else(heard: Heard, situation: Situation) -> None:
    labels = {DANGER: 0.8, "affirm": 0.05, "act/place": 0.05, "act/fee": 0.05, "act/choose_first": 0.05}
    assert name(heard(labels, situation)) == DANGER and heard.pressed == heard.asked == []


@pytest.mark.parametrize(
    ("situation", "danger", "joined", "topic", "read"),
    [
        (LATER, 0.4, 0.7, 0.55, "faq/pool"),
        (LATER, 0.4, 0.85, 0.55, DANGER),
        (LATER, 0.5, 0.7, 0.4, DANGER),
        (Situation(), 0.35, 0.5, 0.6, "faq/pool"),
        (Situation(), 0.35, 0.65, 0.6, DANGER),
        (Situation(), 0.35, 0.5, 0.56, DANGER),
    ],
)
def test_what_is_sooner_a_question_about_a_matter_is_perhaps_danger(
    heard: Heard, situation: Situation, danger: float, joined: float, topic: float, read: str
) -> None:
    reading = heard({DANGER: danger, "faq/pool": topic}, situation, joined=joined)
    assert (names(reading) == [DANGER]) is (read == DANGER) and reading.perhaps is (read != DANGER)
    assert names(heard({DANGER: danger, "faq/pool": topic}, replace(situation, alarmed=True), joined=joined)) == [
        DANGER
    ]
