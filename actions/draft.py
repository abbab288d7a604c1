"""A report that was begun and laid aside while a person is waited for: it is sent, shown or dropped there."""

from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.asking import summary
from actions.context import current
from actions.filing import cleared, do_file
from actions.words import entity_of

SEND, DROP = "send", "drop"
OTHER = "other"  # what was told beside it and is left
SENDING = '/draft{"value": "send"}'


class Draft(Action):
    """Does with it what its button says, or what was said in its place."""

    def name(self) -> str:
        return "action_draft"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Send or drop it; anything else shows it, and a yes to that sends it."""
        if entity_of(tracker, "value") == OTHER:
            dispatcher.utter_message(response="utter_item_more_left")
            return [SlotSet("item_more", None)]
        if not has_draft(tracker):
            dispatcher.utter_message(response="utter_filed_nothing")
            return []
        does = entity_of(tracker, "value")
        if does == SEND:
            return await do_file(dispatcher, tracker)
        if does == DROP:
            dispatcher.utter_message(response="utter_filed_dropped")
            return [*cleared(), SlotSet("item_more", None)]
        return show_draft(dispatcher, tracker)


def has_draft(tracker: Tracker) -> bool:
    """Whether a report was begun whose matter is told."""
    return bool(tracker.get_slot("item_kind") and tracker.get_slot("item_text"))


def show_draft(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Says what is noted, and that it was not sent; a yes sends it."""
    dispatcher.utter_message(response="utter_filed_draft", **summary(tracker, current().knowledge))
    return [SlotSet("asked", SENDING)]
