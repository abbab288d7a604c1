"""A matter that was told beside a report and was not sent: it is offered, and dropped or added to by its name."""

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.context import current
from actions.earlier import Words
from actions.items import KIND_INTENTS
from actions.matters import MORE, Matter, waiting, written
from actions.rewording import bare_addition, joined_text
from actions.which import named_waiting
from actions.words import language_of, text_of
from bot.store.tables import Item


def offer_next(dispatcher: CollectingDispatcher, tracker: Tracker, told: list[Matter] | None = None) -> list[EventType]:
    """Offers the next matter that was told beside the one in the form, which has ended; of `told`, when that is new."""
    more = waiting(tracker) if told is None else told
    if not more:
        return []
    button = take_up(tracker, "utter_item_more_button")
    dispatcher.utter_message(response="utter_item_more_next", matter=more[0].text, buttons=[button])
    return [SlotSet("asked", button["payload"])]


def take_up(tracker: Tracker, title: str) -> dict[str, str]:
    """The button with which the first matter that waits is begun; `title` names the response that holds its words."""
    intent = KIND_INTENTS.get(str(tracker.get_slot("item_kind")), KIND_INTENTS["report"])
    words = current().knowledge.text(title, language_of(tracker))
    return {"title": words, "payload": f'/{intent}{{"slot": "{MORE}", "value": "next"}}'}


def named_unsent(tracker: Tracker, mine: list[Item]) -> Matter | None:
    """The matter that waits and is meant, rather than one of `mine`, which were sent; None when none is."""
    more = waiting(tracker)
    index = named_waiting(mine, more, text_of(tracker)) if more else None
    return None if index is None else more[index]


def drop_unsent(dispatcher: CollectingDispatcher, tracker: Tracker, mine: list[Item]) -> list[EventType]:
    """Drops the matter that is named and was not sent; nothing where none is."""
    meant = named_unsent(tracker, mine)
    if meant is None:
        return []
    dispatcher.utter_message(response="utter_filed_dropped")
    return [SlotSet(MORE, written(_others(tracker, meant)))]


def add_unsent(dispatcher: CollectingDispatcher, tracker: Tracker, meant: Matter, words: Words) -> list[EventType]:
    """Adds the words to the matter `meant`, and offers it; a street that is heard in them is its where it has none."""
    text = joined_text(meant.text, bare_addition(words.text))
    more = [Matter(text, meant.place or words.place or ""), *_others(tracker, meant)]
    return [SlotSet(MORE, written(more)), *offer_next(dispatcher, tracker, more)]


def _others(tracker: Tracker, meant: Matter) -> list[Matter]:
    more = waiting(tracker)
    more.remove(meant)
    return more
