"""How a suggestion, report or complaint is going."""

import datetime as dt
import math
import re
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.draft import has_draft, show_draft
from actions.earlier import was_asked_which
from actions.filed import ADD, Which, do_tell, read_mine
from actions.which import additions_of, is_bare_reference, matter_of, named, named_by_part
from actions.words import language_of, listed_in, listed_in_all, prefixes, reference_in, text_of
from bot.errors import BotError
from bot.knowledge.render import as_day
from bot.states import ENDED_ITEM
from bot.store.tables import Item
from bot.suggestions.inquiries import Going
from bot.suggestions.references import Written, find_reference
from bot.text import plain

NOTHING = "utter_filed_nothing"
FIRST = "submitted"  # nobody has taken it up yet


class Status(Action):
    """Tells the state and history of the reference in the message, or of what its author filed last."""

    def name(self) -> str:
        return "action_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """A reference that lacks something is asked for again, and nothing else is told in its place."""
        language = language_of(tracker)
        written, mine = reference_in(tracker), named(await read_mine(tracker), text_of(tracker))
        if was_asked_which(tracker) and len(mine) == 1 and is_bare_reference(text_of(tracker)):
            return await do_tell(dispatcher, tracker, ADD)
        try:
            if mine and (written is None or (not written.body and named_by_part(mine, text_of(tracker)))):
                if len(mine) > 1:
                    return await Which().run(dispatcher, tracker, domain)
                written = find_reference(mine[0].reference, prefixes())
            response, args = await _answer(tracker, written, language)
        except BotError as refused:
            minutes = math.ceil(int(str(refused.data.get("retry_after", 60))) / 60)
            response, args = "utter_item_status_too_many", {"minutes": minutes}
        if response == NOTHING and has_draft(tracker):
            return show_draft(dispatcher, tracker)
        dispatcher.utter_message(response=response, **args)
        return []


async def _answer(tracker: Tracker, written: Written | None, language: str) -> tuple[str, dict[str, Any]]:
    """The response and its arguments. Raises BotError `rate_limited`."""
    context, turn_id = current(), tracker.sender_id
    inquiries = context.items.inquiries
    async with context.database.read() as session:
        if written is None:
            going = await inquiries.read_latest(session, turn_id)
        elif not written.letter:
            return _incomplete(written)
        else:
            going = await inquiries.read(session, turn_id, written)
    if going:
        return _response(going), _words(going, language, text_of(tracker))
    if written is None:
        return NOTHING, {}
    return "utter_item_unknown" if written.fits else "utter_item_status_letter_wrong", {"reference": written.whole}


def _incomplete(written: Written) -> tuple[str, dict[str, Any]]:
    if not written.body:
        return "utter_item_ask_reference", {}
    return "utter_item_status_letter_missing", {"reference": written.body}


def _response(going: Going) -> str:
    if going.own:
        return "utter_item_status"
    return "utter_item_status_public" if going.dated else "utter_item_status_undated"


def _words(going: Going, language: str, said: str) -> dict[str, Any]:
    knowledge, item = current().knowledge, going.item
    zone = knowledge.agencies[item.agency].zone

    def state(name: str) -> str:
        return knowledge.text(f"utter_item_state_{name}", language)

    def day(at: dt.datetime) -> str:
        return as_day(at.astimezone(zone).date(), language) if going.dated else ""

    def note(words: str) -> str:
        return f". {words}" if words and going.own else ""

    lines = [f"{day(step.at)}: {state(step.to_state)}{note(step.note)}" for step in going.steps]
    return {
        "reference": item.reference,
        "kind": knowledge.text(f"utter_item_kind_{item.kind}", language),
        "state": state(item.state),
        "since": day(item.changed_at),
        **(_own_words(item, lines, language, said) if going.own else {"history": "\n".join(lines)}),
    }


def _own_words(item: Item, lines: list[str], language: str, said: str) -> dict[str, str]:
    """What only its author reads: the beginning of the text, what was added since, who has it, and what comes next.

    Where the one step is the state that was said, it is not said twice. What she asks and nobody knows is owned up to.
    """
    text, agency = current().knowledge.text, current().knowledge.agencies[item.agency]
    told = [text("utter_filed_told", language, added=words) for words in additions_of(item)]
    steps = lines if len(lines) > 1 else []
    if item.state in ENDED_ITEM:
        return {"matter": matter_of(item), "history": "".join(f"\n{line}" for line in (*told, *steps))}
    names = ["utter_filed_untouched"] if item.state == FIRST else []
    names += ["utter_filed_who", "utter_filed_next"]
    asked = set(re.findall(r"\w+", plain(said)))
    if asked & listed_in_all("asks_when"):
        names.append("utter_filed_when")
    if asked & listed_in_all("asks_call"):
        names.append("utter_filed_call" if item.contact else "utter_filed_no_call")
    who = agency.name.get(language, agency.id)
    coming = [text(name, language, **({"agency": who} if name == "utter_filed_who" else {})) for name in names]
    return {"matter": matter_of(item), "history": "".join(f"\n{line}" for line in (*told, *steps, *coming))}


class Number(Action):
    """Tells the reference of what was filed last in this conversation."""

    def name(self) -> str:
        return "action_number"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The newest first; the others with it. Who asks something else is told how it is going."""
        words = listed_in_all("numbers") & set(re.findall(r"\w+", plain(text_of(tracker))))
        if text_of(tracker).endswith("?") and not words and listed_in(tracker, "filed"):
            return await Status().run(dispatcher, tracker, domain)
        first, *others = listed_in(tracker, "filed") or [""]
        if not first:
            dispatcher.utter_message(response="utter_filed_none")
        elif others:
            dispatcher.utter_message(response="utter_filed_numbers", reference=first, others=", ".join(others))
        else:
            dispatcher.utter_message(response="utter_filed_number", reference=first)
        return []
