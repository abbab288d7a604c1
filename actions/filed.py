"""After filing: the number again, additions, corrections, taking it back, and what was filed here."""

import json
from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.contact import part_contact
from actions.context import current
from actions.earlier import TOLD, Words, earlier, keeping, waiting_words, was_asked_which
from actions.items import place_slots
from actions.matters import Matter
from actions.noted import worded_contact
from actions.rewording import any_of, bare_addition, command, joined_text
from actions.sentences import CLAUSE, spans
from actions.unsent import add_unsent, drop_unsent, named_unsent
from actions.which import choices, is_only_named, matter_of, named
from actions.words import content_words, entity_of, language_of, listed_in_all, offered, text_of
from bot.states import NEEDS_INFO
from bot.store.tables import Item
from bot.suggestions.own import Telling

ADD, FIX = "add_filed", "fix_filed"


class Which(Action):
    """Lists what this conversation has filed, with the state of each."""

    def name(self) -> str:
        return "action_which"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """One line each, the newest first."""
        knowledge, language = current().knowledge, language_of(tracker)
        items = await read_mine(tracker)
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
        return await do_tell(dispatcher, tracker, ADD)


class FixFiled(Action):
    """Corrects the contact or the place of what was filed here; other corrections are added in words."""

    def name(self) -> str:
        return "action_fix_filed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Says which part was corrected and to what."""
        return await do_tell(dispatcher, tracker, FIX)


class Withdraw(Action):
    """Takes back what was filed here, once its author has said yes to that very reference."""

    def name(self) -> str:
        return "action_withdraw"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """Asks first, with the reference; the button, or a yes, does it."""
        context, language = current(), language_of(tracker)
        confirmed = entity_of(tracker, "value")
        mine = await read_mine(tracker)
        if not confirmed and (events := drop_unsent(dispatcher, tracker, mine)):
            return [*events, *_spent(tracker)]
        items = named(mine, text_of(tracker), confirmed)
        if len(items) > 1:
            return [*_ask_which(dispatcher, items, "utter_filed_withdraw_which", "withdraw"), *_spent(tracker)]
        item = items[0] if items else None
        if item is None or confirmed:
            done = item is not None and await _do_withdraw(tracker, item)
            _tell(dispatcher, item, "utter_filed_withdrawn" if done else "utter_filed_ended")
            return _spent(tracker)
        payload = "/withdraw" + json.dumps({"value": item.reference})
        buttons = [
            {"title": context.knowledge.text("utter_filed_withdraw_button", language), "payload": payload},
            {"title": context.knowledge.text("utter_filed_keep_button", language), "payload": "/deny"},
        ]
        dispatcher.utter_message(
            response="utter_filed_ask_withdraw", buttons=buttons, reference=item.reference, matter=matter_of(item)
        )
        return [SlotSet("asked", payload), *_spent(tracker)]


async def read_mine(tracker: Tracker) -> list[Item]:
    """What was filed in this conversation, the newest first."""
    async with current().database.read() as session:
        return await current().own.read_own(session, tracker.sender_id)


async def do_tell(dispatcher: CollectingDispatcher, tracker: Tracker, intent: str) -> list[EventType]:
    """Put what is said into the item that it means. Of several, she is asked which; her words wait for the choice."""
    waits, said = waiting_words(tracker), text_of(tracker)
    chosen = _is_chosen(tracker)
    if chosen and not waits:  # a button of an earlier time
        dispatcher.utter_message(response="utter_button_gone")
        return []
    mine = await read_mine(tracker)
    if not chosen and (unsent := named_unsent(tracker, mine)):
        return [*add_unsent(dispatcher, tracker, unsent, _words(tracker, intent, [unsent])), *_spent(tracker)]
    items = named(mine, "" if chosen else said, entity_of(tracker, "value"))
    words = _words(tracker, intent, items)
    if len(items) > 1:
        asked = _ask_which(dispatcher, items, "utter_filed_which", words.intent)
        return [*asked, SlotSet(TOLD, keeping(words))]
    if not items:
        _tell(dispatcher, None, "")
        return []
    return await _do_tell_one(dispatcher, tracker, items[0], words)


def _is_chosen(tracker: Tracker) -> bool:
    """Whether the message is the choice of a button, pressed or named by its place ("the second one")."""
    value = entity_of(tracker, "value")
    waits = bool(value) and value != tracker.get_slot("needs") and was_asked_which(tracker)
    return text_of(tracker).startswith("/") or waits


def _words(tracker: Tracker, intent: str, items: Sequence[Item | Matter]) -> Words:
    """What is to be told: the message, behind the words that wait; those alone, where it only says which is meant."""
    said, waits = text_of(tracker), waiting_words(tracker)
    heard = {event["name"]: event["value"] for event in place_slots(tracker)}
    words = Words(said, intent, heard.get("item_place"), heard.get("item_district"))
    if waits is None or not (_is_chosen(tracker) or was_asked_which(tracker)):
        return words
    if _is_chosen(tracker) or is_only_named(items, said):
        return waits
    placed = words if words.place else waits
    both = joined_text(waits.text, bare_addition(said))
    return Words(both, FIX if FIX in (waits.intent, intent) else ADD, placed.place, placed.district)


def _ask_which(dispatcher: CollectingDispatcher, items: list[Item], response: str, intent: str) -> list[EventType]:
    """Asks with a button for each, which may also be named by its place."""
    buttons = choices(items, intent)
    dispatcher.utter_message(response=response, buttons=buttons)
    return [offered(buttons)]


async def _do_tell_one(
    dispatcher: CollectingDispatcher, tracker: Tracker, meant: Item, words: Words
) -> list[EventType]:
    context = current()
    async with context.database.write() as uow:
        item = await context.own.read_one_of_own(uow, tracker.sender_id, meant.reference)
        telling = _telling(item, words) if item else Telling()
        told = await context.own.do_tell(uow, item, telling) if item else "ended"
        await uow.commit()
    value = " · ".join(part for part in (telling.place, telling.contact) if part) if words.intent == FIX else ""
    response = "utter_filed_corrected" if value else "utter_filed_added"
    args = {"value": value, "added": telling.words or value, "matter": matter_of(meant)}
    _tell(dispatcher, meant, response if told == "done" else f"utter_filed_{told}", **args)
    return [*([] if told == "full" else [SlotSet("needs", None)]), *(_spent(tracker) if told == "done" else [])]


async def _do_withdraw(tracker: Tracker, meant: Item) -> bool:
    async with current().database.write() as uow:
        item = await current().own.read_one_of_own(uow, tracker.sender_id, meant.reference)
        done = item is not None and await current().own.do_withdraw(uow, item)
        await uow.commit()
    return done


def _spent(tracker: Tracker) -> list[EventType]:
    """Words that were told have been heard: those of this message, and those that waited, begin no new report."""
    waits = waiting_words(tracker) and (_is_chosen(tracker) or was_asked_which(tracker))
    return [SlotSet(TOLD, None)] if waits or earlier(tracker).text.strip() == text_of(tracker) else []


def _telling(item: Item, words: Words) -> Telling:
    return _corrected(words) if words.intent == FIX else _added(item, bare_addition(words.text))


def _added(item: Item, said: str) -> Telling:
    """An addition. A contact in what staff have asked for is sealed, beside the one that was given before."""
    found = part_contact(said) if item.state == NEEDS_INFO else None
    if found is None:
        return Telling(said)
    contact, words = worded_contact(found)
    before = current().own.reveal_contact(item)
    return Telling(words, contact=f"{before}, {contact}" if before and contact not in before else contact)


def _corrected(words: Words) -> Telling:
    """A correction: contact and place take the old ones' places, and the words stand beside them."""
    found = part_contact(words.text)
    if found is None:
        return Telling(words.text, place=words.place, district=words.district)
    return Telling(_beside_correction(found.beside), contact=found.bare, place=words.place, district=words.district)


def _beside_correction(words: str) -> str:
    """What is told beside a contact that is corrected, without what only says that it is wrong ("it ends in 575")."""
    parts = listed_in_all("contact_data") | listed_in_all("place")
    told = [clause for start, end in spans(words, CLAUSE) if (clause := words[start:end].strip(" ,;.…"))]
    return ". ".join(
        clause
        for clause in told
        if len(said := content_words(clause)) > 1
        and not parts & set(said)
        and not any(letter.isdigit() for letter in clause)
        and not command(clause, f"{any_of('denies')}|{any_of('exchanges')}|{any_of('writes')}")
    )


def _tell(dispatcher: CollectingDispatcher, item: Item | None, response: str, **args: Any) -> None:
    if item is None:
        dispatcher.utter_message(response="utter_filed_none")
    else:
        dispatcher.utter_message(response=response, reference=item.reference, **args)
