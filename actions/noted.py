"""What the form notes of a citizen's words: the matter, additions, place and contact, and what stands beside these.

Nothing that was told is lost in silence: what does not fit where it was meant for goes elsewhere, or it is said.
"""

import re
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.interfaces import Tracker

from actions.contact import Contact, part_contact
from actions.context import current
from actions.earlier import earlier, place_before, subjects_in
from actions.items import NONE, place_slots, streets_of, subject_slots
from actions.matters import MORE, Matter, waiting, written
from actions.named import words_of_slot
from actions.rewording import bare_addition, dictated_in, joined_text, names_text, writes
from actions.words import content_words, entities_of, entity_of, listed_in_all, text_of
from bot.knowledge.entries import Subject
from bot.suggestions.guess import OTHER, guess_named_subject
from bot.text import plain

Slots = dict[str, Any]
Filled = tuple[Slots, list[str]]  # what is filled, and what is said about it before the form goes on
MAX_PLACE = 200
MAX_TEXT = 4_000
MOST_MORE = 4  # further matters told beside the one in the form
MOST_APART = 2_000  # bytes of them: all that is noted travels with the turn, which is cut at 8 KB
MOST_BESIDE = 40  # characters that stand beside a contact; what is longer is an addition to the matter
INTRODUCES = 2  # words that lead up to a street without saying anything else
# A place in words replaces a location that was sent before.
NO_POINT: Slots = {"item_lat": None, "item_lon": None}


def asked_of(tracker: Tracker) -> str:
    """The slot that the form has asked for."""
    return str(tracker.get_slot("requested_slot") or "")


def noted_in(tracker: Tracker, slot: str) -> str:
    """What stands in a slot; empty when it was not given, or left open."""
    value = tracker.get_slot(slot)
    return "" if value in (None, NONE) else str(value)


def say(tracker: Tracker) -> Filled:
    """Words that are no command: the answer to what was asked, else an addition."""
    asked = asked_of(tracker)
    if asked == "item_text":
        return note_text(tracker)
    if asked == "item_place":
        return note_place(tracker)
    return note_contact(tracker) if part_contact(text_of(tracker)) else add(tracker)


def note_text(tracker: Tracker) -> Filled:
    """The matter; an addition when there is one already."""
    if noted_in(tracker, "item_text"):
        return add(tracker)
    text = _dictated(text_of(tracker))
    if not content_words(text):
        return nothing(tracker)
    place = _place_of_first(tracker, text)
    streets = streets_of(tracker, text) if place.get("item_place") else ""
    return {**matter_slots(tracker, text), **place, **({"item_place": streets} if streets else {})}, []


def _dictated(said: str) -> str:
    """What a command sets apart as the text, without the command; else what was said."""
    dictated = dictated_in(said)
    commands = dictated and dictated.apart and (writes(dictated.lead) or names_text(dictated.lead))
    return dictated.text if dictated and commands else said


def _place_of_first(tracker: Tracker, text: str) -> Slots:
    """The place that is told with the matter; that of what was told before goes, where this is another matter."""
    before, noted = earlier(tracker), noted_in(tracker, "item_place")
    if noted and noted == before.place and (heard := heard_place(tracker)):
        return {**NO_POINT, **heard}
    if noted and noted == before.place and not place_before(before, text, offered=True):
        return {"item_place": None, "item_district": None}
    return _place_if_new(tracker)


def add(tracker: Tracker) -> Filled:
    """An addition goes behind what is noted already; before anything is noted it is the text."""
    if not noted_in(tracker, "item_text"):
        return note_text(tracker)
    filled, says = in_text(tracker, bare_addition(text_of(tracker)))
    return {**filled, **_place_if_new(tracker)}, says


def in_text(tracker: Tracker, words: str, text: str = "") -> Filled:
    """`words` behind the matter (`text`, when that is about to change); what no longer fits waits beside it."""
    text = text or noted_in(tracker, "item_text")
    if not text:
        return matter_slots(tracker, words), []
    joined = joined_text(text, words)
    if len(joined) <= MAX_TEXT:
        return {"item_text": joined}, ["utter_item_added"]
    if more := wait(tracker, words):
        return more, ["utter_item_full_apart"]
    return kept(tracker), ["utter_item_full"]


def note_place(tracker: Tracker) -> Filled:
    """The place in her own words. Too many are none, and those that name a matter are the matter."""
    text, asked = text_of(tracker), asked_of(tracker) == "item_place"
    if not content_words(text):
        return nothing(tracker)
    heard = heard_place(tracker)
    if len(text) > MAX_PLACE or not (asked or heard) or tells_matter(tracker):
        return add(tracker)
    if asked:
        return {**NO_POINT, **heard, "item_place": text}, []
    return beside_place(tracker, heard)


def note_location(tracker: Tracker) -> Slots:
    """The point that was shared; nothing when it is none."""
    try:
        latitude, longitude = float(entity_of(tracker, "lat")), float(entity_of(tracker, "lon"))
    except ValueError:
        return {}
    return {"item_lat": latitude, "item_lon": longitude, "item_place": f"{latitude:.5f}, {longitude:.5f}"}


def tells_matter(tracker: Tracker) -> bool:
    """Whether the message names what it is about, and nothing was noted of that yet."""
    named = guess_named_subject(current().knowledge, text_of(tracker))
    return named is not None and not noted_in(tracker, "item_text")


def heard_place(tracker: Tracker) -> Slots:
    """Street and district that the engine heard; a street without a district is in none that is known."""
    heard = _slots(place_slots(tracker))
    return {"item_district": None, **heard} if heard else {}


def beside_place(tracker: Tracker, place: Slots) -> Filled:
    """`place`, which was told unasked, with the words behind it; what leads up to it is an addition if it says more."""
    if part_contact(text_of(tracker)):
        filled, says = note_contact(tracker)
        return {**NO_POINT, **place, **filled}, says
    worded, rest = worded_place(tracker, place)
    if not rest:
        return worded, shown(tracker)
    added, says = in_text(tracker, rest, str(place.get("item_text") or ""))
    return {**worded, **added}, [*shown(tracker), *(response for response in says if response != "utter_item_added")]


def worded_place(tracker: Tracker, place: Slots) -> tuple[Slots, str]:
    """`place` with what was said right behind it, and the message where it says still more."""
    said, bare = text_of(tracker), str(place["item_place"])
    before, _, behind = said.partition(str(heard_place(tracker)["item_place"]))
    whole = ", ".join([bare, *_details(tracker, behind)])
    fits = len(whole) <= MAX_PLACE
    another = bool(subjects_in(before) - subjects_in(noted_in(tracker, "item_text")))
    more = len(_told_before(tracker, before, bare)) > INTRODUCES or not fits or another
    return {**NO_POINT, **place, "item_place": whole if fits else bare}, said if more else ""


def _told_before(tracker: Tracker, before: str, place: str) -> list[str]:
    """The words before a street that say something; where a place is corrected, what leads up to it says nothing."""
    if not noted_in(tracker, "item_place"):
        return content_words(before)
    lists = map(listed_in_all, ("house", "writes", "leads", "joins", "polite", "denies"))
    known = set[str]().union(*lists, words_of_slot("item_place"), listed_in_all("place"))
    known |= set(content_words(f"{place} {noted_in(tracker, 'item_place')}"))
    return [word for word in content_words(before) if word not in known]


def _details(tracker: Tracker, behind: str) -> list[str]:
    """What is said behind a street, clause by clause, but thanks, the old place that is wrong, and another street."""
    old = noted_in(tracker, "item_place")
    wrong, others = set(content_words(old)), entities_of(tracker, "street")[1:]
    gone = {number for number in re.findall(r"\d+", old)}
    behind = ",".join(c for c in behind.split(",") if not any(o in c for o in others) and not gone & set(c.split()))
    clauses = [clause.strip(" .;") for clause in behind.split(",") if len(clause.split()) > 1]
    return [clause for clause in clauses if 2 * len(wrong & set(words := content_words(clause))) < len(words)]


def shown(tracker: Tracker) -> list[str]:
    """What is said of a change that nobody asked for."""
    return ["utter_item_corrected" if noted_in(tracker, "item_text") else "utter_item_place_noted"]


def note_contact(tracker: Tracker) -> Filled:
    """The contact, with the few words beside it (when to call); more of them are an addition."""
    found, asked = part_contact(text_of(tracker)), asked_of(tracker) == "item_contact"
    if not found:
        return (kept(tracker), ["utter_item_no_such_contact"]) if asked else add(tracker)
    contact, words = worded_contact(found) if _says_more(tracker) else (found.bare, "")
    filled, says = in_text(tracker, words) if words else ({}, [])
    says = says or ([] if asked or not noted_in(tracker, "item_text") else ["utter_item_corrected"])
    return {**filled, **_street_beside(tracker), "item_contact": contact}, says


def _says_more(tracker: Tracker) -> bool:
    """Whether the words beside a contact say more than the street, which is noted by itself."""
    said = text_of(tracker)
    street = entity_of(tracker, "street")
    found = part_contact(said.replace(street, " ") if street else said)
    return bool(found and found.beside)


def worded_contact(found: Contact) -> tuple[str, str]:
    """The contact with what is said of it, and what is too long to stand there."""
    beside = found.beside
    if len(beside) > MOST_BESIDE and found.without == found.pieces[-1]:
        beside = found.without  # all that stands before only introduces it
    if not beside or len(beside) > MOST_BESIDE:
        return found.bare, beside
    return f"{found.bare} ({beside})", ""


def given(tracker: Tracker) -> Slots:
    """The contact and the street that stand beside a command."""
    if found := part_contact(text_of(tracker)):
        return {**_street_beside(tracker), "item_contact": found.bare}
    street = _street_beside(tracker)
    return worded_place(tracker, street)[0] if street else {}


def nothing(tracker: Tracker) -> Filled:
    """For what gives the form nothing: it says that it goes on, and asks again."""
    return kept(tracker), ["utter_item_go_on"]


def kept(tracker: Tracker) -> Slots:
    """For a message that is meant for the form and gives it nothing: it asks again."""
    return {"item_kind": tracker.get_slot("item_kind")}


def matter_slots(tracker: Tracker, text: str) -> Slots:
    """The matter, with its subject and agency: those that are noted, unless the words are surely about another."""
    return {"item_text": text, **({} if _keeps_subject(tracker, text) else _slots(subject_slots(text, tracker)))}


def _keeps_subject(tracker: Tracker, text: str) -> bool:
    """Whether `text` names no other subject than the one noted, or one that stood beside it before."""
    knowledge = current().knowledge
    noted = knowledge.subjects.get(noted_in(tracker, "item_subject"))
    if noted is None or noted.id == OTHER:
        return False
    named = guess_named_subject(knowledge, text)
    return named is None or _names(noted, text) or _names(named, noted_in(tracker, "item_text"))


def _names(subject: Subject, text: str) -> bool:
    words = {word for words in subject.keywords.values() for word in words}
    return any(re.search(rf"\b{re.escape(plain(word))}", plain(text)) for word in words)


def wait(tracker: Tracker, words: str) -> Slots:
    """The further matters with this one behind them; empty when there is no room for it."""
    more = [*waiting(tracker), Matter(words)]
    said = written(more) or ""
    return {MORE: said} if len(more) <= MOST_MORE and len(said.encode()) <= MOST_APART else {}


def _street_beside(tracker: Tracker) -> Slots:
    """A street is the place, also where another was noted; a district only where there was none."""
    if entity_of(tracker, "street"):
        return {**NO_POINT, **heard_place(tracker)}
    return _place_if_new(tracker)


def _place_if_new(tracker: Tracker) -> Slots:
    return {} if tracker.get_slot("item_place") else _slots(place_slots(tracker))


def _slots(events: list[EventType]) -> Slots:
    return {event["name"]: event["value"] for event in events}
