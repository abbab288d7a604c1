"""Two matters told in one go apart when she says so, each with its own text, place and number."""

import json

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.item_form import read
from actions.items import BeginItem
from tests.actions.asked import bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard

LAMP, HOLE = "hay una farola fundida en la calle OLMO", "un bache enorme tb en la misma calle"
BOTH = {"item_text": f"{LAMP} y {HOLE}", "item_place": "calle OLMO"}
APART = {
    "item_text": LAMP,
    "item_place": "calle OLMO",
    "item_more": json.dumps([{"text": HOLE, "place": "calle OLMO"}]),
}


def places(noted: dict[str, object]) -> list[tuple[str, str]]:
    """The matters in the order in which they are sent, each with its place."""
    more = json.loads(str(noted.get("item_more") or "[]"))
    return [(str(noted["item_text"]), str(noted["item_place"])), *((m["text"], m["place"]) for m in more)]


@pytest.mark.parametrize("asked", ["item_contact", "item_confirm"])
@pytest.mark.parametrize(
    ("text", "act"),
    [("por separado", "skip"), ("Separately", "skip"), ("separate them", "two"), ("son dos avisos", "two")],
)
def test_two_matters_go_apart_at_any_point_each_at_the_place(asked: str, text: str, act: str) -> None:
    assert places(heard(asked, text, act, **BOTH)) == [(LAMP, "calle OLMO"), (HOLE, "calle OLMO")]


def test_the_one_that_is_named_for_later_waits() -> None:
    clauses: Clauses = [
        ("esto solo el bache.", "readback", 0.24, 0.18),
        ("la farola va en otro aviso aparte", "two", 0.99, 1.0),
    ]
    text = "esto solo el bache. la farola va en otro aviso aparte"
    assert places(heard("item_confirm", text, "two", clauses, **BOTH)) == [(HOLE, "calle OLMO"), (LAMP, "calle OLMO")]


@pytest.mark.parametrize("before", [BOTH, APART])
@pytest.mark.parametrize("act", ["fix_place", "fix_text", "place"])
def test_what_names_both_is_about_each(act: str, before: dict[str, str]) -> None:
    text = "no no la farola en el 14 y el BACHE en el 10"
    assert places(heard("item_contact", text, act, **before)) == [(LAMP, "calle OLMO 14"), (HOLE, "calle OLMO 10")]


@pytest.mark.parametrize("act", ["fix_place", "place"])
def test_what_names_one_leaves_the_other_as_it_was(act: str) -> None:
    noted = heard("item_contact", "el bache esta delante del 10", act, **APART)
    assert places(noted) == [(LAMP, "calle OLMO"), (HOLE, "calle OLMO 10")]


def test_a_street_that_was_wrong_is_mended_in_both() -> None:
    text = "perdon es calle OLMO no olivo, la farola a la altura del 14"
    before = {"item_text": "farola fundida en la calle olivo y un bache en la misma calle", "item_place": "calle olivo"}
    noted = heard("item_contact", text, "fix_place", street="calle OLMO", **before)
    assert places(noted) == [
        ("farola fundida en la calle OLMO", "calle OLMO 14"),
        ("un bache en la misma calle", "calle OLMO"),
    ]


SWING = "the swing on Alameda street is broken and also the fountain leaks"
PARK = {"item_text": SWING, "item_place": "Alameda street"}


@pytest.mark.parametrize(
    "text", ["separate them please", "these are two reports", "split it in two", "divídelo en dos"]
)
def test_two_of_the_same_subject_go_apart_when_she_says_so(text: str) -> None:
    noted = heard("item_contact", text, "two", **PARK)
    assert places(noted) == [
        ("the swing on Alameda street is broken", "Alameda street"),
        ("also the fountain leaks", "Alameda street"),
    ]
    after = {name: noted[name] for name in ("item_text", "item_place", "item_more")}
    noted = heard("item_contact", "the fountain is at number 3", "add", **after)
    assert [place for _, place in places(noted)] == ["Alameda street", "Alameda street 3"]


def test_what_cannot_be_parted_is_asked_for_and_no_command_is_a_matter() -> None:
    before = {"item_text": "the swing is broken", "item_place": "Alameda street"}
    assert answered("item_contact", "make it two separate reports", "two", **before) == ["utter_item_ask_other"]
    assert heard("item_contact", "make it two separate reports", "two", **before).get("item_more") is None


@pytest.mark.parametrize("text", ["aparte hay ratas", "y dos ratas muertas", "there are two rats too"])
def test_what_tells_another_matter_is_no_command(text: str) -> None:
    assert json.loads(heard("item_contact", text, "two", **PARK)["item_more"]) == [text]


def test_who_says_it_twice_hears_that_they_go_apart() -> None:
    assert answered("item_confirm", "que son dos avisos", "two", **APART) == ["utter_item_parted"]


async def test_the_second_one_begins_with_its_own_text_and_place() -> None:
    tracker = turn("item_text", "/report_problem", intent="report_problem", slot="item_more", value="next", **APART)
    events = await BeginItem().run(CollectingDispatcher(), tracker, {})
    filled = {event["name"]: event["value"] for event in events}
    assert (filled["item_text"], filled["item_place"], filled["item_more"]) == (HOLE, "calle OLMO", None)
    assert filled["item_subject"] == "pavement_holes"


@pytest.mark.parametrize(
    "text", ["14", "el 14", "600 123 456", "llamadme al 600 123 456", "es el 4471 KLM", "number 14, please"]
)
@pytest.mark.parametrize("act", ["place", "fix_place", "fix_text", "add", "text"])
@pytest.mark.parametrize("asked", ["item_place", "item_contact", "item_confirm"])
def test_a_number_that_names_no_matter_chooses_none(asked: str, act: str, text: str) -> None:
    first = "hay una farola fundida en el numero 14, matricula 4471, aviso 600"
    before = {**APART, "item_text": first, "item_place": "none" if asked == "item_contact" else "calle OLMO"}
    says = answered(asked, text, act, **before)
    assert says != ["utter_item_parted"]


@pytest.mark.parametrize(
    "text",
    ["la farola lleva 3 semanas apagada", "the fountain has been dry for 2 months", "el bache tiene 20 cm de hondo"],
)
@pytest.mark.parametrize("act", ["add", "text", "fix_text"])
def test_a_number_of_something_behind_a_name_is_no_house(act: str, text: str) -> None:
    noted = heard("item_contact", text, act, **{**APART, "item_text": f"{LAMP} junto a la fuente (the fountain)"})
    assert "calle OLMO" == noted["item_place"] == json.loads(str(noted["item_more"]))[0]["place"]
    assert text in str(noted["item_text"])


@pytest.mark.parametrize("act", ["fix_place", "place", "add"])
def test_a_contact_beside_the_place_of_one_matter_is_the_contact(act: str) -> None:
    noted = heard("item_contact", "el bache esta en el 10, mi movil es el 600 123 456", act, **APART)
    assert places(noted) == [(LAMP, "calle OLMO"), (HOLE, "calle OLMO 10")] and noted["item_contact"] == "600 123 456"


@pytest.mark.parametrize("act", ["fix_place", "place", "add"])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("el bache esta en el 10, junto al estanco", "junto al estanco"),
        ("el bache esta en el 10 y ademas hay cristales", "hay cristales"),
    ],
)
def test_what_stands_behind_the_number_of_a_house_is_not_lost(text: str, kept: str, act: str) -> None:
    noted = heard("item_contact", text, act, **APART)
    assert kept in json.dumps(noted, ensure_ascii=False) and "10" in str(noted["item_more"])


TWO_LEFT = [
    "son dos avisos",
    "la farola y el bache son dos avisos",
    "they are two separate things: the lamp and the pothole",
    "the street light and the pothole are two reports",
    "que son dos cosas, farola y bache",
]


@pytest.mark.parametrize("asked", ["item_contact", "item_confirm"])
@pytest.mark.parametrize("text", TWO_LEFT)
def test_two_that_are_apart_already_stay_two_when_it_is_said_again(text: str, asked: str) -> None:
    assert answered(asked, text, "two", **APART) == ["utter_item_parted"]
    assert places({**APART, **heard(asked, text, "two", **APART)}) == [(LAMP, "calle OLMO"), (HOLE, "calle OLMO")]


@pytest.mark.parametrize("text", ["son dos avisos", "these are two reports"])
def test_who_says_two_has_two_also_where_one_of_them_names_two_subjects(text: str) -> None:
    before = {**APART, "item_text": f"{LAMP} y la acera esta rota en la misma calle"}
    assert len(places({**before, **heard("item_contact", text, "two", **before)})) == 2


@pytest.mark.parametrize("text", ["y dos perros sueltos en el parque", "son dos avisos y otro por una pintada"])
def test_another_matter_that_is_told_beside_two_waits_too(text: str) -> None:
    assert json.loads(heard("item_contact", text, "two", **APART)["item_more"])[-1] == text


def test_two_of_one_subject_that_are_named_again_stay_two() -> None:
    before = {**heard("item_contact", "split it in two", "two", **PARK)}
    told = {name: before[name] for name in ("item_text", "item_place", "item_more")}
    text = "the swing and the fountain are two different reports"
    assert places({**told, **heard("item_contact", text, "two", **told)}) == places(before)


TWO_STREETS = "farola rota calle Sol 3 y bache calle Luna 5"


def two_streets(asked: str | None, intent: str = "form") -> Tracker:
    """The turn that tells two matters, each with its street, as the engine hears it."""
    tracker = turn("item_text", TWO_STREETS, "text", intent=intent, street="calle Sol 3", requested_slot=asked)
    tracker.latest_message["entities"].append({"entity": "street", "value": "calle Luna 5"})
    return tracker


async def test_two_matters_that_are_told_with_a_street_each_go_apart_each_at_its_own() -> None:
    events = await BeginItem().run(CollectingDispatcher(), two_streets(None, "report_problem"), {})
    begun = {event["name"]: event["value"] for event in events}
    for told in (begun, read(two_streets("item_text"))[0]):
        assert "calle Sol 3" in told["item_place"] and "calle Luna 5" in told["item_place"]
        before = {"item_text": TWO_STREETS, "item_place": told["item_place"]}
        noted = heard("item_contact", "por separado", "two", **before)
        assert places(noted) == [("farola rota calle Sol 3", "calle Sol 3"), ("bache calle Luna 5", "calle Luna 5")]
        noted = heard("item_contact", "la farola en el 4", "fix_place", **before)
        assert [place for _, place in places(noted)] == ["calle Sol 4", "calle Luna 5"]
        noted = heard("item_contact", "el bache en el 9", "say", **before)
        assert [place for _, place in places(noted)] == ["calle Sol 3", "calle Luna 9"]


@pytest.mark.parametrize("text", ["quiero poner un aviso", "I want to make another report", "otro aviso"])
def test_who_only_announces_another_report_is_asked_what_it_is(text: str) -> None:
    before = {"item_text": LAMP, "item_place": "calle OLMO"}
    assert answered("item_contact", text, "two", **before) == ["utter_item_ask_other"]
    assert heard("item_contact", text, "two", **before).get("item_more") is None


@pytest.mark.parametrize("act", ["fix_text", "fix_place", "add"])
def test_a_matter_that_is_denied_does_not_get_the_place_of_the_one_told_in_its_stead(act: str) -> None:
    bin_ = "el contenedor esta a rebosar"
    before = {**APART, "item_text": bin_, "item_place": "calle OLMO"}
    text = "no es lo del contenedor, es una farola en la calle Luna"
    assert answered("item_contact", text, act, street="calle Luna", **before) != ["utter_item_parted"]
    assert "farola" in heard("item_contact", text, act, street="calle Luna", **before)["item_text"]


async def test_who_presses_separately_is_told_what_goes_separately() -> None:
    tracker = turn("item_contact", "/choose", intent="choose", slot="item_more", value="part", **BOTH)
    assert read(tracker)[1] == ["utter_item_parted"]
