"""What `./ventanilla converse` demands of a turn."""

from typing import Any

import pytest

from bot.rehearsal.judging import Heard, is_danger, misses, stands_in

ANSWER = {"from": "assistant", "text": "El DNI cuesta 12 €.", "buttons": [{"title": "Ver más", "button": "2.0"}]}


def heard(*messages: dict[str, Any], state: str = "assistant") -> Heard:
    said = [{"language": "es", **message} for message in messages]
    return Heard.of_page({"messages": said, "state": state, "next": 3})


@pytest.mark.parametrize(
    ("wanted", "text", "stands"),
    [
        ("pasaporte", "Tu PASAPORTE", True),
        ("recogida", "la Recogída", True),
        ("re:[0-9]+ ?€", "cuesta 12 €", True),
        ("re:\\bdni\\b", "dnis", False),
        ("re:adiós", "hasta luego, adios", True),
        ("gratis", "12 €", False),
    ],
)
def test_accents_and_case_do_not_matter(wanted: str, text: str, stands: bool) -> None:
    assert stands_in(wanted, text) is stands


@pytest.mark.parametrize(
    ("expect", "missed"),
    [
        ({}, []),
        ({"topic": "id_card_renew"}, []),
        ({"topic": ["passport", "id_card_renew"]}, []),
        ({"topic": "passport"}, ["topic"]),
        ({"any_text": ["20 €", "12 €"]}, []),
        ({"any_text": "Ver más"}, []),
        ({"any_text": ["20 €"]}, ["any_text"]),
        ({"not_text": ["DNI"]}, ["not_text"]),
        ({"state": "form"}, ["state"]),
        ({"state": ["form", "assistant"]}, []),
        ({"language": "en"}, ["language"]),
        ({"reply": "some"}, []),
    ],
)
def test_what_is_not_met_is_named(expect: dict[str, Any], missed: list[str]) -> None:
    assert misses(expect, heard({**ANSWER, "topic": "id_card_renew"})) == missed


def test_silence_fails_whatever_is_demanded() -> None:
    hers = {"from": "citizen", "text": "¿hola?", "buttons": []}
    assert misses({}, heard(hers)) == ["silence"]
    assert misses({"language": "es"}, heard(hers)) == ["silence"]


def test_a_turn_of_danger_is_one_that_demands_emergency_numbers() -> None:
    assert is_danger({"any_text": ["112", "016"]})
    assert not is_danger({"any_text": ["012"], "not_text": ["112"]})
