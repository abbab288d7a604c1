"""How a suggestion, report or complaint is going."""

import datetime as dt
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from bot.knowledge.render import as_day
from bot.store.database import UnitOfWork
from bot.store.tables import Item, ItemStep
from bot.suggestions.references import find_reference, is_valid


class Status(Action):
    """Tells the state and history of the reference in the message, or of what this conversation filed last."""

    def name(self) -> str:
        return "action_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """A reference whose check letter does not fit is asked for again; nothing private is told."""
        context, language = current(), str(tracker.get_slot("language") or "es")
        reference = find_reference(tracker.latest_message.get("text") or "")
        async with context.database.read() as session:
            uow = UnitOfWork(session)
            if reference is None:
                latest = await context.items.read_latest_of_turn(uow, tracker.sender_id)
                reference = latest.reference if latest else None
            if reference is None:
                dispatcher.utter_message(response="utter_item_ask_reference")
                return []
            found = await context.items.read_status(uow, reference) if is_valid(reference) else None
        if found is None:
            dispatcher.utter_message(response="utter_item_unknown", reference=reference)
            return []
        dispatcher.utter_message(response="utter_item_status", **_words(*found, language))
        return []


def _words(item: Item, steps: list[ItemStep], language: str) -> dict[str, Any]:
    knowledge = current().knowledge
    zone = knowledge.agencies[item.agency].zone

    def state(name: str) -> str:
        return knowledge.text(f"utter_item_state_{name}", language)

    def day(at: dt.datetime) -> str:
        return as_day(at.astimezone(zone).date(), language)

    lines = [f"{day(step.at)}: {state(step.to_state)}" + (f". {step.note}" if step.note else "") for step in steps]
    return {
        "reference": item.reference,
        "state": state(item.state),
        "since": day(item.changed_at),
        "history": "\n".join(lines),
    }
