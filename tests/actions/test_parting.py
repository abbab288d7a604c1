"""Two matters told in one go apart when she says so, each with its own text, place and number."""

import json

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.items import BeginItem
from tests.actions.form import Clauses, answered, heard
from tests.actions.test_item_form import bound, turn  # noqa: F401

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
