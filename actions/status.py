"""How a suggestion, report or complaint is going."""

import datetime as dt
import math
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.context import current
from actions.draft import has_draft, show_draft
from actions.earlier import was_asked_which
from actions.filed import ADD, Which, do_tell, read_mine
from actions.which import additions_of, is_bare_reference, matter_of, named, named_by_part
from actions.words import language_of, prefixes, reference_in, text_of
from bot.errors import BotError
from bot.knowledge.render import as_day
from bot.states import ENDED_ITEM
from bot.store.tables import Item
from bot.suggestions.inquiries import Going
from bot.suggestions.references import Written, find_reference

NOTHING = "utter_filed_nothing"


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
            response, args = await _answer(tracker.sender_id, written, language)
        except BotError as refused:
            minutes = math.ceil(int(str(refused.data.get("retry_after", 60))) / 60)
            response, args = "utter_item_status_too_many", {"minutes": minutes}
        if response == NOTHING and has_draft(tracker):
            return show_draft(dispatcher, tracker)
        dispatcher.utter_message(response=response, **args)
        return []


async def _answer(turn_id: str, written: Written | None, language: str) -> tuple[str, dict[str, Any]]:
    """The response and its arguments. Raises BotError `rate_limited`."""
    context = current()
    inquiries = context.items.inquiries
    async with context.database.read() as session:
        if written is None:
            going = await inquiries.read_latest(session, turn_id)
        elif not written.letter:
            return _incomplete(written)
        else:
            going = await inquiries.read(session, turn_id, written)
    if going:
        return _response(going), _words(going, language)
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


def _words(going: Going, language: str) -> dict[str, Any]:
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
        **(_own_words(item, lines, language) if going.own else {"history": "\n".join(lines)}),
    }


def _own_words(item: Item, lines: list[str], language: str) -> dict[str, str]:
    """What only its author reads: the beginning of the text, what was added since, and what comes next.

    Where the one step is the state that was said, it is not said twice.
    """
    text = current().knowledge.text
    told = [text("utter_filed_told", language, added=words) for words in additions_of(item)]
    steps = lines if len(lines) > 1 else []
    coming = [] if item.state in ENDED_ITEM else [text("utter_filed_next", language)]
    return {"matter": matter_of(item), "history": "".join(f"\n{line}" for line in (*told, *steps, *coming))}
