"""What is corrected in words is mended where it stands, and nothing else is touched."""

import pytest

from actions.amending import mended, replaced

LAMP = "La farola de la calle Olma 14 no luce desde hace 3 semanas"


@pytest.mark.parametrize(
    ("noted", "said", "mend"),
    [
        ("hole at Mayor 14", "wait, sorry it's not number 14, it's 41", "hole at Mayor 41"),
        ("hole at Mayor 14", "it is 41", "hole at Mayor 41"),
        (LAMP, "no es Olma, es Olmo", "La farola de la calle Olmo 14 no luce desde hace 3 semanas"),
        (LAMP, "Olmo, con o", "La farola de la calle Olmo 14 no luce desde hace 3 semanas"),
        (LAMP, "son 5 semanas, no 3", "La farola de la calle Olma 14 no luce desde hace 5 semanas"),
        ("600 123 456", "acaba en 457, no en 456", "600 123 457"),
        ("fue el lunes por la tarde", "no fue el lunes, fue el martes", "fue el martes por la tarde"),
        ("it was on monday", "it was not on monday, it was on tuesday", "it was on tuesday"),
        ("hay dos farolas rotas", "no son dos, son tres", "hay tres farolas rotas"),
        ("the red bin is full", "the green bin, not the red bin", "the green bin is full"),
        ("Bin in Ríbera", "no, Molinos, not Ribera", "Bin in Molinos"),
    ],
)
def test_what_leaves_no_choice_is_mended(noted: str, said: str, mend: str) -> None:
    assert mended(noted, said) == mend


@pytest.mark.parametrize(
    "said",
    [
        "son 5",
        "está mal",
        "no es así",
        "",
        "14 y 3 no, 41 y 5",
        "la farola no luce, la acera se hunde",
        "no luce, apesta",
    ],
)
def test_what_leaves_a_choice_is_not_guessed(said: str) -> None:
    assert mended(LAMP, said) is None


def test_only_whole_words_are_replaced() -> None:
    assert replaced("Sol, Solano y Sol", "sol", "Luna") == "Luna, Solano y Luna"
    assert replaced("calle Mayor 3 y calle Mayor 33", "Calle Mayor 3", "Olmo 1") == "Olmo 1 y calle Mayor 33"
