"""A deadline that recurs is told as it stands today, in the agency's zone; one without dates as it is written."""

import datetime as dt
import re

import pytest
from babel.dates import get_month_names

from bot.knowledge.entries import Answer
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.knowledge.parts import parts_of
from bot.knowledge.periods import line_about, names_period, periods_of
from bot.knowledge.render import render
from bot.knowledge.yearly import as_typed, from_typed
from bot.settings import ROOT

MONTHS = {language: get_month_names("wide", locale=language) for language in LANGUAGES}
# Deadlines that name a month and are no period in which a citizen has to act.
NO_PERIOD = {
    "terrace_licence": "or two months before, whenever that is",
    "participatory_budget": "two periods for two things: proposals, then the vote",
    "swimming_pool": "when the outdoor pool is open",
    "culture_agenda": "when the festival is",
    "tree_pruning": "when trees are pruned",
    "waste_schedule": "two nights without collection",
    "resident_parking": "renewed in January, asked for at any time",
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(ROOT / "demo")


def wordings(knowledge: Knowledge, topic: str) -> list[Answer]:
    found = [knowledge.answer(f"utter_faq/{topic}", language) for language in LANGUAGES]
    return [answer for answer in found if answer]


def deadline(answer: Answer) -> str:
    return str((answer.custom.get("facts") or {}).get("deadline") or "")


def months_in(text: str, language: str) -> list[int]:
    """The months that a text names."""
    found = re.findall(r"[^\W\d]+", text)
    return [number for word in found for number, month in MONTHS[language].items() if word == month]


def test_every_deadline_that_names_a_month_has_its_period_or_a_reason_for_none(knowledge: Knowledge) -> None:
    without = {
        topic
        for topic in knowledge.topics
        for answer in wordings(knowledge, topic)
        if months_in(deadline(answer), answer.language) and not periods_of(answer)
    }
    assert without == set(NO_PERIOD)


def test_every_period_is_the_one_that_its_deadline_tells_in_both_languages(knowledge: Knowledge) -> None:
    read, wrong = {}, []
    for topic in knowledge.topics:
        for answer in wordings(knowledge, topic):
            if not (periods := periods_of(answer)):
                continue
            read[topic] = as_typed(answer.custom["periods"])
            words = deadline(answer)
            ends = {day for period in periods for day in (period.start, period.end) if day}
            told = set(months_in(words, answer.language))
            days = {int(number) for number in re.findall(r"\d+", words)}
            whole = all(period.start and period.start.day == 1 for period in periods) and not days
            if not {day.month for day in ends} <= told or not (whole or {day.day for day in ends} <= days):
                wrong.append((topic, answer.language, words, read[topic]))
    assert wrong == []
    assert read == {
        "property_tax": "01/09-05/11",
        "property_tax_discount": "-31/01",
        "vehicle_tax": "01/03-05/05",
        "waste_fee": "01/09-05/11",
        "street_market": "01/11-30/11",
        "rent_help": "01/02-28/02",
        "income_tax": "08/04-30/06",
        "nursery": "01/04-30/04",
        "school_enrolment": "01/03-20/03",
        "school_meals_grant": "01/05-30/05",
        "seniors_activities": "01/09-30/09, 01/01-31/01",
    }


def said(knowledge: Knowledge, periods: list[str], day: str, language: str = "es") -> str:
    custom = {"periods": periods, "agency": "aldealba"}
    answer = Answer("utter_faq/x", language, "", (), custom)
    knowledge.clock = lambda: dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return line_about(knowledge, answer, language)


@pytest.mark.parametrize(
    ("periods", "day", "es", "en"),
    [
        (
            ["09-01/11-05"],
            "2026-11-29",
            "El plazo de este año terminó el 5 de noviembre. El siguiente empieza el 1 de septiembre de 2027.",
            "This year's period ended on 5 November. The next one opens on 1 September 2027.",
        ),
        (
            ["09-01/11-05"],
            "2026-09-01",
            "El plazo está abierto: termina el 5 de noviembre.",
            "It is open now, until 5 November.",
        ),
        (["09-01/11-05"], "2026-11-05", "Hoy es el último día del plazo.", "Today is the last day."),
        (
            ["09-01/11-05"],
            "2026-08-31",
            "El plazo aún no está abierto: va del 1 de septiembre al 5 de noviembre.",
            "It is not open yet: it opens on 1 September and ends on 5 November.",
        ),
        (  # over the end of a year
            ["11-15/02-28"],
            "2026-12-31",
            "El plazo está abierto: termina el 28 de febrero de 2027.",
            "It is open now, until 28 February 2027.",
        ),
        (["11-15/02-28"], "2027-02-28", "Hoy es el último día del plazo.", "Today is the last day."),
        (  # two in a year: what was, and what comes
            ["09-01/09-30", "01-01/01-31"],
            "2026-10-02",
            "El plazo de este año terminó el 30 de septiembre. El siguiente empieza el 1 de enero de 2027.",
            "This year's period ended on 30 September. The next one opens on 1 January 2027.",
        ),
        (  # only an end
            ["../01-31"],
            "2026-01-10",
            "Este año hay plazo hasta el 31 de enero.",
            "This year you have until 31 January.",
        ),
        (
            ["../01-31"],
            "2026-02-01",
            "El plazo de este año terminó el 31 de enero. El siguiente termina el 31 de enero de 2027.",
            "This year's deadline was 31 January. The next one is 31 January 2027.",
        ),
        (["../02-29"], "2027-02-28", "Hoy es el último día del plazo.", "Today is the last day."),
        ([], "2026-01-10", "", ""),
    ],
)
def test_it_is_said_how_the_period_stands_today(
    knowledge: Knowledge, periods: list[str], day: str, es: str, en: str
) -> None:
    assert (said(knowledge, periods, day), said(knowledge, periods, day, "en")) == (es, en)


def test_the_day_begins_where_the_agency_is(knowledge: Knowledge) -> None:
    answer = Answer("utter_faq/x", "es", "", (), {"periods": ["09-01/11-05"], "agency": "aldealba"})
    knowledge.clock = lambda: dt.datetime(2026, 8, 31, 22, 30, tzinfo=dt.UTC)  # half past midnight in Madrid
    assert "está abierto" in line_about(knowledge, answer, "es")
    knowledge.clock = lambda: dt.datetime(2026, 8, 31, 21, 30, tzinfo=dt.UTC)
    assert "aún no" in line_about(knowledge, answer, "es")


def test_the_whole_answer_ends_with_it_before_its_source(knowledge: Knowledge) -> None:
    knowledge.clock = lambda: dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
    made = render(knowledge, "utter_faq/property_tax", "es")
    assert made.card and made.card["period"].startswith("El plazo de este año terminó el 5 de noviembre.")
    paragraphs = made.text.split("\n\n")
    assert paragraphs[-2] == made.card["period"] and paragraphs[-1].startswith("Fuente:")
    without = render(knowledge, "utter_faq/bulky_waste", "es")
    assert without.card and "period" not in without.card


def test_a_part_that_tells_the_deadline_is_known(knowledge: Knowledge) -> None:
    for language, day in (("es", "5 de noviembre"), ("en", "5 November")):
        answer = knowledge.answer("utter_faq/property_tax", language)
        assert answer
        naming = {part.key for part in parts_of(answer) if names_period(part, answer)}
        assert naming == {"fact:deadline", "text:0"} and day in answer.text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", []),
        ("01/09-05/11", ["09-01/11-05"]),
        (" 1/9 – 5/11 , - 31/1", ["09-01/11-05", "../01-31"]),
        ("29/2-1/3", ["02-29/03-01"]),
    ],
)
def test_what_an_administrator_types_is_what_the_file_keeps(typed: str, kept: list[str]) -> None:
    assert from_typed(typed) == kept
    assert from_typed(as_typed(kept)) == kept


@pytest.mark.parametrize(
    "typed", ["31/02-05/11", "1/9", "1/13-5/13", "septiembre", "1/9-5/11-6/11", "5/11-", "1/9-5/11,"]
)
def test_what_is_no_period_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$"):
        from_typed(typed)
