"""Corrections inside the form, and messages about several matters."""

import json
from typing import Any

import pytest

from actions.item_form import read
from actions.noted import MAX_TEXT, MOST_MORE
from actions.pieces import matters_of
from tests.actions.asked import LAMP, NOTED, after, bound, heard, keeps, said, turn  # noqa: F401

# -- correcting


@pytest.mark.parametrize("text", ["no, en la calle Mayor 3", "perdón, calle Mayor 3", "quería decir calle Mayor 3"])
@pytest.mark.parametrize("act", ["fix_place", "place"])
def test_a_correction_in_free_words_replaces_the_place_and_a_location(text: str, act: str) -> None:
    point = {"item_lat": 40.4, "item_lon": -3.7, "item_place": "40.40000, -3.70000"}
    filled = heard("item_contact", text, act, street="calle Mayor 3", **point)
    assert (filled["item_place"], filled["item_lat"], filled["item_lon"]) == ("calle Mayor 3", None, None)


@pytest.mark.parametrize("act", ["no", "skip", "send"])
def test_a_street_beside_a_command_is_noted(act: str) -> None:
    noted = after("item_contact", "no, en la calle Alameda 3", act, street="calle Alameda 3")
    assert "Alameda 3" in noted["item_place"] or "Alameda 3" in noted["item_text"]


@pytest.mark.parametrize("asked", ["item_contact", "item_confirm"])
def test_a_street_that_was_wrong_is_mended_in_the_text_too(asked: str) -> None:
    text = "La farola de la calle Olma 14 no luce"
    noted = after(asked, "no es Olma, es Olmo", "fix_place", item_text=text, item_place="calle Olma 14", street=None)
    assert (noted["item_place"], noted["item_text"]) == ("calle Olmo 14", "La farola de la calle Olmo 14 no luce")


@pytest.mark.parametrize(
    ("text", "street", "place"),
    [
        ("es la calle Alameda 3, no la calle Mayor 14", "calle Alameda 3", "calle Alameda 3"),
        ("perdón, es la calle Alameda 3, gracias", "calle Alameda 3", "calle Alameda 3"),
        ("it's Mill Street 12 not Mayor 14, by the bakery", "Mill Street 12", "Mill Street 12, by the bakery"),
        ("la calle es Alameda 3 y mi teléfono 611 222 333", "Alameda 3", "Alameda 3"),
    ],
)
def test_of_a_corrected_place_only_what_was_wrong_goes(text: str, street: str, place: str) -> None:
    noted = after("item_confirm", text, "fix_place", street=street)
    assert (noted["item_place"], noted["item_text"]) == (place, LAMP)
    assert noted["item_contact"] == ("611 222 333" if "611" in text else NOTED["item_contact"])


@pytest.mark.parametrize("before", [{}, {"item_place": "Calle Mayor 14"}])
def test_a_place_told_instead_of_the_matter_leaves_the_matter_open(before: dict[str, Any]) -> None:
    noted = after("item_text", "no, es en la calle Alameda 3", "fix_place", street="calle Alameda 3", **before)
    assert noted.get("item_text") != "" and "Alameda 3" in " ".join(
        str(noted.get(slot)) for slot in ("item_text", "item_place")
    )


@pytest.mark.parametrize(
    ("said_", "mend"),
    [
        ("son 5 semanas, no 3", "La farola no luce desde hace 5 semanas"),
        (
            "está mal: pon la farola de la plaza parpadea toda la noche",
            "pon la farola de la plaza parpadea toda la noche",
        ),
    ],
)
def test_what_was_told_is_mended_where_that_leaves_no_choice(said_: str, mend: str) -> None:
    assert heard("item_contact", said_, "fix_text")["item_text"] == mend


@pytest.mark.parametrize(
    "text",
    [
        "no fue de día, fue a las 10:30 de la noche del lunes",
        "lo cuenta el periódico: https://periodico.example/farolas",
        "y ojo: también parpadea la de enfrente",
    ],
)
def test_a_colon_by_itself_does_not_replace_what_was_told(text: str) -> None:
    noted = after("item_contact", text, "fix_text")["item_text"]
    assert LAMP in noted and keeps(text, {"item_text": noted})


@pytest.mark.parametrize("act", ["fix_text", "change", "no"])
@pytest.mark.parametrize("lead", ["pon: ", "mejor así: ", "the text should say: "])
def test_what_is_dictated_replaces_what_was_told(lead: str, act: str) -> None:
    assert heard("item_confirm", f"{lead}la farola parpadea", act)["item_text"] == "la farola parpadea"


@pytest.mark.parametrize("asked", ["item_contact", "item_confirm"])
def test_a_correction_that_leaves_a_choice_stands_beside_what_was_told(asked: str) -> None:
    noted = after(asked, "no es así, fue por culpa de la tormenta", "fix_text")["item_text"]
    assert LAMP in noted and "tormenta" in noted


def test_a_contact_that_is_wrong_is_asked_for_again() -> None:
    assert heard("item_confirm", "ese no es mi teléfono", "fix_contact") == {"item_contact": None, "item_confirm": None}


@pytest.mark.parametrize(
    ("text", "found", "filled"),
    [
        ("eso es del gobierno regional", {"agency": "riomar"}, {"item_agency": "riomar"}),
        ("no, es por el ruido", {}, {"item_subject": "noise", "item_agency": "aldealba"}),
        ("no es alumbrado, es ruido", {}, {"item_subject": "noise", "item_agency": "aldealba"}),
        ("it's about noise, not lighting", {}, {"item_subject": "noise", "item_agency": "aldealba"}),
        ("this is a suggestion, not a report", {}, {"item_kind": "suggestion"}),
        ("no es un aviso, es una queja", {"ranking": ["make_complaint"]}, {"item_kind": "complaint"}),
        ("el tema está mal", {"ranking": ["faq/passport"]}, {"item_confirm": None}),
    ],
)
def test_subject_agency_and_kind_can_be_corrected(text: str, found: dict[str, Any], filled: dict[str, Any]) -> None:
    assert heard("item_confirm", text, "fix_kind", **found) == filled


def test_a_kind_that_is_hardly_likely_is_not_made_of_words_that_name_none() -> None:
    noted = after("item_confirm", "ponlo mas educado", "fix_kind", ranking=["faq/passport", "make_suggestion"])
    assert noted["item_kind"] == "report"


def test_another_kind_told_with_its_matter_keeps_the_matter() -> None:
    text = "no es un aviso, es una sugerencia: más bancos en la plaza"
    noted = after("item_text", text, "fix_kind", ranking=["make_suggestion"])
    assert noted["item_kind"] == "suggestion" and "bancos" in str(noted.get("item_text"))


# -- several matters


def test_another_matter_waits_until_this_one_is_sent() -> None:
    noted = after("item_place", "y además la papelera del parque está rota", "two")
    assert json.loads(noted["item_more"]) == ["y además la papelera del parque está rota"]
    assert noted["item_text"] == LAMP and noted.get("item_place") is None


def test_two_matters_told_in_one_are_parted_when_she_says_so() -> None:
    both = "La farola de mi calle no luce. El contenedor huele mal"
    noted = after("item_place", "son dos cosas distintas", "two", item_text=both)
    assert (noted["item_text"], json.loads(noted["item_more"])) == (
        "La farola de mi calle no luce.",
        ["El contenedor huele mal"],
    )


@pytest.mark.parametrize(
    ("told", "matters"),
    [
        (
            "Hola, y buenas tardes. La farola de mi calle parpadea toda la noche y no deja dormir a nadie,\n"
            "y encima hace un zumbido raro. Y el contenedor huele mal y sale líquido por debajo",
            [
                "Hola, y buenas tardes. La farola de mi calle parpadea toda la noche y no deja dormir a nadie,\n"
                "y encima hace un zumbido raro.",
                "Y el contenedor huele mal y sale líquido por debajo",
            ],
        ),
        (
            "the street lamp is off; it buzzes, and it blinks all night plus the bin is full and it smells really bad",
            ["the street lamp is off; it buzzes, and it blinks all night", "the bin is full and it smells really bad"],
        ),
        ("no luce nada   y da mucho miedo de noche", ["no luce nada   y da mucho miedo de noche"]),
    ],
)
def test_parted_matters_keep_every_word_that_was_typed_in_them(told: str, matters: list[str]) -> None:
    assert matters_of(told) == matters


def test_of_many_matters_none_is_lost_in_silence() -> None:
    before = [f"papelera {number}" for number in range(MOST_MORE)]
    noted = after("item_place", "y otra papelera rota", "two", item_more=json.dumps(before))
    assert keeps(" ".join(before), noted) and keeps("otra papelera rota", noted)


async def test_matters_that_find_no_room_beside_it_go_into_the_text_and_that_is_said() -> None:
    before = json.dumps(["papelera " * 20] * (MOST_MORE - 1))
    assert await said("item_place", "otra papelera rota", "two", item_more=before) == ["utter_item_more_noted"]
    assert await said("item_place", "otra papelera rota " * 80, "two", item_more=before) == ["utter_item_more_full"]


def test_what_no_longer_fits_is_not_cut_in_silence() -> None:
    full = "a" * (MAX_TEXT - 5)
    filled, says = read(turn("item_contact", "zanahoria violeta", "add", item_text=full))
    assert "zanahoria" in filled.get("item_text", "") or "utter_item_added" not in says


async def test_what_fits_nowhere_is_refused_and_what_was_told_stays() -> None:
    full, more = "a" * (MAX_TEXT - 5), json.dumps(["otra"] * MOST_MORE)
    assert await said("item_contact", "zanahoria violeta", "add", item_text=full) == ["utter_item_full_apart"]
    assert await said("item_contact", "zanahoria violeta", "add", item_text=full, item_more=more) == ["utter_item_full"]
    assert after("item_contact", "zanahoria violeta", "add", item_text=full, item_more=more)["item_text"] == full
