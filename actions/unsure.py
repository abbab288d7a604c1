"""What was added to a text may have been meant to replace it: until that is answered, the form asks nothing else."""

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.choosing import CHOICES
from actions.context import current
from actions.earlier import TOLD, unsure_in, unsure_of
from actions.words import choose, language_of

UNSURE, AGAIN = "utter_item_unsure", "utter_item_unsure_again"


def unsure_buttons(tracker: Tracker, where: str) -> list[dict[str, str]]:
    """What she may have meant by what was added; the payload says `where` that begins and where it ends."""
    language = language_of(tracker)
    return [
        {
            "title": current().knowledge.text(f"utter_item_unsure_{does}_button", language),
            "payload": choose("item_text", f"{does}:{where}"),
        }
        for does in CHOICES
    ]


def unsure_at(before: str, text: str) -> str:
    """Where what was added to `before` begins in `text`, and where it ends."""
    return f"{len(before)}/{len(text)}"


def is_open(tracker: Tracker) -> bool:
    """Whether it was asked, not answered, and the text has stayed as it was then."""
    return unsure_of(tracker).endswith(f"/{len(str(tracker.get_slot('item_text') or ''))}")


def ask_unsure(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Whether this stands in the place of the form's own question; it is asked where this turn has not done so."""
    if not is_open(tracker):
        return False
    if not _asked_now(tracker):
        buttons = unsure_buttons(tracker, unsure_of(tracker))
        dispatcher.utter_message(response=UNSURE, matter=str(tracker.get_slot("item_text")), buttons=buttons)
    return True


def _asked_now(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "slot" and event.get("name") == TOLD:
            return bool(unsure_in(event.get("value")))
    return False
