"""The subject of a report stays when its text is put in other words, unless these surely are about something else."""

import pytest

from tests.actions.asked import bound  # noqa: F401
from tests.actions.form import heard

BENCH = {
    "item_subject": "parks_trees",
    "item_agency": "aldealba",
    "item_text": "a bench by the river for elderly walkers",
}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("put only: seats by the river", "parks_trees"),
        ("put only: benches along the path so that elderly people may rest", "parks_trees"),
        ("put only: something for elderly people to sit on", "parks_trees"),
        ("put only: the lamp post by the river is broken", "street_lighting"),
    ],
)
def test_words_that_name_no_other_matter_leave_the_subject(text: str, subject: str) -> None:
    assert heard("item_confirm", text, "fix_text", **BENCH)["item_subject"] == subject


def test_a_text_that_is_written_anew_keeps_the_subject_and_the_agency() -> None:
    before = {**BENCH, "item_subject": "regional_road", "item_agency": "riomar", "item_text": None}
    noted = heard("item_text", "se han cargado el bolardo de mi garaje", "text", **before)
    assert (noted["item_subject"], noted["item_agency"]) == ("regional_road", "riomar")


def test_a_report_that_had_no_subject_gets_one_from_its_new_words() -> None:
    before = {**BENCH, "item_subject": "other", "item_text": "esto no va"}
    assert (
        heard("item_confirm", "pon solo: la farola no luce", "fix_text", **before)["item_subject"] == "street_lighting"
    )
