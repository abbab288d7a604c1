"""An order about the text is done in the text, or asked about; it is never written into the report."""

import json
from typing import Any

import pytest

from actions.item_form import read
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard

BENCHES = "Please install four wooden benches along the river path, near the mill"
BANCOS = "Pongan cuatro bancos de madera junto al río, cerca del molino"
SIX, SEIS = BENCHES.replace("four", "six"), BANCOS.replace("cuatro", "seis")


@pytest.mark.parametrize("asked", ["item_place", "item_contact", "item_confirm"])
@pytest.mark.parametrize(
    ("text", "before", "new"),
    [
        ("Kindly replace the word four with six in my suggestion.", BENCHES, SIX),
        ('Change "four" to "six", please', BENCHES, SIX),
        ("could you please change four for six", BENCHES, SIX),
        ("no, swap four for six in the text, thank you", BENCHES, SIX),
        ("where it says four put six", BENCHES, SIX),
        ("put six instead of four", BENCHES, SIX),
        ("instead of four, six", BENCHES, SIX),
        ("not four, six", BENCHES, SIX),
        ("cambia cuatro por seis, por favor", BANCOS, SEIS),
        ("sustituya la palabra cuatro por seis en mi aviso", BANCOS, SEIS),
        ("donde pone cuatro pon seis", BANCOS, SEIS),
        ("donde dice cuatro, que diga seis", BANCOS, SEIS),
        ("en vez de cuatro, seis", BANCOS, SEIS),
        ("pon seis en lugar de cuatro", BANCOS, SEIS),
        ("cuatro no, seis", BANCOS, SEIS),
        ("no cuatro sino seis", BANCOS, SEIS),
        (
            "cambia «bancos de madera» por «sillas de hierro»",
            BANCOS,
            BANCOS.replace("bancos de madera", "sillas de hierro"),
        ),
        ("change the river path to the old road", BENCHES, BENCHES.replace("river path", "old road")),
    ],
)
def test_an_exchange_is_done_in_the_text(asked: str, text: str, before: str, new: str) -> None:
    assert heard(asked, text, "fix_text", item_text=before)["item_text"] == new


@pytest.mark.parametrize("act", ["fix_text", "change", "say", "text", "add"])
def test_an_exchange_of_a_word_that_is_named_as_one_is_done_whatever_it_is_taken_for(act: str) -> None:
    text = "Kindly replace the word four with six in my suggestion."
    assert heard("item_confirm", text, act, item_text=BENCHES)["item_text"] == SIX


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Kindly replace the word stone with oak in my suggestion.", "say"),
        ("replace stone with oak", "fix_text"),
        ("cambia piedra por roble", "fix_text"),
        ("donde pone piedra pon roble", "say"),
        ("en vez de piedra, roble", "fix_text"),
        ("cambia piedra por roble", "say"),
    ],
)
def test_what_is_to_be_exchanged_and_is_not_there_is_asked_for(text: str, act: str) -> None:
    assert answered("item_confirm", text, act, item_text=BENCHES) == ["utter_item_not_replaced"]
    assert heard("item_confirm", text, act, item_text=BENCHES)["item_text"] == BENCHES


@pytest.mark.parametrize("act", ["text", "add"])
@pytest.mark.parametrize(
    "text",
    [
        "please replace the bulb with a brighter one",
        "cambien la bombilla por otra",
        "I would put grass instead of gravel",
    ],
)
def test_what_the_town_is_to_exchange_is_told(text: str, act: str) -> None:
    assert text in heard("item_contact", text, act)["item_text"]


def test_an_exchange_behind_other_words_to_the_clerk_takes_none_of_them_along() -> None:
    text = "Goodness no, nobody is in danger, I am merely speaking of benches. Kindly replace the word four with six."
    clauses: Clauses = [
        ("Goodness no,", "safe", 0.91, 0.01),
        ("nobody is in danger,", "safe", 1.0, 0.0),
        ("I am merely speaking of benches.", "yes", 0.47, 0.17),
        ("Kindly replace the word four with six.", "fix_text", 0.7, 0.98),
    ]
    assert heard("item_confirm", text, "fix_text", clauses, item_text=BENCHES)["item_text"] == SIX


def test_an_exchange_is_done_in_the_place_too() -> None:
    before: dict[str, Any] = {"item_text": "A hole in Oak Road 2", "item_place": "Oak Road 2"}
    noted = heard("item_contact", "change Oak to Elm", "fix_text", **before)
    assert (noted["item_text"], noted["item_place"]) == ("A hole in Elm Road 2", "Elm Road 2")


NEW = "ayer a las 20:30 el autobus no paro aunque le hice señas"


@pytest.mark.parametrize("act", ["fix_text", "text", "say", "add", "no", "readback"])
@pytest.mark.parametrize(
    "lead",
    [
        "espera q suena fatal, pon mejor:",
        "pon solo:",
        "jaja noo. q el texto sea:",
        "mejor escribe:",
        "It should just say:",
        "please put only this:",
        "no, the text should read:",
    ],
)
def test_a_whole_text_that_is_dictated_replaces_the_text(lead: str, act: str) -> None:
    text = f"{lead} {NEW}"
    clauses: Clauses = [(lead, "readback", 0.47, 0.1), (NEW, "topic", 0.6, 1.0)]
    assert heard("item_confirm", text, act, clauses)["item_text"] == NEW


def answer(text: str, act: str = "fix_text") -> dict[str, Any]:
    """What is noted when `text` answers whether "En mi portal no se ve" replaces the text or is added."""
    whole = f"{LAMP}. En mi portal no se ve"
    told = json.dumps({"unsure": f"{len(LAMP)}/{len(whole)}"})
    tracker = turn("item_confirm", text, act, item_text=whole, told=told)
    return {**tracker.slots, **read(tracker)[0]}


@pytest.mark.parametrize("act", ["fix_text", "say", "add", "text", "yes", "no", "leave_out"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("q sustituye todo, claro", "En mi portal no se ve"),
        ("yes replace it all", "En mi portal no se ve"),
        ("que lo sustituya, sí", "En mi portal no se ve"),
        ("no, add it", f"{LAMP}. En mi portal no se ve"),
        ("se añade", f"{LAMP}. En mi portal no se ve"),
        ("déjalo como estaba por favor", LAMP),
        ("Leave it as it was, please.", LAMP),
    ],
)
def test_the_answer_in_other_words_is_an_answer_and_no_text(text: str, left: str, act: str) -> None:
    noted = answer(text, act)
    assert noted["item_text"] == left and not noted.get("item_confirm")


def test_behind_the_answer_another_order_is_done_as_well() -> None:
    noted = answer('Leave it as it was, please. Change "semanas" to "meses".')
    assert noted["item_text"] == LAMP.replace("semanas", "meses")


def test_what_is_no_answer_is_heard_as_ever() -> None:
    assert "huele mal" in answer("y además huele mal por la noche en todo el portal", "add")["item_text"]


FILTH = "hay cacas de perro por toda la acera y nadie limpia, un asco"


@pytest.mark.parametrize("act", ["add", "fix_text", "change"])
@pytest.mark.parametrize(
    "text",
    [
        "cambia lo de un asco por favor, pon que es peligroso para los críos",
        "por favor cambia un asco y pon es peligroso para los críos",
    ],
)
def test_what_goes_and_what_comes_in_two_commands_are_exchanged_and_please_is_no_text(text: str, act: str) -> None:
    clauses: Clauses = [(text, "change", 0.6, 0.3)]
    assert heard("item_confirm", text, act, clauses, item_text=FILTH)["item_text"] == FILTH.replace(
        "un asco", "es peligroso para los críos"
    )
