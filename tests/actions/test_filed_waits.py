"""A matter that waits beside a report that was sent: what is said of it goes to the one that is meant."""

import json

import pytest
from rasa_sdk.interfaces import Action

from actions.filed import AddFiled, FixFiled, Withdraw
from actions.filing import CancelItem
from actions.matters import in_json
from tests.actions.citizen import LAMP, Citizen

WAITS = {"item_more": json.dumps([{"text": "también una papelera rota en la misma calle", "place": ""}])}


@pytest.mark.parametrize("text", ["lo de la papelera quítalo", "withdraw the bin one, please", "la de la papelera no"])
async def test_what_waits_and_was_not_sent_is_dropped_and_nothing_that_was_sent_is_taken_back(
    ana: Citizen, text: str
) -> None:
    lamp = await ana.files()
    assert await ana.says(Withdraw, text, **WAITS) == "utter_filed_dropped"
    assert ana.slots == {"item_more": None} and await ana.steps(lamp) == ["submitted"]


@pytest.mark.parametrize("text", ["retira lo de la farola", "retírala", "withdraw the street lamp one"])
async def test_what_was_sent_is_meant_where_it_is_named_or_nothing_is(ana: Citizen, text: str) -> None:
    lamp = await ana.files()
    assert await ana.says(Withdraw, text, **WAITS) == "utter_filed_ask_withdraw" and ana.args["reference"] == lamp


@pytest.mark.parametrize("action", [AddFiled, FixFiled])
async def test_what_is_added_to_one_that_waits_goes_there_and_it_is_offered(ana: Citizen, action: type[Action]) -> None:
    lamp = await ana.files()
    assert await ana.says(action, "a lo de la papelera añade que está quemada", **WAITS) == "utter_item_more_next"
    [matter] = in_json(ana.slots["item_more"])
    assert "quemada" in matter.text and "papelera" in matter.text and ana.args["matter"] == matter.text
    assert (await ana.item(lamp)).text == LAMP and ana.slots["asked"] == ana.args["buttons"][0]["payload"]


async def test_a_reference_means_what_was_sent_whatever_waits(ana: Citizen) -> None:
    lamp = await ana.files()
    assert await ana.says(AddFiled, f"{lamp}: la papelera de al lado también", **WAITS) == "utter_filed_added"


@pytest.mark.parametrize("said", ["{0:06}", "{0}{1}", "la {0} {1}"])
@pytest.mark.parametrize("action", [AddFiled, Withdraw])
async def test_a_part_of_a_reference_means_what_was_sent_whatever_waits(
    ana: Citizen, action: type[Action], said: str
) -> None:
    lamp = await ana.files()
    *_, digits, letter = lamp.split("-")
    await ana.says(action, f"{said.format(int(digits), letter)}: la papelera de al lado", **WAITS)
    assert ana.args["reference"] == lamp and "item_more" not in ana.slots


@pytest.mark.parametrize(("text", "says"), [("deja lo de la papelera", "dropped"), ("mejor retíralo", "ask_withdraw")])
async def test_who_gives_up_after_sending_means_what_she_names(ana: Citizen, text: str, says: str) -> None:
    lamp = await ana.files()
    assert await ana.says(CancelItem, text, **WAITS) == f"utter_filed_{says}"
    assert await ana.steps(lamp) == ["submitted"] and ("item_more" in ana.slots) == (says == "dropped")


@pytest.mark.parametrize("action", [AddFiled, FixFiled, Withdraw])
async def test_what_was_said_of_one_that_waits_begins_no_new_report(ana: Citizen, action: type[Action]) -> None:
    await ana.files()
    text = "lo de la papelera, que está quemada"
    told = json.dumps({"text": text, "place": "", "share": 0.8})
    await ana.says(action, text, told=told, **WAITS)
    assert "item_more" in ana.slots and ana.slots["told"] is None
