"""After filing: the number again, additions, corrections, taking it back, and what was filed here."""

import json
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.contact import part_contact
from actions.context import current
from actions.earlier import TOLD, earlier, keeping
from actions.filing import offer_next
from actions.items import place_slots
from actions.matters import MORE, Matter, waiting, written
from actions.noted import joined_text, worded_contact
from actions.rewording import bare_addition
from actions.which import choices, matter_of, named, named_waiting
from actions.words import entity_of, language_of, listed_in, text_of
from bot.store.database import UnitOfWork
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
                matter=matter_of(item),
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
        """The item that is meant, else it is asked which; what has ended takes no addition."""
        return await _do_tell(dispatcher, tracker, "add_filed")


class FixFiled(Action):
    """Corrects the contact or the place of what was filed here; other corrections are added in words."""

    def name(self) -> str:
        return "action_fix_filed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Says which part was corrected and to what."""
        return await _do_tell(dispatcher, tracker, "fix_filed")


class Withdraw(Action):
    """Takes back what was filed here, once its author has said yes to that very reference."""

    def name(self) -> str:
        return "action_withdraw"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Asks first, with the reference; the button, or a yes, does it."""
        context, language = current(), language_of(tracker)
        confirmed = entity_of(tracker, "value")
        if not confirmed and (events := await _drop_waiting(dispatcher, tracker)):
            return events
        async with context.database.write() as uow:
            items = named(await _own(uow, tracker), text_of(tracker), confirmed)
            item = items[0] if items else None
            done = bool(confirmed) and item is not None and await context.own.do_withdraw(uow, item)
            await uow.commit()
        if item is None or confirmed:
            _tell(dispatcher, item, "utter_filed_withdrawn" if done else "utter_filed_ended")
            return []
        if len(items) > 1:
            dispatcher.utter_message(response="utter_filed_withdraw_which", buttons=choices(items, "withdraw"))
            return []
        payload = "/withdraw" + json.dumps({"value": item.reference})
        buttons = [
            {"title": context.knowledge.text("utter_filed_withdraw_button", language), "payload": payload},
            {"title": context.knowledge.text("utter_filed_keep_button", language), "payload": "/deny"},
        ]
        dispatcher.utter_message(
            response="utter_filed_ask_withdraw", buttons=buttons, reference=item.reference, matter=matter_of(item)
        )
        return [SlotSet("asked", payload)]


async def _own(uow: UnitOfWork, tracker: Tracker) -> list[Item]:
    return await current().own.read_own(uow.session, tracker.sender_id)


async def _named_waiting(tracker: Tracker, said: str) -> int | None:
    """Which of the matters that wait and were not sent is meant, rather than what was sent."""
    more = waiting(tracker)
    if not more:
        return None
    async with current().database.read() as session:
        return named_waiting(await current().own.read_own(session, tracker.sender_id), more, said)


async def _drop_waiting(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Drops the matter that is named and was not sent; nothing where none is."""
    index, more = await _named_waiting(tracker, text_of(tracker)), waiting(tracker)
    if index is None:
        return []
    dispatcher.utter_message(response="utter_filed_dropped")
    return [SlotSet(MORE, written([*more[:index], *more[index + 1 :]]))]


async def _add_waiting(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Adds the words to the matter that they name and that was not sent, and offers it; nothing where none is."""
    index, more, said = await _named_waiting(tracker, text_of(tracker)), waiting(tracker), text_of(tracker)
    if index is None:
        return []
    more.insert(0, Matter(joined_text(more[index].text, bare_addition(said)), more.pop(index).place))
    return [SlotSet(MORE, written(more)), *offer_next(dispatcher, tracker, more)]


async def _do_tell(dispatcher: CollectingDispatcher, tracker: Tracker, intent: str) -> list[EventType]:
    """Put what is said into the item that it means. Of several, she is asked which; her words wait for the button."""
    context, said = current(), text_of(tracker)
    pressed = said.startswith("/")
    if not pressed and (events := await _add_waiting(dispatcher, tracker)):
        return events
    said = earlier(tracker).text if pressed else said
    if not said:  # a button of an earlier time
        dispatcher.utter_message(response="utter_button_gone")
        return []
    async with context.database.write() as uow:
        items = named(await _own(uow, tracker), said, entity_of(tracker, "value"))
        if len(items) > 1:
            dispatcher.utter_message(response="utter_filed_which", buttons=choices(items, intent))
            return [SlotSet(TOLD, keeping(said))]
        item = items[0] if items else None
        telling = _telling(tracker, item, said, intent) if item else Telling()
        told = await context.own.do_tell(uow, item, telling) if item else "done"
        await uow.commit()
    if item is None:
        _tell(dispatcher, None, "")
        return []
    value = " · ".join(part for part in (telling.place, telling.contact) if part) if intent == "fix_filed" else ""
    response = "utter_filed_corrected" if value else "utter_filed_added"
    args = {"value": value, "added": telling.words or value, "matter": matter_of(item)}
    _tell(dispatcher, item, response if told == "done" else f"utter_filed_{told}", **args)
    done = [] if told == "full" else [SlotSet("needs", None)]
    return [*done, SlotSet(TOLD, None)] if pressed else done


def _telling(tracker: Tracker, item: Item, said: str, intent: str) -> Telling:
    return _corrected(tracker, said) if intent == "fix_filed" else _added(item, bare_addition(said))


def _added(item: Item, said: str) -> Telling:
    """An addition. A contact in what staff have asked for is sealed, beside the one that was given before."""
    found = part_contact(said) if item.state == NEEDS_INFO else None
    if found is None:
        return Telling(said)
    contact, words = worded_contact(found)
    before = current().own.reveal_contact(item)
    return Telling(words, contact=f"{before}, {contact}" if before and contact not in before else contact)


def _corrected(tracker: Tracker, said: str) -> Telling:
    """A correction: contact and place take the old ones' places, and the words stand beside them."""
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
