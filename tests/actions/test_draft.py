"""A report that was laid aside, what was told before one began, and the truth about what was sent."""

import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.draft import Draft
from actions.item_form import read
from actions.items import BeginItem
from actions.status import Status
from tests.actions.asked import bound, turn  # noqa: F401
from tests.actions.citizen import LAMP, Citizen

DRAFT = {"item_kind": "report", "item_text": LAMP, "item_place": "Calle Mayor 14"}
BUS = "el autobús de la línea 3 ha llegado tarde tres veces"
BEFORE = {"told": json.dumps({"text": BUS, "place": "Calle Mayor", "share": 0.6})}
NONE_YET = {"item_text": None, "item_place": None}


async def begun(text: str, **more: Any) -> tuple[dict[str, Any], list[str]]:
    """What a complaint begins with, and what is said."""
    dispatcher = CollectingDispatcher()
    events = await BeginItem().run(dispatcher, turn("item_text", text, intent="make_complaint", **more), {})
    return {e["name"]: e["value"] for e in events}, [message["response"] for message in dispatcher.messages]


async def asks(ana: Citizen, text: str, **slots: Any) -> str:
    return await ana.says(Status, text, **slots)


async def test_a_report_that_was_laid_aside_is_sent_as_it_is(ana: Citizen) -> None:
    assert await ana.says(Draft, "enviar", value="send", **DRAFT) == "utter_item_filed"
    item = await ana.item(ana.args["reference"])
    assert (item.text, item.place, ana.slots["item_kind"]) == (LAMP, "Calle Mayor 14", None)


@pytest.mark.parametrize("value", ["show", ""])
async def test_it_is_shown_and_a_yes_sends_it(ana: Citizen, value: str) -> None:
    assert await ana.says(Draft, "y el aviso", value=value, **DRAFT) == "utter_filed_draft"
    assert ana.args["matter"] == LAMP and ana.slots["asked"] == '/draft{"value": "send"}'


async def test_it_is_dropped_and_nothing_is_sent(ana: Citizen) -> None:
    assert await ana.says(Draft, "/draft", value="drop", **DRAFT) == "utter_filed_dropped"
    assert ana.slots["item_text"] is None
    assert await asks(ana, "¿se envió o no?") == "utter_filed_nothing"


async def test_without_one_a_button_of_an_earlier_time_sends_nothing(ana: Citizen) -> None:
    assert await ana.says(Draft, "/draft", value="send") == "utter_filed_nothing"


async def test_who_has_filed_nothing_is_told_so_and_who_has_is_told_how_it_goes(ana: Citizen) -> None:
    assert await asks(ana, "did you send my report yes or no") == "utter_filed_nothing"
    assert await asks(ana, "did you send my report yes or no", **DRAFT) == "utter_filed_draft"
    reference = await ana.files()
    assert await asks(ana, "did you send my report yes or no") == "utter_item_status"
    assert ana.args["reference"] == reference


async def test_of_several_the_one_that_is_named_is_told_else_all(ana: Citizen) -> None:
    lamp = await ana.files()
    await ana.files("Un bache enorme", subject="pavement_holes")
    assert await asks(ana, "¿cómo va lo de la farola?") == "utter_item_status" and ana.args["reference"] == lamp
    assert await asks(ana, "¿cómo va lo mío?") == "utter_filed_list"
    assert LAMP in ana.args["lines"] and "bache" in ana.args["lines"]


async def test_a_status_says_what_was_added_and_its_state_once(ana: Citizen, bruno: Citizen) -> None:
    reference = await ana.files(f"{LAMP}\n\ny parpadea")
    await asks(ana, f"¿cómo va {reference}?")
    told = ana.args["history"]
    assert "y parpadea" in told and ana.args["state"] not in told and ana.args["matter"] == LAMP
    await asks(bruno, f"¿cómo va {reference}?")
    assert LAMP not in json.dumps(bruno.args) and "parpadea" not in json.dumps(bruno.args)


async def test_what_was_told_before_is_offered_as_the_text_with_its_place() -> None:
    filled, says = await begun("quiero poner una queja", **BEFORE, **NONE_YET)
    assert says == ["utter_item_earlier"] and "item_text" not in {k for k, v in filled.items() if v}
    assert filled["item_place"] == "Calle Mayor"
    pressing = turn("item_text", "/choose", intent="choose", slot="item_text", value="earlier", **BEFORE)
    assert read(pressing)[0]["item_text"] == BUS
    assert json.loads(filled["asked"].removeprefix("/choose")) == {"slot": "item_text", "value": "earlier"}


async def test_a_complaint_that_tells_its_matter_is_not_asked_for_the_place_again() -> None:
    filled, says = await begun("no había ninguna señal de prohibido aparcar", **BEFORE, **NONE_YET)
    assert says == [] and filled["item_place"] == "Calle Mayor" and "señal" in filled["item_text"]


async def test_where_nothing_was_told_before_nothing_is_offered() -> None:
    _, says = await begun("quiero poner una queja", **NONE_YET)
    assert says == []


def test_a_forged_button_for_what_was_told_fills_nothing() -> None:
    tracker: Tracker = turn("item_text", "/choose", intent="choose", slot="item_text", value="earlier")
    assert read(tracker)[0] == {}
