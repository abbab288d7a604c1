"""A form that was left for a day and is taken up again: what is open is said first."""

from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.context import current

LEFT, LEFT_EMPTY, LEFT_UNSENT = "utter_item_left", "utter_item_left_empty", "utter_item_left_unsent"


async def was_left(tracker: Tracker) -> bool:
    """Whether the form was begun before this message, and she was away for long."""
    return not _begins_now(tracker) and await current().was_left(tracker.sender_id)


async def say_what_was_left(dispatcher: CollectingDispatcher, tracker: Tracker, response: str, **noted: Any) -> None:
    """Say `response` with what is noted, before the form asks, when it was left."""
    if await was_left(tracker):
        dispatcher.utter_message(response=response, **noted)


def _begins_now(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") == "action_begin_item":
            return True
    return False
