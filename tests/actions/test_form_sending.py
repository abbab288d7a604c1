"""At the summary, and before it: what sends the form, what changes it once more, and what is taken out of it."""

from typing import Any

import pytest

from actions.acts import ACTS
from actions.filing import _filing
from actions.items import NONE
from tests.actions.asked import BIN, SLOTS, after, bound, heard, said, turn, waits  # noqa: F401


@pytest.mark.parametrize("act", ["send", "yes"])
@pytest.mark.parametrize("text", ["envíalo", "👍", "👌🏽", "sí, envíalo"])
def test_at_the_summary_it_is_sent(act: str, text: str) -> None:
    assert heard("item_confirm", text, act) == {"item_confirm": "send"}


@pytest.mark.parametrize("text", ["👍", "👌🏽", "vale", "ok", "perfecto"])
def test_at_the_summary_a_nod_sends_it(text: str) -> None:
    assert heard("item_confirm", text, "ack") == {"item_confirm": "send"}


@pytest.mark.parametrize(
    ("asked", "open_ones"),
    [("item_place", {"item_place": NONE, "item_contact": NONE}), ("item_contact", {"item_contact": NONE})],
)
def test_send_before_the_summary_leaves_the_rest_open_and_shows_it_first(asked: str, open_ones: dict[str, Any]) -> None:
    assert heard(asked, "envíalo ya", "send") == open_ones


def test_nothing_is_sent_before_there_is_a_matter() -> None:
    assert waits("item_text", "envíalo", "send")


@pytest.mark.parametrize("act", [act for act in ("say", *ACTS) if act not in ("send", "yes", "ack")])
@pytest.mark.parametrize("asked", SLOTS)
def test_nothing_else_sends_it(act: str, asked: str) -> None:
    assert after(asked, BIN, act).get("item_confirm") is None


@pytest.mark.parametrize("act", ["no", "change"])
def test_no_at_the_summary_asks_what_to_change_and_keeps_everything(act: str) -> None:
    assert heard("item_confirm", "no", act) == {"item_confirm": None}


@pytest.mark.parametrize(
    ("text", "act", "found", "change"),
    [
        ("sí, pero la calle es Alameda 3", "fix_place", {"street": "calle es Alameda 3"}, "Alameda 3"),
        ("sí, pero la calle es Alameda 3", "fix_place", {"street": "Alameda 3"}, "Alameda 3"),
        ("sí, pero es el 41, no el 14", "fix_place", {}, "Calle Mayor 41"),
        ("sí, pero son 5 semanas, no 3", "fix_text", {}, "5 semanas"),
        ("sí, pero mi teléfono es 611 222 333", "fix_contact", {}, "611 222 333"),
        ("sí, pero acaba en 457, no en 456", "fix_contact", {}, "600 123 457"),
        ("sí, y además huele a quemado", "add", {}, "huele a quemado"),
    ],
)
async def test_a_yes_with_a_but_changes_it_and_shows_it_again(
    text: str, act: str, found: dict[str, Any], change: str
) -> None:
    noted = after("item_confirm", text, act, **found)
    assert noted.get("item_confirm") is None and any(change in str(value) for value in noted.values())
    assert await said("item_confirm", text, act, **found) == ["utter_item_changed"]


async def test_a_yes_without_the_contact_takes_it_out_and_shows_it_again() -> None:
    text = "sí pero no pongas mi teléfono"
    assert heard("item_confirm", text, "leave_out") == {"item_contact": NONE}
    assert await said("item_confirm", text, "leave_out") == ["utter_item_changed"]


def test_the_place_alone_can_be_taken_out() -> None:
    noted = after("item_confirm", "quita la dirección", "leave_out")
    assert (noted["item_place"], noted["item_contact"]) == (NONE, "600 123 456")


@pytest.mark.parametrize(
    ("text", "given", "out"),
    [
        ("take the street off", {}, "item_place"),
        ("sin la calle Mayor, por favor", {}, "item_place"),
        ("drop the e-mail", {"item_contact": "ana@correo.example"}, "item_contact"),
        ("quita mi 600 123 456", {}, "item_contact"),
        ("hazlo anónimo", {"item_place": NONE}, "item_contact"),
        ("hazlo anónimo", {"item_contact": NONE}, "item_place"),
    ],
)
def test_what_she_names_is_taken_out_or_the_one_that_was_given(text: str, given: dict[str, Any], out: str) -> None:
    assert heard("item_confirm", text, "leave_out", **given) == {out: NONE}


@pytest.mark.parametrize(
    ("text", "given"), [("hazlo anónimo", {}), ("take it off", {}), ("quita la dirección", {"item_place": NONE})]
)
async def test_when_nothing_tells_what_to_take_out_she_is_asked(text: str, given: dict[str, Any]) -> None:
    assert waits("item_confirm", text, "leave_out", **given)
    assert await said("item_confirm", text, "leave_out", **given) == ["utter_item_ask_left_out"]


async def test_when_there_is_nothing_to_take_out_nothing_is() -> None:
    noted = {"item_place": NONE, "item_contact": NONE}
    assert waits("item_confirm", "no pongas mi nombre", "leave_out", **noted)
    assert await said("item_confirm", "no pongas mi nombre", "leave_out", **noted) == ["utter_item_nothing_out"]


def test_a_place_that_was_taken_out_leaves_no_trace() -> None:
    filing = _filing(turn("item_confirm", "x", item_place=NONE, item_district="centro", item_lat=40.1, item_lon=-3.2))
    assert (filing.place, filing.district, filing.latitude, filing.longitude) == (None, None, None, None)


@pytest.mark.parametrize("act", ["skip", "readback"])
def test_at_the_summary_there_is_nothing_to_skip(act: str) -> None:
    assert waits("item_confirm", "sáltalo", act)


async def test_a_nod_with_a_contact_is_shown_before_it_is_sent() -> None:
    noted = after("item_confirm", "ok, 611 222 333", "ack")
    assert noted.get("item_confirm") is None and noted["item_contact"] == "611 222 333"
    assert await said("item_confirm", "ok, 611 222 333", "ack") == ["utter_item_changed"]
