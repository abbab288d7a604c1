"""What is said about the text of a report changes it as it was meant: it replaces, takes out, or adds."""

from typing import Any

import pytest

from actions.asking import summary
from actions.context import current
from actions.item_form import read
from actions.unsure import unsure_at, unsure_buttons
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard

TWO = "La farola no luce. El perro del vecino ladra de noche"
BUS = "madre mia que no. quiero poner una queja por el autobus"
LATE = "el autobus de la linea 3 ha llegado tarde tres veces esta semana"
SLOW = "el bus llega tarde, nadie responde nunca al teléfono"
NO_THEN: Clauses = [
    ("asi no!!", "no", 0.7, 0.02),
    ("quita lo de madre mia", "leave_out", 0.96, 0.97),
    ("y pon:", "add", 0.7, 0.9),
]


@pytest.mark.parametrize("asked", ["item_place", "item_contact", "item_confirm"])
@pytest.mark.parametrize(
    ("text", "act", "new"),
    [
        (f"cambia todo el texto por este: {LATE}", "fix_text", LATE),
        (f"the text should say {LATE}", "fix_text", LATE),
        (f"el texto tiene que decir que {LATE}", "fix_text", LATE),
        (f"no, el texto es «{LATE}»", "fix_text", LATE),
        (f'write this instead: "{LATE}"', "change", LATE),
        (f"borra eso y escribe: {LATE}", "leave_out", LATE),
    ],
)
def test_what_is_dictated_takes_the_place_of_the_text(asked: str, text: str, act: str, new: str) -> None:
    assert heard(asked, text, act, item_text="un texto viejo que está mal")["item_text"] == new


def test_what_is_dictated_behind_a_no_takes_the_place_of_the_text_whatever_the_whole_is_taken_for() -> None:
    text = f"asi no!! quita lo de madre mia y pon: {LATE}"
    clauses: Clauses = [*NO_THEN, (LATE, "topic", 0.7, 1.0)]
    assert heard("item_confirm", text, "text", clauses, item_text=BUS)["item_text"] == LATE
    text = "no, better write: the bench by the pond is broken"
    clauses = [("no,", "no", 0.95, 0.01), ("better write:", "cancel", 0.36, 0.07)]
    clauses = [*clauses, ("the bench by the pond is broken", "text", 0.85, 0.99)]
    assert heard("item_confirm", text, "add", clauses)["item_text"] == "the bench by the pond is broken"


@pytest.mark.parametrize("act", ["fix_text", "leave_out"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("borra la segunda frase", "La farola no luce."),
        ("delete the last sentence", "La farola no luce."),
        ("quita la primera frase", "El perro del vecino ladra de noche"),
        ("quita lo del perro", "La farola no luce."),
        ("take out the bit about the vecino", "La farola no luce."),
        ("quita lo de «del vecino»", "La farola no luce. El perro ladra de noche"),
    ],
)
def test_what_is_to_go_goes_and_nothing_else(text: str, left: str, act: str) -> None:
    noted = heard("item_confirm", text, act, item_text=TWO)
    assert (noted["item_text"], noted["item_place"], noted["item_contact"]) == (left, "Calle Mayor 14", "600 123 456")


def test_a_piece_of_the_text_is_taken_out_and_another_put_there() -> None:
    noted = heard(
        "item_confirm", "quita lo del perro y pon: el banco cojea", "leave_out", item_text=f"{LAMP}. El perro ladra"
    )
    assert noted["item_text"] == f"{LAMP}. el banco cojea"


@pytest.mark.parametrize(
    ("noted", "text", "left"),
    [
        ("La farola no luce y apesta. Nadie viene", "quita lo de apesta", "La farola no luce. Nadie viene"),
        ("La farola no luce y apesta.", "quita lo de apesta", "La farola no luce."),
        ("Hay ratas. Apesta. Nadie viene!", "quita lo de apesta", "Hay ratas. Nadie viene!"),
        ("Apesta, y la farola no luce.", "quita lo de apesta", "La farola no luce."),
        ("the lamp is off, it stinks, and nobody came", "take out that it stinks", "the lamp is off, and nobody came"),
        (
            "the lamp is off\nit stinks\n  nobody came!",
            "remove the bit about stinks",
            "the lamp is off\n  nobody came!",
        ),
        ("Hay ratas. Apesta. Nadie viene", "quita lo de «Apesta»", "Hay ratas. Nadie viene"),
        ("Hay ratas. Apesta! Nadie viene", "borra la segunda frase", "Hay ratas. Nadie viene"),
        ("Hay ratas, apesta mucho, ¿vale?", "quita «apesta mucho»", "Hay ratas, ¿vale?"),
        ("the lamp is off, it was on tuesday", "take out the bit about tuesday", "the lamp is off"),
        ("La farola no luce; apesta", "quita «apesta»", "La farola no luce"),
    ],
)
def test_of_what_is_left_every_word_and_every_end_stays(noted: str, text: str, left: str) -> None:
    assert heard("item_confirm", text, "fix_text", item_text=noted)["item_text"] == left


@pytest.mark.parametrize("act", ["fix_text", "add", "text", "say", "change"])
@pytest.mark.parametrize(
    "text",
    [
        "el coche está fuera de la acera",
        "sigue ahí y el coche sobra en la acera",
        "they have to cut the tree on the acera",
        "nadie quita el coche de la acera",
    ],
)
def test_a_word_that_may_be_a_command_takes_nothing_out_within_what_is_told(text: str, act: str) -> None:
    before = "Un coche y un tree en la acera. Nadie multa"
    assert heard("item_confirm", text, act, item_text=before)["item_text"].startswith(before)


@pytest.mark.parametrize("text", ["quita el coche de la acera ya", "please remove the coche from the acera"])
@pytest.mark.parametrize("act", ["add", "text"])
def test_what_the_town_is_to_take_away_stays_in_the_text(text: str, act: str) -> None:
    noted = heard("item_confirm", text, act, item_text="Un coche en la acera. Nadie multa")["item_text"]
    assert noted == f"Un coche en la acera. Nadie multa. {text}"


@pytest.mark.parametrize("act", ["add", "text", "say"])
@pytest.mark.parametrize("text", ["di una vuelta y vi tres ratas", "put out bins block the way"])
def test_a_word_for_writing_that_tells_what_happened_stays(text: str, act: str) -> None:
    assert heard("item_confirm", text, act)["item_text"] == f"{LAMP}. {text}"


@pytest.mark.parametrize(
    ("text", "act", "words"),
    [
        ("say it was on tuesday", "fix_text", "it was on tuesday"),
        ("add that it is deep", "add", "it is deep"),
        ("añade que es hondo", "add", "es hondo"),
    ],
)
def test_a_few_words_are_put_there_without_the_command(text: str, act: str, words: str) -> None:
    assert heard("item_confirm", text, act)["item_text"] == f"{LAMP}. {words}"


@pytest.mark.parametrize("act", ["leave_out", "fix_text"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("take out the council bit", "my bike broke."),
        ("quita lo del ayuntamiento", "my bike broke. the council does nothing"),
        ("borra lo del elefante", "my bike broke. the council does nothing. El ayuntamiento tampoco"),
    ],
)
def test_what_is_to_go_from_the_text_takes_no_place_with_it(text: str, left: str, act: str) -> None:
    before = "my bike broke. the council does nothing"
    before = before if "council" in text else f"{before}. El ayuntamiento tampoco"
    left = f"{left}." if left.endswith("nothing") else left
    noted = heard("item_confirm", text, act, item_text=before, item_contact="none")
    assert (noted["item_text"], noted["item_place"]) == (left, "Calle Mayor 14")


@pytest.mark.parametrize("act", ["fix_text", "add", "text"])
@pytest.mark.parametrize(
    "text",
    [
        "hay un cartel que dice y no hay quien diga que funciona bien",
        "en la puerta hay que poner un cartel que diga: no pasar nunca",
        "the sign should be made to say that dogs may not enter",
        "fui a poner una denuncia por esto mismo",
    ],
)
def test_of_a_clause_that_only_has_a_word_for_writing_no_half_is_kept(text: str, act: str) -> None:
    assert text in heard("item_confirm", text, act)["item_text"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("por favor, pon que huele mal", "huele mal"),
        ("could you write that it stinks badly", "it stinks badly"),
        ("hay ratas por la noche. pon que huele mal", "hay ratas por la noche. huele mal"),
        ("the bin is full too, say that it stinks badly", "the bin is full too. it stinks badly"),
    ],
)
def test_what_is_dictated_begins_its_clause_and_what_is_told_before_it_stays(text: str, words: str) -> None:
    assert heard("item_confirm", text, "add")["item_text"] == f"{LAMP}. {words}"


DOG = "La farola no luce. El perro del vecino ladra de noche."


@pytest.mark.parametrize("act", ["fix_text", "leave_out", "change"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("quita lo del perro y pon que el banco de la plaza cojea", "La farola no luce. el banco de la plaza cojea"),
        ("delete the bit about the perro and put that the bench is broken", "La farola no luce. the bench is broken"),
        ("quita lo del perro y pon lo del gato", DOG.replace("perro", "gato")),
        ("quita perro y pon gato", DOG.replace("perro", "gato")),
        ("borra lo de noche y escribe: de día", DOG.replace("noche", "día")),
        ("quita el vecino, pon el cartero", DOG.replace("vecino", "cartero")),
    ],
)
def test_what_is_to_go_goes_and_what_is_to_stand_there_is_put_there(text: str, left: str, act: str) -> None:
    assert heard("item_confirm", text, act, item_text=DOG)["item_text"] == left


def test_a_few_words_for_what_is_not_there_do_not_replace_all() -> None:
    noted = heard("item_confirm", "quita lo del elefante y pon lo del gato", "fix_text", item_text=DOG)["item_text"]
    assert noted.startswith(DOG)


def test_all_of_the_text_is_not_taken_out() -> None:
    assert heard("item_confirm", "quita lo de la farola", "leave_out", item_text="La farola no luce")["item_text"]


def test_what_is_dictated_behind_a_wish_to_change_it_takes_its_place_before_the_summary_too() -> None:
    clauses: Clauses = [("hmm change what i wrote,", "change", 0.8, 0.1), ("put:", "add", 0.5, 0.8)]
    clauses = [*clauses, ("rats come out of the drain", "text", 0.9, 1.0)]
    noted = heard("item_place", "hmm change what i wrote, put: rats come out of the drain", "text", clauses)
    assert noted["item_text"] == "rats come out of the drain"


@pytest.mark.parametrize(("asked", "other"), [("item_contact", "item_place"), ("item_place", "item_contact")])
def test_a_title_that_two_questions_have_answers_the_one_that_was_asked(asked: str, other: str) -> None:
    for title in ("skip", "Saltar"):
        before = turn(asked, title, "skip").slots.get(other)
        noted = heard(asked, title, "skip")
        assert (noted[asked], noted.get(other)) == ("none", before)


def test_only_the_clause_that_takes_something_out_says_what_goes() -> None:
    text = f"no pone ni que llega tarde. quita lo del saludo y pon: {LATE}"
    assert (
        heard("item_confirm", text, "fix_text", item_text="el bus llega tarde, nadie responde nunca al teléfono")[
            "item_text"
        ]
        == LATE
    )


def test_what_stands_in_several_places_goes_from_all_of_them() -> None:
    text = "the swing is broken and the fountain leaks. the fountain is at number 3"
    noted = heard("item_confirm", "delete the bit about the fountain", "fix_text", item_text=text)
    assert noted["item_text"] == "the swing is broken."


@pytest.mark.parametrize("act", ["fix_text"])
def test_what_is_to_go_and_is_not_there_is_no_addition(act: str) -> None:
    assert answered("item_confirm", "borra lo del elefante", act) == ["utter_item_not_taken"]
    assert heard("item_confirm", "borra lo del elefante", act)["item_text"] == LAMP


def test_a_quoted_word_is_exchanged_for_another() -> None:
    text = 'please change "no luce" for "parpadea"'
    assert heard("item_confirm", text, "fix_text")["item_text"] == "La farola parpadea desde hace 3 semanas"


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("añade que hay cristales en el suelo", "hay cristales en el suelo"),
        ("add that there is glass on the floor", "there is glass on the floor"),
        ("pon también la matricula 4471 KLM", "la matricula 4471 KLM"),
        ("y además de eso huele mal", "y además de eso huele mal"),
    ],
)
def test_what_is_added_stands_behind_the_text_without_the_command(text: str, added: str) -> None:
    assert heard("item_confirm", text, "add")["item_text"] == f"{LAMP}. {added}"
    assert answered("item_contact", text, "add") == ["utter_item_added"]


def unclear(text: str, act: str = "fix_text") -> tuple[str, dict[str, str]]:
    """The text as it is shown, and what each button makes of it."""
    tracker = turn("item_confirm", text, act)
    filled, says = read(tracker)
    assert says == ["utter_item_unsure"]
    made: dict[str, str] = {}
    for button in unsure_buttons(tracker, unsure_at(LAMP, filled["item_text"])):
        value = button["payload"].split('"value": "')[1].rstrip('"}')
        noted: dict[str, Any] = {"item_text": filled["item_text"]}
        made[button["title"]] = read(
            turn("item_confirm", "/choose", intent="choose", slot="item_text", value=value, **noted)
        )[0]["item_text"]
    return str(summary(tracker, current().knowledge, filled)["matter"]), made


@pytest.mark.parametrize(
    ("text", "act", "words"),
    [
        ("fue por culpa de la tormenta, no es así", "fix_text", "fue por culpa de la tormenta, no es así"),
        ("no, write instead that it hums at night", "fix_text", "it hums at night"),
        ("En mi portal no se ve nada por la noche", "text", "En mi portal no se ve nada por la noche"),
    ],
)
def test_what_may_replace_or_add_is_shown_and_she_says_which(text: str, act: str, words: str) -> None:
    shown, made = unclear(text, act)
    assert shown == f"{LAMP}. {words}"
    assert list(made.values()) == [words, f"{LAMP}. {words}", LAMP]


@pytest.mark.parametrize(
    "value", ["replace:10/20", "replace:x", "replace:", "leave:0/38", "erase:3/38", "replace:99/38"]
)
def test_a_button_for_a_text_that_has_changed_since_changes_nothing(value: str) -> None:
    filled, _ = read(turn("item_confirm", "/choose", intent="choose", slot="item_text", value=value))
    assert filled.get("item_text", LAMP) == LAMP


@pytest.mark.parametrize(
    ("title", "slot"),
    [("El texto", "item_text"), ("the text", "item_text"), ("El lugar", "item_place"), ("el contacto", "item_contact")],
)
def test_the_title_of_a_button_of_the_form_may_be_typed(title: str, slot: str) -> None:
    assert heard("item_confirm", title, "fix_text")[slot] is None
