"""Whether what was told is one matter or two is the citizen's to say, and what she refuses is not asked again."""

import pytest

from actions.items import NONE
from tests.actions.asked import LAMP, bound  # noqa: F401
from tests.actions.form import Clauses, answered, heard
from tests.actions.test_parting import APART, places

BOLLARD, WATER = "ola se an cargado el bolardo d mi garaje", "esta saliendo agua de la acera, calle mayor 14"
BOTH = {"item_text": f"{BOLLARD} y {WATER}", "item_place": "calle mayor 14"}


@pytest.mark.parametrize("act", ["two", "say", "fix_place", "fix_text"])
@pytest.mark.parametrize(
    "text",
    [
        "haz 2 avisos, 1 del bolardo y otro del agua",
        "haga dos avisos, uno del bolardo y otro del agua",
        "pero son 2 cosas no 1 el bolardo y el agua",
        "make two reports, one about the bolardo and one about the agua",
    ],
)
def test_two_that_she_names_are_two_drafts_each_with_its_own_part(text: str, act: str) -> None:
    assert [matter for matter, _ in places(heard("item_confirm", text, act, **BOTH))] == [BOLLARD, WATER]


def test_what_stands_beside_a_part_that_is_named_goes_with_it() -> None:
    before = {**BOTH, "item_text": f"{BOLLARD} y no puedo salir con la furgo y {WATER}"}
    noted = heard("item_confirm", "haz dos avisos, uno del bolardo y otro del agua", "two", **before)
    assert [matter for matter, _ in places(noted)] == [f"{BOLLARD}. no puedo salir con la furgo", WATER]


REFUSALS = [
    "no kiero dejar datos.",
    "I do not wish to leave a number,",
    "mi telefono no lo doy",
    "prefiero no dar el correo,",
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("act", ["say", "skip", "no", "text", "add", "fix_place"])
def test_who_refuses_a_contact_and_says_more_has_refused_it_and_the_refusal_is_no_text(act: str, refusal: str) -> None:
    clauses: Clauses = [(refusal, "topic", 0.82, 0.82), ("y la farola parpadea de noche", "add", 0.9, 1.0)]
    text = " ".join(words for words, *_ in clauses)
    noted = heard("item_contact", text, act, clauses)
    assert noted["item_contact"] == NONE and refusal.strip(",.") not in noted["item_text"]
    assert "parpadea" in noted["item_text"]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_who_only_refuses_a_contact_tells_nothing(refusal: str) -> None:
    noted = heard("item_contact", refusal, "say")
    assert (noted["item_contact"], noted["item_text"]) == (NONE, LAMP)


def test_who_refuses_a_contact_and_wants_two_gets_both() -> None:
    clauses: Clauses = [
        ("no kiero dejar datos.", "topic", 0.82, 0.82),
        ("pero son 2 cosas no 1 el bolardo", "fix_place", 0.55, 0.96),
        ("y el agua", "topic", 0.97, 1.0),
    ]
    noted = heard("item_contact", " ".join(words for words, *_ in clauses), "say", clauses, **BOTH)
    assert noted["item_contact"] == NONE and [matter for matter, _ in places(noted)] == [BOLLARD, WATER]


@pytest.mark.parametrize("act", ["fix_place", "fix_text", "no", "say", "two", "fix_kind"])
@pytest.mark.parametrize(
    "text",
    [
        "es todo la misma cosa, la farola",
        "yo no he pedido separar nada",
        "it is all the same thing",
        "don't split it, it's one report",
        "no lo separes",
    ],
)
def test_what_went_apart_goes_together_again_when_she_says_that_it_is_one(text: str, act: str) -> None:
    noted = heard("item_confirm", text, act, **APART)
    assert not noted["item_more"] and noted["item_text"].count("farola") == 1 and "bache" in noted["item_text"]
    assert answered("item_confirm", text, act, **APART) == ["utter_item_joined"]


def test_beside_that_it_is_one_a_house_number_is_noted() -> None:
    clauses: Clauses = [
        ("No señor,", "no", 0.95, 0.0),
        ("yo no he pedido separar nada,", "cancel", 0.8, 0.05),
        ("es una sola cosa,", "fix_kind", 0.48, 0.7),
        ("la farola,", "status", 0.45, 0.08),
        ("y falta el numero 41", "fix_place", 0.86, 0.97),
    ]
    noted = heard("item_confirm", " ".join(words for words, *_ in clauses), "fix_place", clauses, **APART)
    assert noted["item_place"] == "calle OLMO 41" and not noted["item_more"] and "41" not in noted["item_text"]


STORY = "La farola de la calle Almendro 14 no luce. Mi mujer fue a tirar la basura y se cayo con el bordillo"


@pytest.mark.parametrize(
    "text",
    [
        "el numero no es el 14, es el 41",
        "es el 41, calle Almendro 41, que el 14 es de mi hermano",
        "la farola no esta en el 14, es el 41",
    ],
)
@pytest.mark.parametrize("act", ["fix_place", "place", "fix_text"])
def test_a_house_number_that_was_wrong_parts_no_report(act: str, text: str) -> None:
    street = {"street": "calle Almendro 41"} if "Almendro" in text else {}
    noted = heard("item_confirm", text, act, item_text=STORY, item_place="calle Almendro 14", **street)
    assert not noted.get("item_more")
    assert (noted["item_text"], noted["item_place"]) == (STORY.replace("14", "41"), "calle Almendro 41")


def test_a_street_that_was_wrong_is_another_for_both_that_go_apart() -> None:
    apart = heard("item_contact", "son dos cosas, el bolardo y el agua", "two", **BOTH)
    told = {name: apart[name] for name in ("item_text", "item_place", "item_more")}
    street = "calle del molino 14"
    noted = heard("item_contact", "perdon no es mayor es calle del molino 14", "place", street=street, **told)
    assert places(noted) == [(BOLLARD, street), (WATER.replace("calle mayor 14", street), street)]


def test_a_street_that_was_wrong_takes_no_number_of_another_street() -> None:
    before = {"item_text": "A hole in Oak Road 2", "item_place": "Oak Road 2"}
    noted = heard("item_contact", "actually it's in Mill Street 5", "fix_place", street="Mill Street 5", **before)
    assert (noted["item_text"], noted["item_place"]) == ("A hole in Mill Street 5", "Mill Street 5")
    before = {"item_text": "A hole in Oak Road 2", "item_place": "the corner"}
    noted = heard("item_contact", "actually it's in Mill Street 5", "fix_place", street="Mill Street 5", **before)
    assert "Oak Road 5" not in noted["item_text"]


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("yo llevo viviendo en esta calle cincuenta y dos años y la farola no luce", "calle cincuenta"),
        ("en mi calle tres farolas no lucen", "calle tres"),
        ("there are in this street twelve lamps out of order", "street twelve"),
    ],
)
def test_a_count_behind_this_street_is_no_street(text: str, street: str) -> None:
    assert not heard("item_text", text, "text", street=street).get("item_place")


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("mi calle Mayor 3 huele mal siempre", "calle Mayor 3"),
        ("en la calle doce de octubre no hay luz", "calle doce de octubre"),
    ],
)
def test_a_street_with_a_name_is_one(text: str, street: str) -> None:
    assert heard("item_text", text, "text", street=street)["item_place"] == street


STREET = {"item_text": "La farola de la calle Almendro 14 no luce", "item_place": "calle Almendro 14"}


@pytest.mark.parametrize(
    "text",
    [
        "Pues ponga que el sitio es calle Almendro 41",
        "el numero no es el 14, es el 41, calle Almendro 41, que el 14 es de mi hermano",
        "perdone, me he equivocado de calle, es la calle Almendro 41",
    ],
)
def test_the_words_of_a_correction_of_the_place_are_no_text(text: str) -> None:
    noted = heard("item_confirm", text, "fix_place", street="calle Almendro 41", **STREET)
    assert noted["item_place"] == "calle Almendro 41"
    assert noted["item_text"] in (STREET["item_text"], STREET["item_text"].replace("14", "41"))


def test_a_number_that_is_noted_and_said_to_be_missing_is_no_text() -> None:
    assert heard("item_confirm", "y falta el numero 14", "fix_place", **STREET)["item_text"] == STREET["item_text"]


def test_what_is_said_to_the_clerk_beside_a_contact_is_no_text() -> None:
    clauses: Clauses = [
        ("Que yo no le he preguntado por las oficinas.", "topic", 0.34, 0.45),
        ("El telefono 611 204 557", "contact", 0.98, 1.0),
    ]
    noted = heard("item_contact", " ".join(words for words, *_ in clauses), "contact", clauses)
    assert (noted["item_text"], noted["item_contact"]) == (LAMP, "611 204 557")


@pytest.mark.parametrize("text", ["q sustituye todo, claro", "yes replace it all", "déjalo como estaba"])
def test_an_answer_to_nothing_is_no_text(text: str) -> None:
    assert heard("item_confirm", text, "fix_text")["item_text"] == LAMP
