"""What was told before a report began: its place is the report's where the report is about it, and nowhere else."""

import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.items import BeginItem
from tests.actions.asked import bound, turn  # noqa: F401
from tests.actions.form import heard

BIN = json.dumps({"text": "el contenedor de la calle Olmo está a rebosar", "place": "calle Olmo", "share": 0.8})
STREET = json.dumps({"text": "en la calle Olmo esto no puede seguir así", "place": "calle Olmo", "share": 0.8})


async def begun(text: str, told: str, **found: Any) -> dict[str, Any]:
    """What the form begins with."""
    tracker = turn("item_text", text, intent="report_problem", requested_slot=None, told=told, **found)
    events = await BeginItem().run(CollectingDispatcher(), tracker, {})
    return {event["name"]: event["value"] for event in events}


DENIALS = [
    "no es lo del contenedor, es una farola que no luce",
    "quiero avisar de otra cosa, hay un bache enorme",
    "it is not about the bin, a street light is broken",
]


@pytest.mark.parametrize("text", [DENIALS[0], DENIALS[2], "lo del contenedor no, ahora es un bache"])
async def test_another_matter_does_not_begin_at_the_place_of_the_one_before(text: str) -> None:
    assert (await begun(text, BIN)).get("item_place") is None


@pytest.mark.parametrize("text", ["el contenedor sigue a rebosar y huele", "nobody empties the bin any more"])
async def test_the_same_matter_begins_at_its_place(text: str) -> None:
    assert (await begun(text, BIN))["item_place"] == "calle Olmo"


async def test_a_street_that_was_named_with_no_other_matter_is_the_place() -> None:
    assert (await begun("hay una farola fundida hace un mes", STREET))["item_place"] == "calle Olmo"


async def test_a_street_that_is_said_again_is_the_place() -> None:
    assert (await begun(f"{DENIALS[0]} en la calle Olmo", BIN, street="calle Olmo"))["item_place"] == "calle Olmo"


@pytest.mark.parametrize("act", ["text", "add", "say", "fix_text"])
@pytest.mark.parametrize("text", DENIALS)
def test_who_denies_the_matter_that_is_offered_and_tells_another_is_asked_where_it_is(text: str, act: str) -> None:
    noted = heard("item_text", text, act, told=BIN, item_place="calle Olmo")
    assert noted["item_text"] == text and noted.get("item_place") is None


@pytest.mark.parametrize("act", ["text", "add", "say", "fix_text"])
def test_who_tells_another_matter_with_its_street_has_that_place(act: str) -> None:
    text = "no es lo del contenedor, es una farola en la calle Luna"
    assert heard("item_text", text, act, told=BIN, item_place="calle Olmo", street="calle Luna")["item_place"] == (
        "calle Luna"
    )


def test_who_says_yes_to_the_matter_that_is_offered_keeps_its_place() -> None:
    noted = heard("item_text", "Sí, es esto", "yes", told=BIN, item_place="calle Olmo")
    assert noted["item_place"] == "calle Olmo" and "contenedor" in noted["item_text"]


def test_a_place_that_she_has_given_in_the_form_herself_stays() -> None:
    noted = heard("item_text", "hay una farola rota", "text", told=BIN, item_place="calle Sol 3")
    assert noted["item_place"] == "calle Sol 3"


@pytest.mark.parametrize("asked", ["item_contact", "item_confirm"])
def test_a_matter_that_is_corrected_with_its_street_has_that_place(asked: str) -> None:
    before = {"item_text": "el contenedor está a rebosar", "item_place": "calle Olmo"}
    noted = heard(
        asked, "no es el contenedor, es una farola en la calle Luna", "fix_text", street="calle Luna", **before
    )
    assert noted["item_place"] == "calle Luna" and "farola" in noted["item_text"]
