"""What the form of suggestions, reports and complaints has gathered is filed, or given up."""

import json
import re
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.filed import Withdraw, read_mine
from actions.items import NONE, SLOTS
from actions.matters import MORE, Matter, waiting, written
from actions.noted import noted_in
from actions.unsent import offer_next, take_up
from actions.words import language_of, listed_in
from bot.states import ENDED_ITEM
from bot.suggestions.items import Filing

MOST_FILED = 5  # references that a conversation keeps at hand


class SubmitItem(Action):
    """Files what the form gathered, once per turn."""

    def name(self) -> str:
        return "action_submit_item"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Store it and say its reference; or say that nothing was sent when the author chose to cancel."""
        if tracker.get_slot("item_confirm") != "send":
            return given_up(dispatcher, tracker)
        return await do_file(dispatcher, tracker)


async def do_file(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Store what the form has gathered and say its reference; then the next matter that was told is offered."""
    context, filing = current(), _filing(tracker)
    async with context.database.write() as uow:
        item = await context.items.do_file(uow, tracker.sender_id, filing)
        await uow.commit()
    agency = context.knowledge.agencies[item.agency]
    language = language_of(tracker)
    dispatcher.utter_message(
        response="utter_item_filed", reference=item.reference, agency=agency.name.get(language, agency.id)
    )
    filed = [item.reference, *listed_in(tracker, "filed")][:MOST_FILED]
    events = [*cleared(), SlotSet("filed", json.dumps(filed)), SlotSet("told", None)]
    return [*events, *offer_next(dispatcher, tracker)]


class CancelItem(Action):
    """Ends the form without filing."""

    def name(self) -> str:
        return "action_cancel_item"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Say that nothing was sent. Outside a form what was filed and is open may be meant: that is asked."""
        if tracker.get_slot("item_kind") is not None:
            return given_up(dispatcher, tracker)
        if any(item.state not in ENDED_ITEM for item in await read_mine(tracker)):
            return [*cleared(), *await Withdraw().run(dispatcher, tracker, domain)]
        dispatcher.utter_message(response="utter_nothing_to_cancel")
        return cleared()


def given_up(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Says that nothing was sent, and offers the next matter; where none waits, the one given up can be taken back."""
    text = noted_in(tracker, "item_text")
    if waiting(tracker) or not text:
        dispatcher.utter_message(response="utter_item_cancelled")
        return [*cleared(), *offer_next(dispatcher, tracker)]
    button = take_up(tracker, "utter_item_take_back_button")
    dispatcher.utter_message(response="utter_item_cancelled_kept", buttons=[button])
    return [*cleared(), SlotSet(MORE, written([Matter(text, noted_in(tracker, "item_place"))]))]


def cleared() -> list[EventType]:
    """The form's slots without what was noted."""
    return [SlotSet(slot, None) for slot in (*SLOTS, "item_kind")]


def _filing(tracker: Tracker) -> Filing:
    def slot(name: str) -> Any:
        value = tracker.get_slot(name)
        return None if value == NONE else value

    placed = slot("item_place") is not None  # a place that was taken out leaves no trace
    return Filing(
        kind=slot("item_kind") or "suggestion",
        text=re.sub(r"\n{2,}", "\n", slot("item_text") or ""),  # a blank line sets additions apart
        subject=slot("item_subject") or "other",
        agency=slot("item_agency") or slot("agency"),
        place=slot("item_place"),
        district=slot("item_district") if placed else None,
        latitude=slot("item_lat") if placed else None,
        longitude=slot("item_lon") if placed else None,
        contact=slot("item_contact"),
    )
