"""What the form makes of a citizen's words, once the engine has said what they do. What she types is kept."""

import json
from typing import Any

import pytest

from actions.acts import ACTS
from actions.item_form import read
from actions.items import NONE
from tests.actions.asked import (  # noqa: F401
    BIN,
    COMMANDS,
    NOTED,
    SLOTS,
    SPEAKING,
    TELLING,
    after,
    bound,
    heard,
    keeps,
    noted_before,
    said,
    turn,
    waits,
)

# -- whatever it is, it is kept


@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize("act", ["say", *ACTS])
@pytest.mark.parametrize("text", [BIN, "no", "😀", "600 123 456", "calle Mayor 3"])
def test_a_message_for_the_form_is_never_turned_away(act: str, asked: str, text: str) -> None:
    """The form has no other rule for it: what fills nothing must say so, with the kind that is there already."""
    assert heard(asked, text, act)


STORIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a matter": (BIN, {}),
    "a place": ("Está en la calle Alameda 3, junto al estanco", {"street": "calle Alameda 3"}),
    "a contact": ("Llamadme al 611 222 333 por las tardes", {}),
    "a long one": (f"{BIN}. " * 12 + "zanahoria", {}),
}


@pytest.mark.parametrize(
    ("story", "act", "asked"),
    [
        (story, act, asked)
        for story in STORIES
        for act in TELLING
        for asked in SLOTS
        if act != "fix_contact" or story == "a contact"  # the wrong one goes, and the right one is asked for
    ],
)
def test_what_she_tells_is_noted_or_asked_for_again(story: str, act: str, asked: str) -> None:
    text, found = STORIES[story]
    assert keeps(text, after(asked, text, act, **found)) or waits(asked, text, act, **found)


@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize("act", TELLING)
def test_what_was_noted_before_stays_when_something_else_is_told(act: str, asked: str) -> None:
    told = [value for slot, value in noted_before(asked).items() if slot in NOTED]
    if act == "fix_contact" and asked == "item_confirm":  # the wrong one goes, and the right one is asked for
        told.remove(NOTED["item_contact"])
    assert keeps(" ".join(told), after(asked, BIN, act))


@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize("act", SPEAKING)
def test_what_gives_the_form_nothing_leaves_it_asking(act: str, asked: str) -> None:
    if (act, asked) == ("ack", "item_confirm"):
        pytest.skip("a nod at the summary sends it")
    assert waits(asked, "vale", act)


@pytest.mark.parametrize("asked", ["item_text", "item_place", "item_contact"])
@pytest.mark.parametrize("act", SPEAKING)
async def test_what_gives_the_form_nothing_is_answered_with_a_word(act: str, asked: str) -> None:
    assert len(await said(asked, "vale", act)) == 1


# -- the answers to its questions


@pytest.mark.parametrize("act", ["say", "text", "add", "place", "fix_text", "two"])
def test_the_matter_brings_its_subject_place_and_agency(act: str) -> None:
    text = "hay una farola rota en la calle Mayor 3"
    filled = heard("item_text", text, act, street="calle Mayor 3")
    assert (filled["item_text"], filled["item_place"]) == (text, "calle Mayor 3")
    assert (filled["item_subject"], filled["item_agency"]) == ("street_lighting", "aldealba")


@pytest.mark.parametrize("text", ["hola", "quiero hacer una sugerencia", "😂", ".", "…"])
@pytest.mark.parametrize("act", ["say", "text", "add", "nothing"])
def test_what_says_nothing_is_no_matter(text: str, act: str) -> None:
    assert waits("item_text", text, act)


@pytest.mark.parametrize(
    "text", ["路灯坏了三个星期", "Уличный фонарь не горит", "چراغ خیابان خراب است", "चौक की बत्ती बंद है"]
)
def test_a_text_has_content_whatever_its_script(text: str) -> None:
    assert heard("item_text", text, "text")["item_text"] == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Plaza del Alba, 1", {"street": "Plaza del Alba, 1"}),
        ("Parking Old Town", {"district": "centro"}),
        ("en la esquina del mercado", {}),
    ],
)
@pytest.mark.parametrize("act", ["say", "place"])
def test_a_place_is_noted_as_it_was_written(text: str, found: dict[str, Any], act: str) -> None:
    assert heard("item_place", text, act, **found)["item_place"] == text


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Hola, buenos días", "greet"),
        ("Hola, buenos días", "say"),
        ("gracias", "thank"),
        ("jaja", "nothing"),
        ("😂", "say"),
        (".", "place"),
        ("123", "nothing"),
        ("vale", "ack"),
        ("¿hay alguien?", "presence"),
    ],
)
async def test_what_is_no_place_is_said_kindly_and_asked_again(text: str, act: str) -> None:
    assert waits("item_place", text, act) and await said("item_place", text, act) == ["utter_item_go_on"]


def test_the_second_part_of_a_long_text_is_text() -> None:
    second = "Y además de eso, " + "el vecino del tercero ya lo avisó dos veces y nadie vino. " * 8
    assert second.strip() in after("item_place", second, "say")["item_text"]


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("ana@example.org", "ana@example.org"),
        ("llámame al 600 123 456", "600 123 456"),
        ("+34 600123456 gracias", "+34 600123456"),
        ("Correo:ana@correo.example", "ana@correo.example"),
        ("<ana@correo.example>", "ana@correo.example"),
        ("mailto:ana@correo.example", "ana@correo.example"),
        ("ana arroba correo punto example", "ana@correo.example"),
        ("ana @ correo.example", "ana@correo.example"),
        ("Es por el expediente ALD-2026-000123-K, mi teléfono es 611 222 333", "611 222 333"),
        ("611 222 333 16-20 h", "611 222 333 (16-20 h)"),
        ("611222333 o si no 91 555 66 77", "611222333, 91 555 66 77"),
    ],
)
@pytest.mark.parametrize("act", ["say", "contact", "fix_contact", "add", "text", "yes", "ack", "thank", "nothing"])
def test_a_contact_is_found_in_a_sentence_whatever_it_was_taken_for(text: str, contact: str, act: str) -> None:
    assert heard("item_contact", text, act)["item_contact"] == contact


@pytest.mark.parametrize("act", ["send", "skip", "no"])
def test_a_contact_is_not_dropped_for_a_command_beside_it(act: str) -> None:
    assert after("item_contact", "611 222 333, y ya está", act)["item_contact"] == "611 222 333"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Es por el expediente ALD-2026-000123-K, mi teléfono es 611 222 333", "ALD-2026-000123-K"),
        ("611 222 333 16-20 h", "16-20 h"),
    ],
)
def test_what_stands_beside_a_contact_is_kept_as_words(text: str, rest: str) -> None:
    noted = after("item_contact", text, "contact")
    assert any(rest in str(value) for value in noted.values())


@pytest.mark.parametrize("text", ["ana@correo,example", "ana arroba correo", "600 12"])
async def test_a_contact_that_is_none_is_asked_for_again_with_an_example(text: str) -> None:
    assert waits("item_contact", text, "contact")
    assert await said("item_contact", text, "contact") == ["utter_item_no_such_contact"]


@pytest.mark.parametrize("act", ["skip", "no", "leave_out"])
@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
def test_place_and_contact_can_be_left_open(asked: str, act: str) -> None:
    assert heard(asked, "mejor no", act) == {asked: NONE}


@pytest.mark.parametrize("act", ["skip", "no", "leave_out"])
def test_the_matter_cannot_be_left_open(act: str) -> None:
    assert waits("item_text", "mejor no", act)


def test_yes_to_a_question_for_words_asks_again_and_says_nothing_else() -> None:
    assert read(turn("item_contact", "sí", "yes")) == ({"item_kind": "report"}, [])


# -- buttons, places, and what is not meant for it


@pytest.mark.parametrize(
    ("slot", "value", "filled"),
    [
        ("item_place", NONE, {"item_place": NONE}),
        ("item_contact", NONE, {"item_contact": NONE}),
        ("item_subject", "noise", {"item_subject": "noise", "item_agency": "aldealba"}),
        ("item_confirm", "send", {"item_confirm": "send"}),
        ("item_confirm", "cancel", {"item_confirm": "cancel"}),
        ("item_confirm", "change", {"item_confirm": None}),
        ("change", "item_text", {"item_text": None, "item_confirm": None}),
        ("change", "item_subject", {"item_confirm": None}),
        ("item_confirm", "other", {}),
        ("item_subject", "other_one", {}),
        ("item_district", "nowhere", {}),
        ("item_text", "x", {}),
        ("language", "en", {}),
    ],
)
def test_a_button_fills_what_it_says_and_a_forged_one_nothing(slot: str, value: str, filled: dict[str, Any]) -> None:
    assert heard("item_confirm", "/choose", intent="choose", slot=slot, value=value) == filled


def test_a_district_is_chosen_by_its_button() -> None:
    filled = heard("item_place", "/choose", intent="choose", slot="item_district", value="centro", item_lat=40.1)
    assert (filled["item_district"], filled["item_place"], filled["item_lat"]) == ("centro", "Centro", None)


def test_the_button_for_two_matters_parts_them() -> None:
    both = "La farola de mi calle no luce. El contenedor huele mal"
    filled = heard("item_place", "/choose", intent="choose", slot="item_more", value="split", item_text=both)
    assert json.loads(filled["item_more"]) == ["El contenedor huele mal"]


@pytest.mark.parametrize(
    ("lat", "lon", "place"), [("40.1", "-3.2", "40.10000, -3.20000"), ("x", "-3.2", None), (None, None, None)]
)
def test_a_location_is_the_place(lat: str | None, lon: str | None, place: str | None) -> None:
    assert heard("item_place", "/share_location", intent="share_location", lat=lat, lon=lon).get("item_place") == place


@pytest.mark.parametrize(
    "intent", ["faq", "ask_part", "ask_human", "cancel", "crisis", "check_status", "bot_challenge"]
)
@pytest.mark.parametrize("asked", SLOTS)
def test_what_is_not_meant_for_the_form_fills_nothing(intent: str, asked: str) -> None:
    assert heard(asked, "¿cuánto cuesta el IBI?", intent=intent) == {}


def test_an_act_that_this_counter_does_not_know_is_words() -> None:
    assert heard("item_place", "en la plaza", "an_act_of_tomorrow")["item_place"] == "en la plaza"


def test_no_act_is_tried_by_nobody() -> None:
    assert set(ACTS) >= set(TELLING) - {"say"} and {*COMMANDS} == set(ACTS) - set(TELLING)
