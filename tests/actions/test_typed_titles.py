"""The title of a button that is typed presses it where its question was asked; elsewhere it says what it says."""

import pytest

from actions.item_form import read
from actions.items import NONE
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import answered, heard

EARLY = ("item_text", "item_place", "item_contact")


@pytest.mark.parametrize("asked", EARLY)
@pytest.mark.parametrize("act", ["say", "place", "text", "skip"])
@pytest.mark.parametrize("title", ["Cancelar", "cancel"])
def test_who_types_cancel_before_the_summary_is_asked_whether_she_gives_it_up(title: str, act: str, asked: str) -> None:
    noted = heard(asked, title, act)
    assert noted.get("item_confirm") is None and noted.get(asked) is None
    assert answered(asked, title, act) == ["utter_item_ask_cancel"] and noted["asked"] == "/cancel"


@pytest.mark.parametrize("asked", EARLY)
def test_who_surely_gives_it_up_has_given_it_up_at_once(asked: str) -> None:
    assert read(turn(asked, "Cancelar", intent="cancel")) == ({}, [])


@pytest.mark.parametrize("asked", EARLY)
@pytest.mark.parametrize("act", ["say", "place", "send"])
@pytest.mark.parametrize("title", ["Enviar", "send"])
def test_nothing_is_sent_by_a_typed_title_before_the_summary_and_it_is_no_place(
    title: str, act: str, asked: str
) -> None:
    noted = heard(asked, title, act)
    assert noted.get("item_confirm") is None
    if asked == "item_text":
        assert noted.get("item_text") is None and noted.get("item_place") is None
    else:
        assert (noted["item_text"], noted[asked], noted["item_contact"]) == (LAMP, NONE, NONE)


@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
@pytest.mark.parametrize("title", ["Cambiar algo", "El texto", "the subject", "Change something"])
def test_who_wants_to_change_something_before_the_summary_sees_what_is_noted_and_loses_nothing(
    title: str, asked: str
) -> None:
    noted = heard(asked, title, "say")
    assert noted["item_text"] == LAMP and noted.get(asked) is None
    assert answered(asked, title, "say") == ["utter_item_noted"]


@pytest.mark.parametrize(
    ("title", "confirm"), [("Enviar", "send"), ("send", "send"), ("Cancelar", "cancel"), ("cancel", "cancel")]
)
def test_at_the_summary_the_title_is_the_button(title: str, confirm: str) -> None:
    assert heard("item_confirm", title, "say")["item_confirm"] == confirm


def test_an_earlier_matter_is_taken_by_its_title_only_where_it_was_offered() -> None:
    told = '{"text": "hay ratas en el solar"}'
    assert heard("item_text", "Sí, es esto", "yes", told=told)["item_text"] == "hay ratas en el solar"
    assert heard("item_contact", "Sí, es esto", "yes", told=told)["item_text"] == LAMP


@pytest.mark.parametrize("asked", [*EARLY, "item_confirm"])
@pytest.mark.parametrize("title", ["Por separado", "separately"])
@pytest.mark.parametrize("act", ["two", "skip"])
def test_a_title_whose_button_can_do_nothing_is_heard_as_words(title: str, act: str, asked: str) -> None:
    noted = heard(asked, title, act)
    assert read(turn(asked, title, act))[0] and NONE not in (noted.get("item_place"), noted.get("item_contact"))
