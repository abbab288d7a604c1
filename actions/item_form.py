"""Reads a citizen's words inside the form. It is hers: what she types is an answer, else an addition, and is kept.

What the message does was judged by the engine, in its situation (`engine/reading.py`): the act of a `form` intent. Here
it fills, adds, corrects. A message that gives the form nothing leaves it asking again; one that is not meant for it
(another intent) is answered first.
"""

import json
from collections.abc import Callable
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.amending import mended, replaced
from actions.contact import find_contact
from actions.context import current
from actions.items import KINDS, NONE, matters_of, place_slots, subject_slots, summary
from actions.words import content_words, entity_of, intent_of, language_of, listed_in, text_of
from bot.suggestions.guess import guess_district, guess_named_subject

Slots = dict[str, Any]
MAX_PLACE = 200
MAX_TEXT = 4_000
MOST_MORE = 4  # further matters told beside the one in the form
# A place in words replaces a location that was sent before.
NO_POINT: Slots = {"item_lat": None, "item_lon": None}
SHOWN_IN_SUMMARY = ("utter_item_corrected", "utter_item_added", "utter_item_left_out")
LITTLE = ("nothing", "add", "text", "place", "yes", "ack", "thank", "greet", "fix_text", "fix_place", "perhaps_cancel")
BLANKS = ("item_place", "item_contact")


class ValidateItemForm(Action):
    """Fills the form's slots. When it fills none, the form steps aside and the question is answered first."""

    def name(self) -> str:
        return "validate_item_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        """The slots that this message fills, as events; none when it is not meant for the form."""
        filled, says = read(tracker)
        for response in says:
            if tracker.get_slot("requested_slot") == "item_confirm" and response in SHOWN_IN_SUMMARY:
                response = "utter_item_changed"
            dispatcher.utter_message(response=response, **summary(tracker, current().knowledge, filled))
        return [SlotSet(name, value) for name, value in filled.items()]


Filled = tuple[Slots, list[str]]


def read(tracker: Tracker) -> Filled:
    """What the latest message fills (name → value), and what is said about it before the form goes on."""
    intent = intent_of(tracker)
    if intent == "choose":
        return _chosen(tracker), []
    if intent == "share_location":
        return _location(tracker), []
    if intent != "form" or not tracker.get_slot("requested_slot"):
        return {}, []
    act = entity_of(tracker, "act")
    if tracker.get_slot("requested_slot") == "item_contact" and act in LITTLE and find_contact(text_of(tracker)):
        act = "contact"  # what is one says little to those who do not know that it is one
    return _ACTS.get(act, _say)(tracker)


def _say(tracker: Tracker) -> Filled:
    """Words that are no command: the answer to what was asked, else an addition."""
    asked = tracker.get_slot("requested_slot")
    if asked == "item_text":
        return _text(tracker)
    if asked == "item_place":
        return _place(tracker)
    if found := find_contact(text_of(tracker)):
        return {"item_contact": found}, [] if asked == "item_contact" else ["utter_item_corrected"]
    return _add(tracker)


def _text(tracker: Tracker) -> Filled:
    if tracker.get_slot("requested_slot") != "item_text" and tracker.get_slot("item_text"):
        return _add(tracker)
    text = text_of(tracker)
    if not content_words(text):
        return _nothing(tracker)
    return {"item_text": text, **_slots(subject_slots(text, tracker)), **_place_if_new(tracker)}, []


def _add(tracker: Tracker) -> Filled:
    """An addition goes behind what is noted already; before anything is noted it is the text."""
    if not tracker.get_slot("item_text"):
        return _text(tracker)
    added = _joined(str(tracker.get_slot("item_text")), text_of(tracker))
    return {"item_text": added, **_place_if_new(tracker)}, ["utter_item_added"]


def _place(tracker: Tracker) -> Filled:
    text, asked = text_of(tracker), tracker.get_slot("requested_slot") == "item_place"
    if not content_words(text):
        return _nothing(tracker)
    heard = _heard_place(tracker)
    if not asked and not heard:
        return _add(tracker)
    place = text[:MAX_PLACE] if asked else heard["item_place"]
    return {**NO_POINT, **heard, "item_place": place}, [] if asked else ["utter_item_corrected"]


def _contact(tracker: Tracker) -> Filled:
    if found := find_contact(text_of(tracker)):
        return {"item_contact": found}, [] if tracker.get_slot("requested_slot") == "item_contact" else [
            "utter_item_corrected"
        ]
    if tracker.get_slot("requested_slot") == "item_contact":
        return _kept(tracker), ["utter_item_no_such_contact"]
    return _add(tracker)


def _fix_place(tracker: Tracker) -> Filled:
    """The place is mended, and the text where the old one stands in it."""
    said, old = text_of(tracker), str(tracker.get_slot("item_place") or "")
    heard, text = _heard_place(tracker), str(tracker.get_slot("item_text") or "")
    if heard and old and old != NONE:
        mend = mended(old, said) if not _is_new(heard["item_place"], old) else None
        new = mend or heard["item_place"]
        fixed = {**NO_POINT, **heard, "item_place": new, "item_text": mended(text, said) or replaced(text, old, new)}
    elif mend := mended(old, said):
        fixed = {"item_place": mend, "item_text": mended(text, said) or text}
    elif heard:
        fixed = {**NO_POINT, **heard, "item_text": mended(text, said) or text}
    elif tracker.get_slot("requested_slot") == "item_place":
        return _place(tracker)
    elif mend := mended(text, said):
        fixed = {"item_text": mend}
    else:
        return _add(tracker)
    return fixed, ["utter_item_corrected"]


def _fix_text(tracker: Tracker) -> Filled:
    """What was told is mended where that leaves no choice; else the correction stands beside it for who reads it."""
    text, said = str(tracker.get_slot("item_text") or ""), text_of(tracker)
    if not text:
        return _text(tracker)
    if (new := _after_colon(said)) and len(content_words(new)) > 1:
        return {"item_text": new, **_slots(subject_slots(new, tracker))}, ["utter_item_corrected"]
    if mend := mended(text, said):
        place = str(tracker.get_slot("item_place") or "")
        return {"item_text": mend, "item_place": mended(place, said) or place or None}, ["utter_item_corrected"]
    return _add(tracker)


def _fix_contact(tracker: Tracker) -> Filled:
    said, old = text_of(tracker), str(tracker.get_slot("item_contact") or "")
    if found := find_contact(said):
        return {"item_contact": found}, ["utter_item_corrected"]
    if mend := mended(old, said):
        return {"item_contact": mend}, ["utter_item_corrected"]
    return {"item_contact": None, "item_confirm": None}, []


def _fix_kind(tracker: Tracker) -> Filled:
    """Another subject, agency or kind, when the words name one; else the subjects are offered."""
    knowledge, said = current().knowledge, text_of(tracker)
    if named := entity_of(tracker, "agency"):
        return {"item_agency": named}, ["utter_item_corrected"]
    if subject := guess_named_subject(knowledge, said):
        return {"item_subject": subject.id, "item_agency": subject.agency}, ["utter_item_corrected"]
    ranking = tracker.latest_message.get("intent_ranking") or []
    kinds = [KINDS[entry["name"]] for entry in ranking if entry["name"] in KINDS]
    if kinds and kinds[0] != tracker.get_slot("item_kind"):
        return {"item_kind": kinds[0]}, ["utter_item_corrected"]
    return ({"item_confirm": None}, []) if tracker.get_slot("requested_slot") == "item_confirm" else _nothing(tracker)


def _send(tracker: Tracker) -> Filled:
    """At the summary it is sent; before, what is still open stays empty and the summary comes."""
    if tracker.get_slot("requested_slot") == "item_confirm":
        return {"item_confirm": "send"}, []
    if not tracker.get_slot("item_text"):
        return _kept(tracker), []
    return {slot: NONE for slot in BLANKS if not tracker.get_slot(slot)}, []


def _yes(tracker: Tracker) -> Filled:
    asked = tracker.get_slot("requested_slot")
    if asked == "item_confirm":
        return {"item_confirm": "send"}, []
    return _kept(tracker), []


def _skip(tracker: Tracker) -> Filled:
    asked = tracker.get_slot("requested_slot")
    if asked in BLANKS:
        return {asked: NONE}, []
    return _leave_out(tracker) if asked == "item_confirm" else _nothing(tracker)


def _no(tracker: Tracker) -> Filled:
    return _change(tracker) if tracker.get_slot("requested_slot") == "item_confirm" else _skip(tracker)


def _leave_out(tracker: Tracker) -> Filled:
    """Takes out what was given of herself: the contact, else the place."""
    given = next((slot for slot in reversed(BLANKS) if tracker.get_slot(slot) not in (None, NONE)), None)
    asked = tracker.get_slot("requested_slot")
    if asked in BLANKS:
        return {asked: NONE}, []
    return ({given: NONE}, ["utter_item_left_out"]) if given else _kept_with(tracker, "utter_item_left_out")


def _change(tracker: Tracker) -> Filled:
    if len(content_words(_after_colon(text_of(tracker)))) > 1:
        return _fix_text(tracker)
    return {"item_confirm": None}, []


def _readback(tracker: Tracker) -> Filled:
    """What is noted so far; the summary says it by itself."""
    if tracker.get_slot("requested_slot") == "item_confirm":
        return _kept(tracker), []
    return _kept_with(tracker, "utter_item_noted")


def _two(tracker: Tracker) -> Filled:
    """Another matter waits until this one is sent; "these are two things" parts what was told."""
    noted = str(tracker.get_slot("item_text") or "")
    if not noted:
        return _text(tracker)
    if guess_named_subject(current().knowledge, text_of(tracker)) is None and len(matters := matters_of(noted)) > 1:
        return _parted(matters, tracker), ["utter_item_more_noted"]
    more = [*listed_in(tracker, "item_more"), text_of(tracker)][-MOST_MORE:]
    return {"item_more": json.dumps(more, ensure_ascii=False)}, ["utter_item_more_noted"]


def _parted(matters: list[str], tracker: Tracker) -> Slots:
    first, *rest = matters
    more = [*rest, *listed_in(tracker, "item_more")][:MOST_MORE]
    return {
        "item_text": first,
        "item_more": json.dumps(more, ensure_ascii=False),
        **_slots(subject_slots(first, tracker)),
    }


def _nothing(tracker: Tracker) -> Filled:
    return _kept_with(tracker, "utter_item_go_on")


def _kept_with(tracker: Tracker, response: str) -> Filled:
    return _kept(tracker), [response]


def _kept(tracker: Tracker) -> Slots:
    """For a message that is meant for the form and gives it nothing: it asks again."""
    return {"item_kind": tracker.get_slot("item_kind")}


_ACTS: dict[str, Callable[[Tracker], Filled]] = {
    "text": _text,
    "place": _place,
    "contact": _contact,
    "add": _add,
    "fix_text": _fix_text,
    "fix_place": _fix_place,
    "fix_contact": _fix_contact,
    "fix_kind": _fix_kind,
    "send": _send,
    "yes": _yes,
    "skip": _skip,
    "no": _no,
    "leave_out": _leave_out,
    "change": _change,
    "readback": _readback,
    "hold": lambda tracker: _kept_with(tracker, "utter_item_hold"),
    "two": _two,
    "aside": lambda tracker: _kept_with(tracker, "utter_item_about"),
    "perhaps_cancel": lambda tracker: ({**_kept(tracker), "asked": "/cancel"}, ["utter_item_ask_cancel"]),
    "nothing": _nothing,
    "thank": _nothing,
    "ack": _nothing,
    "greet": _nothing,
    "presence": _nothing,
}


def _chosen(tracker: Tracker) -> Slots:
    """A button of the form: a district, a skip, or what to do with the summary."""
    slot, value = entity_of(tracker, "slot"), entity_of(tracker, "value")
    if slot == "item_district" and value in current().knowledge.districts:
        name = current().knowledge.districts[value]["name"]
        return {**NO_POINT, "item_district": value, "item_place": name.get(language_of(tracker), value)}
    if slot == "item_subject" and value in current().knowledge.subjects:
        subject = current().knowledge.subjects[value]
        return {"item_subject": value, "item_agency": subject.agency}
    if slot == "item_more" and len(matters := matters_of(str(tracker.get_slot("item_text") or ""))) > 1:
        return _parted(matters, tracker)
    if slot == "change" and value in ("item_text", "item_place", "item_contact"):
        return {value: None, "item_confirm": None}
    if slot == "change":
        return {"item_confirm": None}
    if slot == "item_confirm" and value in ("send", "cancel", "change"):
        return {"item_confirm": None if value == "change" else value}
    if slot in BLANKS and value == NONE:
        return {slot: NONE}
    return {}


def _location(tracker: Tracker) -> Slots:
    try:
        latitude, longitude = float(entity_of(tracker, "lat")), float(entity_of(tracker, "lon"))
    except ValueError:
        return {}
    return {"item_lat": latitude, "item_lon": longitude, "item_place": f"{latitude:.5f}, {longitude:.5f}"}


def _joined(text: str, added: str) -> str:
    """Two texts as one, the first with an end."""
    ended = text if text.endswith((".", "!", "?", "…")) else f"{text}."
    return f"{ended} {added}"[:MAX_TEXT]


def _after_colon(said: str) -> str:
    """What somebody dictates behind a colon ("put: …"); empty when there is none."""
    return said.partition(":")[2].strip(" \"'«»“”")


def _is_new(heard: str, old: str) -> bool:
    return heard.casefold() not in old.casefold() and old.casefold() not in heard.casefold()


def _heard_place(tracker: Tracker) -> Slots:
    heard = _slots(place_slots(tracker))
    if heard and "item_district" not in heard:
        heard["item_district"] = guess_district(current().knowledge, text_of(tracker))
    return heard


def _place_if_new(tracker: Tracker) -> Slots:
    return {} if tracker.get_slot("item_place") else _slots(place_slots(tracker))


def _slots(events: list[EventType]) -> Slots:
    return {event["name"]: event["value"] for event in events}
