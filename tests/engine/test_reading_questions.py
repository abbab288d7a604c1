"""Which answer, and which part of it, a question means."""

from __future__ import annotations

from typing import Tuple

import pytest

from engine.acts import ACT
from engine.reading import Reader, Reading
from engine.situation import Situation
from tests.engine.heard import (
    LATER,
    OFFERED,
    POOL,
    WAITING,
    Heard,
    Labels,
    carried,
    name,
)

# -- questions after an answer


@pytest.mark.parametrize(("act", "part"), [("fee", "fact:fee"), ("hours", "fact:hours"), ("next", "step:0")])
def test_a_question_about_the_last_answer_gets_its_part_and_the_topic_stays(heard: Heard, act: str, part: str) -> None:
    behind = {"Swimming pool. and that?": {"faq/pool": 0.9}}
    reading = heard({ACT + act: 0.8, "faq/passport": 0.1}, POOL, "and that?", others=behind)
    assert name(reading) == "ask_part" and carried(reading)["topic"] == "pool"
    first, *others = carried(reading)["parts"].split(",")
    assert first.startswith(f"{part}:") and len(others) <= 1


def test_it_is_said_when_the_answer_does_not_say_what_is_asked(heard: Heard) -> None:
    passport = Situation(topics=("passport",), later=True)
    assert "unsaid" in carried(heard({"act/hours": 0.9}, passport)), "the passport's answer has no hours"
    assert "unsaid" not in carried(heard({"act/hours": 0.9}, POOL))
    assert "unsaid" not in carried(heard({"act/fee": 0.9}, passport))


def test_the_words_nearest_to_the_question_are_the_part(reader: Reader) -> None:
    near = Heard(Reader(reader.cards, lambda text, passages: [float("months" in one) for one in passages]))
    reading = near({"act/case": 0.8, "faq/passport": 0.1}, POOL)
    assert carried(reading)["parts"].startswith("text:1:")


@pytest.mark.parametrize("share", [0.99, 0.9])
def test_a_new_topic_that_is_sure_by_itself_is_answered_whatever_was_answered_before(
    heard: Heard, share: float
) -> None:
    behind = {"Swimming pool. these words here": {"faq/passport": 0.8, "faq/pool": 0.15}}
    assert name(heard({"faq/passport": share, "faq/pool": 0.001}, POOL, others=behind)) == "faq/passport"


def test_what_is_sure_by_itself_is_not_understood_a_second_time(heard: Heard) -> None:
    heard({"faq/passport": 0.99}, POOL)
    assert heard.asked == []
    heard({"faq/passport": 0.6}, POOL)
    assert heard.asked == ["Swimming pool. these words here"]


def test_the_last_topic_asked_for_by_its_name_is_a_question_about_it(heard: Heard) -> None:
    assert name(heard({"faq/pool": 0.9, "act/hours": 0.05}, POOL)) == "ask_part"


def test_what_the_last_answer_names_is_likelier_than_what_it_does_not(heard: Heard) -> None:
    torn = {"faq/gym": 0.42, "faq/sofa": 0.42}
    ranked = [entry["name"] for entry in heard(torn, POOL).parsed[0]["intent_ranking"]]
    assert ranked.index("faq/gym") < ranked.index("faq/sofa")


def test_who_goes_back_to_an_earlier_answer_is_told_its_part(heard: Heard) -> None:
    before = Situation(topics=("pool", "passport"), later=True)
    labels = {"act/earlier": 0.5, "act/fee": 0.3, "faq/passport": 0.19}
    reading = heard(labels, before)
    assert (name(reading), carried(reading)["topic"]) == ("ask_part", "passport")


def test_a_question_after_two_answers_may_be_about_either(heard: Heard) -> None:
    both = Situation(topics=("passport", "pool"), together=2, later=True)
    for topic in ("pool", "passport"):
        reading = heard({"act/fee": 0.6, f"faq/{topic}": 0.35}, both)
        assert (name(reading), carried(reading)["topic"]) == ("ask_part", topic)
    assert heard.asked[0] == "Passport. Swimming pool. these words here"


def test_a_question_after_an_offer_is_about_what_it_names_and_not_about_what_was_offered_first(heard: Heard) -> None:
    assert name(heard({"act/fee": 0.5, "faq/gym": 0.45}, OFFERED)) == "faq/gym"
    assert name(heard({"act/fee": 0.9}, OFFERED)) == "nlu_fallback"


def test_a_word_that_names_an_earlier_matter_leads_back_to_it(heard: Heard) -> None:
    both = Situation(topics=("pool", "passport"), later=True)
    assert carried(heard({"act/fee": 0.5, "faq/passport": 0.4}, both))["topic"] == "passport"
    assert carried(heard({"act/fee": 0.9}, both))["topic"] == "pool"


def test_beside_an_answer_that_is_not_sure_stands_what_may_be_meant_instead(heard: Heard) -> None:
    behind = {"Swimming pool. these words here": {"faq/pool": 0.02, "faq/gym": 0.3}}
    unsure = carried(heard({"act/case": 0.3, "faq/gym": 0.29, "out_of_scope": 0.3}, POOL, others=behind))
    assert (unsure["topic"], unsure.get("others")) == ("pool", "gym")
    assert "others" not in carried(heard({"act/fee": 0.9}, POOL))


def test_an_answer_without_words_here_is_said_whole_by_the_counter(heard: Heard) -> None:
    assert name(heard({"act/fee": 0.8, "faq/gone": 0.15}, Situation(topics=("gone",), later=True))) == "faq/gone"


def test_what_is_unclear_is_asked_back_with_what_is_near(heard: Heard) -> None:
    reading = heard({"faq/gym": 0.2, "faq/sofa": 0.2, "faq/passport": 0.2}, LATER)
    assert name(reading) == "nlu_fallback"
    assert {entry["name"] for entry in reading.parsed[0]["intent_ranking"][:3]} == {
        "faq/gym",
        "faq/sofa",
        "faq/passport",
    }


def test_who_names_the_matter_again_gets_the_whole_answer_again_unless_it_was_the_last(heard: Heard) -> None:
    before = Situation(topics=("passport", "pool"), later=True)
    assert name(heard({"faq/pool": 0.97}, before)) == "faq/pool"
    assert name(heard({"faq/pool": 0.6, "act/fee": 0.3}, POOL)) == "ask_part"
    again = heard({"faq/pool": 0.97}, POOL)
    assert name(again) == "ask_part" and "again" in carried(again), "the counter knows whether all of it was just said"


def test_who_waits_tells_it_to_the_person_unless_she_surely_begins_a_report(heard: Heard) -> None:
    assert name(heard({"make_complaint": 0.5, "act/note": 0.35}, WAITING)) == "note"
    assert name(heard({"make_complaint": 0.9}, WAITING)) == "make_complaint"
    assert name(heard({"make_complaint": 0.5, "act/note": 0.35}, LATER)) == "make_complaint"


# -- what begins, and what is said about the chat itself


@pytest.mark.parametrize(
    ("labels", "begun"),
    [
        ({"report_problem": 0.3, "make_suggestion": 0.25, "faq/pool": 0.35}, "report_problem"),
        ({"make_complaint": 0.4, "cancel": 0.35}, "make_complaint"),
        ({"report_problem": 0.2, "make_suggestion": 0.1, "faq/pool": 0.65}, "faq/pool"),
    ],
)
def test_a_first_message_begins_what_it_says_sooner_than_any_one_matter(heard: Heard, labels: dict, begun: str) -> None:
    assert name(heard(labels, Situation())) == begun


def test_a_first_message_cancels_nothing_sooner_than_it_begins_something(heard: Heard) -> None:
    assert name(heard({"act/withdraw": 0.3, "cancel": 0.3, "make_complaint": 0.2, "faq/pool": 0.05}, Situation())) == (
        "make_complaint"
    )


@pytest.mark.parametrize("talk", ["my_data", "bot_challenge", "change_language", "insult"])
def test_what_is_said_about_the_chat_itself_is_heard_after_any_answer(heard: Heard, talk: str) -> None:
    behind = {"Swimming pool. these words here": {"faq/pool": 0.95}}
    assert name(heard({talk: 0.7, "faq/pool": 0.1}, POOL, others=behind)) == talk


@pytest.mark.parametrize("situation", [Situation(), LATER])
def test_what_may_be_about_the_chat_itself_is_asked_back(heard: Heard, situation: Situation) -> None:
    assert name(heard({"my_data": 0.57, "out_of_scope": 0.1}, situation)) == "nlu_fallback"
    assert name(heard({"my_data": 0.62, "out_of_scope": 0.1}, situation)) == "my_data"


def test_who_says_not_that_and_names_another_matter_is_answered_about_it(heard: Heard) -> None:
    both = Situation(topics=("pool", "passport"), later=True)
    assert carried(heard({"act/wrong": 0.5, "faq/passport": 0.35}, both))["topic"] == "passport"
    assert name(heard({"act/wrong": 0.5, "faq/gym": 0.45}, POOL)) == "faq/gym"
    assert name(heard({"act/wrong": 0.8, "faq/pool": 0.1}, POOL)) == "rephrase"


def test_a_nod_that_may_be_a_yes_or_an_ok_is_one_of_both(heard: Heard) -> None:
    assert name(heard({"affirm": 0.4, "act/ack": 0.35, "act/send": 0.2}, POOL)) in ("affirm", "ack")


def compared(reading: Reading) -> Tuple[str, str]:
    return carried(reading)["topic"], carried(reading).get("against", "")


def test_two_answers_are_compared_by_the_fact_that_is_asked_the_earlier_one_first(heard: Heard) -> None:
    both = Situation(topics=("pool", "passport"), later=True)
    reading = heard({"act/compare": 0.6, "act/fee": 0.3}, both)
    assert name(reading) == "ask_part" and compared(reading) == ("passport", "pool")
    assert carried(reading)["parts"].startswith("fact:fee:") and carried(reading)["against_parts"].startswith(
        "fact:fee:"
    )


def test_what_only_one_of_two_answers_says_is_told_of_that_one(heard: Heard) -> None:
    both = Situation(topics=("pool", "passport"), later=True)
    told = carried(heard({"act/compare": 0.5, "act/hours": 0.4}, both))
    assert "parts" not in told and told["against_parts"].startswith("fact:hours:")


def test_two_answers_that_were_compared_stay_in_their_order_when_they_are_compared_again(heard: Heard) -> None:
    compared_just_now = Situation(topics=("passport", "pool"), together=2, later=True)
    assert compared(heard({"act/compare": 0.9}, compared_just_now)) == ("passport", "pool")


def test_without_a_part_that_is_asked_the_first_line_of_both_is_told_with_the_fee(heard: Heard) -> None:
    both = Situation(topics=("pool", "passport"), later=True)
    told = carried(heard({"act/compare": 0.9}, both))
    for parts in (told["parts"], told["against_parts"]):
        first, fee = parts.split(",")
        assert first.startswith("text:0:") and fee.startswith("fact:fee:")


def test_after_one_answer_nothing_is_compared(heard: Heard) -> None:
    assert "against" not in carried(heard({"act/compare": 0.9}, POOL))


# -- what the words beside the topic's do


LAST = Situation(topics=("passport", "gym"), later=True)


@pytest.mark.parametrize(
    ("clause", "left", "acts", "read"),
    [
        ("NOT the passport.", "NOT the", {"deny": 0.6}, "gym"),
        ("I did not ask about a passport.", "I did not ask about a", {"act/wrong": 0.5}, "gym"),
        ("I have no passport.", "I have no", {"deny": 0.2, "act/documents": 0.7}, "passport"),
        ("I do not go by bus.", "I do not go by bus.", {"deny": 0.9}, "passport"),
    ],
)
def test_a_topic_that_is_refused_is_no_topic(heard: Heard, clause: str, left: str, acts: Labels, read: str) -> None:
    """The rest is read as though it had not been answered: an earlier topic is meant, or another."""
    ask = "How long does it take?"
    others = {left: acts, ask: {"act/deadline": 0.9}, f"gym. {ask}": {"faq/gym": 0.9}}
    reading = heard({"faq/passport": 0.5, "act/deadline": 0.4}, LAST, f"{clause} {ask}", others=others)
    assert name(reading) == "ask_part" and carried(reading)["topic"] == read


def test_a_topic_is_not_refused_for_nothing_else(heard: Heard) -> None:
    others = {"NOT the": {"deny": 0.9}, "Well then.": {"act/case": 0.4}}
    reading = heard(
        {"faq/passport": 0.9},
        Situation(topics=("passport",), later=True),
        "NOT the passport. Well then.",
        others=others,
    )
    assert name(reading) == "ask_part" and carried(reading)["topic"] == "passport"


@pytest.mark.parametrize(
    ("labels", "beside", "read"),
    [
        ({"faq/pool": 0.95}, {"report_problem": 0.8}, "report_problem"),
        ({"faq/pool": 0.95}, {"report_problem": 0.2, "act/case": 0.7}, "ask_part"),
        ({"faq/pool": 0.5, "act/fee": 0.45}, {"report_problem": 0.8}, "ask_part"),
    ],
)
def test_a_report_begins_with_words_about_the_last_answer(
    heard: Heard, labels: Labels, beside: Labels, read: str
) -> None:
    others = {"The is green and it stinks.": beside}
    reading = heard(labels, POOL, "The pool is green and it stinks.", others=others)
    assert name(reading) == read and reading.parsed[0]["text"] == "The pool is green and it stinks."


def test_what_is_surely_nobodys_business_is_no_question_about_the_last_answer(heard: Heard) -> None:
    """ "Tell me a joke" after the pool's answer got a line about the pool."""
    assert name(heard({"out_of_scope": 0.95}, POOL)) == "out_of_scope"
    asks = heard({"out_of_scope": 0.5, "act/fee": 0.4}, POOL)
    assert name(asks) == "ask_part" and carried(asks)["topic"] == "pool"
