"""After filing: the number again, additions, corrections, taking it back, and what was filed here."""

import json
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.contact import part_contact
from actions.context import current
from actions.items import place_slots
from actions.noted import worded_contact
from actions.words import entity_of, language_of, listed_in, reference_in, text_of
from bot.store.tables import Item
from bot.suggestions.own import NEEDS_INFO, Telling


class Number(Action):
    """Tells the reference of what was filed last in this conversation."""

    def name(self) -> str:
        return "action_number"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The newest first; the others with it."""
        first, *others = listed_in(tracker, "filed") or [""]
        if not first:
            dispatcher.utter_message(response="utter_filed_none")
        elif others:
            dispatcher.utter_message(response="utter_filed_numbers", reference=first, others=", ".join(others))
        else:
            dispatcher.utter_message(response="utter_filed_number", reference=first)
        return []


class Which(Action):
    """Lists what this conversation has filed, with the state of each."""

    def name(self) -> str:
        return "action_which"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """One line each, the newest first."""
        knowledge, language = current().knowledge, language_of(tracker)
        async with current().database.read() as session:
            items = await current().own.read_own(session, tracker.sender_id)
        lines = [
            knowledge.text(
                "utter_filed_line",
                language,
                reference=item.reference,
                state=knowledge.text(f"utter_item_state_{item.state}", language),
                matter=item.text[:80],
            )
            for item in items
        ]
        response = "utter_filed_list" if lines else "utter_filed_none"
        dispatcher.utter_message(response=response, lines="\n".join(lines))
        return []


class AddFiled(Action):
    """Adds words to what was filed here."""

    def name(self) -> str:
        return "action_add_filed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The item of the reference in the message, else the newest; what has ended takes no addition."""
        context = current()
        async with context.database.write() as uow:
            item = await context.own.read_one_of_own(uow, tracker.sender_id, _named(tracker))
            told = await context.own.do_tell(uow, item, _added(item, text_of(tracker))) if item else "done"
            await uow.commit()
        _tell(dispatcher, item, "utter_filed_added" if told == "done" else f"utter_filed_{told}")
        return [] if told == "full" else [SlotSet("needs", None)]


class FixFiled(Action):
    """Corrects the contact or the place of what was filed here; other corrections are added in words."""

    def name(self) -> str:
        return "action_fix_filed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Says which part was corrected and to what."""
        context, fix = current(), _corrected(tracker)
        async with context.database.write() as uow:
            item = await context.own.read_one_of_own(uow, tracker.sender_id, _named(tracker))
            told = await context.own.do_tell(uow, item, fix) if item else "done"
            await uow.commit()
        value = " · ".join(part for part in (fix.place, fix.contact) if part)
        response = "utter_filed_corrected" if value else "utter_filed_added"
        _tell(dispatcher, item, response if told == "done" else f"utter_filed_{told}", value=value)
        return []


class Withdraw(Action):
    """Takes back what was filed here, once its author has said yes to that very reference."""

    def name(self) -> str:
        return "action_withdraw"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Asks first, with the reference; the button, or a yes, does it."""
        context, language = current(), language_of(tracker)
        confirmed = entity_of(tracker, "value")
        async with context.database.write() as uow:
            wanted = confirmed or _named(tracker)
            item = await context.own.read_one_of_own(uow, tracker.sender_id, wanted)
            done = bool(confirmed) and item is not None and await context.own.do_withdraw(uow, item)
            await uow.commit()
        if item is None or confirmed:
            _tell(dispatcher, item, "utter_filed_withdrawn" if done else "utter_filed_ended")
            return []
        payload = "/withdraw" + json.dumps({"value": item.reference})
        buttons = [
            {"title": context.knowledge.text("utter_filed_withdraw_button", language), "payload": payload},
            {"title": context.knowledge.text("utter_filed_keep_button", language), "payload": "/deny"},
        ]
        dispatcher.utter_message(response="utter_filed_ask_withdraw", reference=item.reference, buttons=buttons)
        return [SlotSet("asked", payload)]


def _named(tracker: Tracker) -> str | None:
    """The reference that the message names, also without its letter, or that was asked for; None when there is none."""
    written = reference_in(tracker)
    return written.body if written and written.body else entity_of(tracker, "value") or None


def _added(item: Item, said: str) -> Telling:
    """An addition. A contact in what staff have asked for is sealed, beside the one that was given before."""
    found = part_contact(said) if item.state == NEEDS_INFO else None
    if found is None:
        return Telling(said)
    contact, words = worded_contact(found)
    before = current().own.reveal_contact(item)
    return Telling(words, contact=f"{before}, {contact}" if before and contact not in before else contact)


def _corrected(tracker: Tracker) -> Telling:
    """A correction: contact and place take the old ones' places, and the words stand beside them."""
    said = text_of(tracker)
    heard = {event["name"]: event["value"] for event in place_slots(tracker)}
    place, district = heard.get("item_place"), heard.get("item_district")
    found = part_contact(said)
    if found is None:
        return Telling(said, place=place, district=district)
    words = found.beside
    return Telling(words, contact=found.bare, place=place, district=district)


def _tell(dispatcher: CollectingDispatcher, item: Item | None, response: str, **args: Any) -> None:
    if item is None:
        dispatcher.utter_message(response="utter_filed_none")
    else:
        dispatcher.utter_message(response=response, reference=item.reference, **args)
