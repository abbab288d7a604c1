"""A matter that waits beside the one in the form is offered once: it neither gets lost nor comes back for ever."""

import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action

from actions.filing import CancelItem, SubmitItem
from actions.items import BeginItem
from tests.actions.asked import bound, turn  # noqa: F401

HOLE = "un bache enorme en la calle Olmo"
WAITS = {"item_more": json.dumps([HOLE, "una papelera rota"])}


async def done(action: type[Action], **slots: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What is said, and the slots that are set."""
    dispatcher = CollectingDispatcher()
    events = await action().run(dispatcher, turn("item_confirm", "x", **slots), {})
    return dispatcher.messages, {event["name"]: event["value"] for event in events}


@pytest.mark.parametrize("action", [CancelItem, SubmitItem])
async def test_who_gives_up_one_is_offered_the_other_that_she_told(action: type[Action]) -> None:
    said, slots = await done(action, item_confirm="cancel", **WAITS)
    assert [message["response"] for message in said] == ["utter_item_cancelled", "utter_item_more_next"]
    [button] = said[1]["buttons"]
    assert said[1]["matter"] == HOLE and button["payload"] == slots["asked"] and "report_problem" in slots["asked"]
    assert "item_more" not in slots


@pytest.mark.parametrize("action", [CancelItem, SubmitItem])
async def test_who_gives_up_the_only_one_can_take_it_back_with_its_place(action: type[Action]) -> None:
    noted = {"item_confirm": "cancel", "item_text": HOLE, "item_place": "calle Olmo", "item_kind": "complaint"}
    said, slots = await done(action, **noted)
    assert [message["response"] for message in said] == ["utter_item_cancelled_kept"] and "asked" not in slots
    [button] = said[0]["buttons"]
    assert button["payload"].startswith("/make_complaint") and slots["item_text"] is None
    _, again = await done(BeginItem, intent="make_complaint", slot="item_more", value="next", **slots)
    assert (again["item_text"], again["item_place"], again["item_more"]) == (HOLE, "calle Olmo", None)


async def test_who_gives_up_before_she_told_anything_is_offered_nothing() -> None:
    said, slots = await done(CancelItem, item_text=None)
    assert [message["response"] for message in said] == ["utter_item_cancelled"] and "asked" not in slots


async def test_who_begins_another_report_in_its_stead_is_not_offered_it_again_after_that_one() -> None:
    _, slots = await done(BeginItem, intent="report_problem", **WAITS)
    assert slots["item_more"] is None


async def test_who_takes_it_up_finds_the_next_one_waiting() -> None:
    _, slots = await done(BeginItem, intent="report_problem", slot="item_more", value="next", **WAITS)
    assert slots["item_text"] == HOLE and json.loads(slots["item_more"]) == ["una papelera rota"]
