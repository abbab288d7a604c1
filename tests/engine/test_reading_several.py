"""The questions of a message that asks several, and the story that leads to one."""

from __future__ import annotations

import pytest

from engine.several import clauses_of
from engine.situation import Situation
from tests.engine.heard import (
    EACH,
    FILED,
    LATER,
    NEEDS,
    POOL,
    TWO,
    WAITING,
    Heard,
    Labels,
    carried,
    names,
)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (TWO, ["faq/pool", "faq/passport"]),
        ("When does the pool open? What does it cost me?", ["faq/pool"]),
        ("What does it cost me? When does the pool open?", ["faq/gym", "faq/pool"]),
        (f"{TWO} Where is the gym of the town?", ["faq/pool", "faq/passport"]),
        ("When does the pool open? When does the pool open?", ["faq/pool"]),
        ("I have lived here for years. When does the pool open? Thank you very much.", ["faq/pool"]),
        ("I have lived here for years. Thank you very much.", ["nlu_fallback"]),
    ],
)
@pytest.mark.parametrize("situation", [Situation(), LATER])
def test_of_a_message_with_several_questions_the_first_two_are_answered(
    heard: Heard, text: str, answers: list, situation: Situation
) -> None:
    assert names(heard({"faq/pool": 0.3, "faq/passport": 0.3}, situation, text, others=EACH)) == answers


def test_one_question_with_something_beside_it_is_read_as_a_whole(heard: Heard) -> None:
    text = "I have lived here for years. How do I renew my passport?"
    assert names(heard({"faq/pool": 0.95}, Situation(), text, others=EACH)) == ["faq/pool"]


STORY = "I have a passport. When does the pool open?"
ALSO = "I need a passport. And the pool"


@pytest.mark.parametrize(
    ("text", "passport", "answers"),
    [
        (STORY, 0.01, ["faq/pool"]),
        (STORY, 0.07, ["faq/pool"]),
        (STORY, 0.3, ["faq/passport", "faq/pool"]),
        (ALSO, 0.01, ["faq/pool"]),
        (ALSO, 0.07, ["faq/passport", "faq/pool"]),
        ("Do I need a passport, and when does the pool open?", 0.01, ["faq/passport", "faq/pool"]),
        ("When does the pool open? I need a passport.", 0.01, ["faq/pool", "faq/passport"]),
    ],
)
def test_the_story_that_leads_to_a_question_is_no_question(
    heard: Heard, text: str, passport: float, answers: list
) -> None:
    """She tells of it before she asks, no mark stands there, and in the whole message hardly anything speaks for it."""
    others = {
        **{
            part: {"faq/passport": 0.9} for part in ("I have a passport.", "I need a passport.", "Do I need a passport")
        },
        **{part: {"faq/pool": 0.9} for part in ("the pool", "And the pool", "when does the pool open?")},
        "When does the pool open?": {"faq/pool": 0.9},
    }
    behind = {f"Passport. {part}": labels for part, labels in others.items() if labels.get("faq/pool")}
    behind |= {f"Swimming pool. {part}": labels for part, labels in others.items() if labels.get("faq/passport")}
    whole = {"faq/pool": 0.95 - passport, "faq/passport": passport}
    assert names(heard(whole, Situation(), text, others={**others, **behind})) == answers


def test_everything_that_is_told_with_a_report_belongs_to_it(heard: Heard) -> None:
    assert names(heard({"report_problem": 0.9}, LATER, TWO, others=EACH)) == ["report_problem"]
    assert heard.asked == []


def test_a_long_message_is_not_understood_without_end(heard: Heard) -> None:
    heard({"faq/pool": 0.3}, LATER, "I have lived here for years. " * 50, others=EACH)
    assert len(heard.asked) <= 8


@pytest.mark.parametrize(
    ("labels", "situation", "kept"),
    [
        ({"ask_human": 0.9}, LATER, "ask_human"),
        ({"act/withdraw": 0.9}, FILED, "withdraw"),
        ({"act/add_filed": 0.9}, FILED, "add_filed"),
        ({"act/fix_filed": 0.9}, FILED, "fix_filed"),
        ({"act/note": 0.9}, WAITING, "note"),
        ({"act/add_filed": 0.9}, NEEDS, "add_filed"),
        ({"affirm": 0.9}, Situation(asked="/ask_human", later=True), "pressed"),
    ],
)
def test_what_she_wants_done_is_not_lost_over_the_questions_beside_it(
    heard: Heard, labels: Labels, situation: Situation, kept: str
) -> None:
    assert kept in names(heard(labels, situation, TWO, others=EACH))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("¿Cómo pago? ¿Y cuándo recogen los muebles?", ["¿Cómo pago?", "¿Y cuándo recogen los muebles?"]),
        ("cómo pago una multa y cuándo recogen", ["cómo pago una multa", "cuándo recogen"]),
        ("how do I pay, and when is bin day", ["how do I pay", "when is bin day"]),
        ("Calle de Yuste y Andrade", ["Calle de Yuste", "Andrade"]),
        ("", []),
    ],
)
def test_a_text_is_cut_where_a_sentence_or_an_and_ends_it(text: str, clauses: list) -> None:
    assert [clause.text for clause in clauses_of(text)] == clauses


def test_who_asks_two_things_about_an_answer_gets_the_part_for_each(heard: Heard) -> None:
    both = "What does it cost us? When is it open then?"
    each = {"What does it cost us?": {"act/fee": 0.9}, "When is it open then?": {"act/hours": 0.9}}
    told = heard({"act/fee": 0.6, "act/hours": 0.3}, POOL, both, others=each)
    assert [part.rsplit(":", 1)[0] for part in carried(told)["parts"].split(",")] == ["fact:fee", "fact:hours"]
    once = heard({"act/fee": 0.9}, POOL, "What does it cost us? I am in a hurry.", others=each)
    assert carried(once)["parts"].startswith("fact:fee")
