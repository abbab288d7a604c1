"""What a message means after the one before it."""

import time

import pytest

from engine.context import Context

CONTEXT = Context()
OFFERED = ["/faq/property_tax", "/faq/waste_fee", "/faq/vehicle_tax"]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("¿y cuánto cuesta?", "fee"),
        ("and how much is it?", "fee"),
        ("q vale", "fee"),
        ("es gratis?", "fee"),
        ("¿y los sábados?", "hours"),
        ("and on Saturdays?", "hours"),
        ("el sabado tb?", "hours"),
        ("a qué hora abren", "hours"),
        ("¿qué papeles tengo que llevar?", "documents"),
        ("what do I need to bring", "documents"),
        ("dónde es", "where"),
        ("where do I go?", "where"),
        ("¿cuánto tardan?", "deadline"),
        ("how long does it take?", "deadline"),
        ("¿hay teléfono?", "phone"),
    ],
)
def test_a_short_question_asks_for_a_fact_of_the_last_answer(text, fact):
    assert CONTEXT.fact(text) == fact


@pytest.mark.parametrize(
    "text",
    [
        "¿cuánto cuesta el bonobús?",
        "how much is a passport",
        "¿dónde está el punto limpio?",
        "gracias",
        "hola",
        "no",
        "quiero hablar con una persona",
        "",
        "🙂",
    ],
)
def test_a_question_with_a_subject_of_its_own_does_not(text):
    assert CONTEXT.fact(text) is None


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("la segunda", OFFERED[1]),
        ("the second one", OFFERED[1]),
        ("La primera.", OFFERED[0]),
        ("3", OFFERED[2]),
        ("la última", OFFERED[2]),
        ("ninguna de estas", "/out_of_scope"),
        ("quiero pagar el ibi", None),
    ],
)
def test_words_choose_among_what_was_offered(text, payload):
    assert CONTEXT.chosen(text, OFFERED) == payload


def test_nothing_is_chosen_when_nothing_was_offered():
    assert CONTEXT.chosen("la segunda", []) is None
    assert CONTEXT.chosen("the third one", OFFERED[:2]) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("¿Cómo me empadrono? ¿Y dónde renuevo el DNI?", ["¿Cómo me empadrono?", "¿Y dónde renuevo el DNI?"]),
        (
            "cómo pago una multa y cuándo recogen los muebles",
            ["cómo pago una multa", "cuándo recogen los muebles"],
        ),
        ("how do I pay a fine and when is the bin day", ["how do I pay a fine", "when is the bin day"]),
        ("I just moved here. How do I register?", []),
        ("¿dónde se renueva el DNI y cuánto cuesta?", []),
        ("muebles y enseres", []),
    ],
)
def test_two_questions_are_told_apart(text, parts):
    assert CONTEXT.questions(text) == parts


@pytest.mark.parametrize("piece", [" ", "y que ", "¿qué hay y ", "\n ", "y ", "a? ", ", y  "])
def test_hostile_text_costs_linear_time(piece):
    def took(length):
        text = "a" + (piece * length)[:length] + "b?"
        started = time.process_time()
        CONTEXT.questions(text)
        return time.process_time() - started

    short, long = (min(took(length) for _ in range(3)) for length in (1_000, 4_000))
    assert long < 8 * short + 0.004  # four times the length; quadratic would be sixteen
