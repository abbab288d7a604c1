"""Whose a "no" is, at each question of the form: an answer to it, or part of a correction. As the engine reads them."""

import pytest

from actions.items import NONE
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard


def text_of(clauses: Clauses) -> str:
    return " ".join(words for words, *_ in clauses)


ADDING: list[Clauses] = [
    [("nah.", "no", 0.63, 0.0), ("also it's been flickering for weeks", "add", 0.83, 0.83)],
    [("no thanks,", "no", 0.68, 0.0), ("but tell them it's dangerous for the kids", "add", 0.79, 0.89)],
    [("de momento no,", "no", 0.92, 0.0), ("pero esta delante del estanco", "add", 0.64, 0.99)],
    [("no hace falta.", "skip", 0.95, 0.0), ("y huele fatal por las noches", "add", 0.83, 0.9)],
]
CORRECTING: list[Clauses] = [
    [("no,", "no", 0.95, 0.0), ("no son una sino dos farolas", "fix_text", 0.99, 1.0)],
    [("no wait,", "no", 0.57, 0.02), ("not a light,", "fix_text", 0.92, 0.95), ("it's a sign", "fix_kind", 0.89, 0.97)],
]


@pytest.mark.parametrize("clauses", ADDING)
@pytest.mark.parametrize("act", ["add", "fix_text", "no"])
def test_at_the_question_for_a_contact_a_no_before_an_addition_is_no_contact(act: str, clauses: Clauses) -> None:
    noted = heard("item_contact", text_of(clauses), act, clauses)
    assert noted["item_contact"] == NONE and clauses[0][0] not in noted["item_text"]
    assert noted["item_text"].startswith(f"{LAMP}. ") and noted["item_text"].endswith(clauses[-1][0].split()[-1])
    assert answered("item_contact", text_of(clauses), act, clauses) == ["utter_item_added"]


@pytest.mark.parametrize("clauses", CORRECTING)
def test_at_the_question_for_a_contact_the_no_of_a_correction_of_the_text_is_the_corrections(clauses: Clauses) -> None:
    noted = heard("item_contact", text_of(clauses), "fix_text", clauses)
    assert noted.get("item_contact") is None and clauses[1][0].strip(",") in noted["item_text"]


def test_who_refuses_a_contact_with_a_skip_has_refused_it_beside_a_correction_of_the_text_too() -> None:
    clauses: Clauses = [("ni hablar,", "skip", 0.9, 0.0), ("no son una sino dos farolas", "fix_text", 0.99, 1.0)]
    noted = heard("item_contact", text_of(clauses), "fix_text", clauses)
    assert noted["item_contact"] == NONE and "dos farolas" in noted["item_text"]


@pytest.mark.parametrize("act", ["skip", "no", "fix_place"])
def test_another_street_beside_a_refusal_is_mended_in_the_text_too(act: str) -> None:
    clauses: Clauses = [
        ("nada de telefonos.", "skip", 0.5, 0.29),
        ("y era en la calle Sol,", "place", 0.37, 0.94),
        ("no Luna", "no", 0.53, 0.06),
    ]
    before = {"item_text": "hay una farola fundida en la calle Luna 4", "item_place": "calle Luna 4"}
    noted = heard("item_contact", text_of(clauses), act, clauses, street="calle Sol", **before)
    assert "calle Sol" in noted["item_place"] and noted["item_contact"] == NONE
    assert "Luna" not in noted["item_text"] and "calle Sol" in noted["item_text"]


@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
@pytest.mark.parametrize("text", ["no", "ni hablar", "mejor no", "nope", "rather not"])
@pytest.mark.parametrize("act", ["no", "skip"])
def test_a_bare_no_leaves_open_what_was_asked(act: str, text: str, asked: str) -> None:
    noted = heard(asked, text, act, [(text, act, 0.9, 0.0)])
    assert noted[asked] == NONE and noted["item_text"] == LAMP


@pytest.mark.parametrize("asked", ["item_text", "item_place", "item_confirm"])
@pytest.mark.parametrize("clauses", ADDING)
def test_at_the_other_questions_the_no_is_no_contact(clauses: Clauses, asked: str) -> None:
    noted = heard(asked, text_of(clauses), "add", clauses)
    before = turn(asked, "no").slots.get("item_contact")
    assert noted.get("item_contact") == before and noted.get("item_confirm") is None


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("mejor pon mi telefono 600 123 456", "600 123 456"),
        ("put my mail instead: ana@correo.example", "ana@correo.example"),
    ],
)
def test_words_that_tell_the_clerk_to_write_a_contact_are_no_part_of_it(text: str, contact: str) -> None:
    assert heard("item_confirm", text, "fix_contact")["item_contact"] == contact
