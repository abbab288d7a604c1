"""What is told and what is said to the clerk, clause by clause, as the engine has read them (`engine/clauses.py`).

"In the square, I told you already. And who reads this?" is a place of three words: the rest is no part of the report.
What is left out of a report stays in the conversation, where staff read it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.contact import refuses_contact
from actions.context import current
from actions.words import entity_of, text_of
from bot.suggestions.guess import guess_named_subject

HARDLY_TOLD = 0.3  # under this, a clause tells the form nothing
SURELY_ELSE = 0.8  # in a story, where words to the clerk may be part of it, they have to be sure
NAMED = 0.5
STORIES = ("text", "add", "two")
TELLING = frozenset(
    {"say", "text", "place", "contact", "add", "fix_text", "fix_place", "fix_contact", "fix_kind", "two", "topic"}
)
JOINED = re.compile(r"^(?:y|e|and)\s+", re.IGNORECASE)
EDGES = " ,;:\n\t"


@dataclass(frozen=True)
class Clause:
    """A clause, where it stands, its likeliest act, and how likely it tells the form something."""

    start: int
    end: int
    text: str
    act: str = ""
    share: float = 0.0
    tells: float = 1.0

    def is_act(self, act: str) -> bool:
        """Whether it does this, surely enough to be answered."""
        return self.act == act and self.share >= NAMED

    @property
    def refuses(self) -> bool:
        """Whether it says no, or leaves something open."""
        return self.is_act("no") or self.is_act("skip")

    def is_told(self, *, in_story: bool) -> bool:
        """Whether it belongs to what is told; `in_story` for a matter in the author's own words."""
        if self.tells >= HARDLY_TOLD:
            return True
        return in_story and self.share < SURELY_ELSE


def clauses_of(tracker: Tracker) -> list[Clause]:
    """The clauses of the message; the whole as one, where the engine has not told them apart."""
    text = str(tracker.latest_message.get("text") or "")
    try:
        found = [Clause(s, e, text[s:e], act, share, tells) for s, e, act, share, tells in _spans(tracker)]
    except (TypeError, ValueError):
        found = []
    return found or [Clause(0, len(text), text)]


def parted(tracker: Tracker, act: str) -> tuple[list[Clause], list[Clause]]:
    """The clauses that tell, and those that are said to the clerk; all tell, where none would be left."""
    found = clauses_of(tracker)
    told = [clause for clause in found if _is_told(tracker, clause, act)]
    return (told, [clause for clause in found if clause not in told]) if told else (found, [])


def joined(text: str, clauses: list[Clause]) -> str:
    """The clauses as they stand in `text`, those that are not neighbours with a blank between them."""
    pieces: list[str] = []
    before: Clause | None = None
    for clause in clauses:
        if before and not text[before.end : clause.start].strip():
            pieces.append(text[before.end : clause.start] + clause.text)
        else:
            pieces.append((" " if pieces else "") + clause.text)
        before = clause
    return JOINED.sub("", "".join(pieces).strip(EDGES))


def said_only(tracker: Tracker, clauses: list[Clause], act: str) -> Tracker:
    """The turn as if only these clauses had been written, and did `act`."""
    text = joined(text_of(tracker), clauses)
    entities = [entity for entity in tracker.latest_message.get("entities") or [] if _stands_in(entity, clauses)]
    named = [entity for entity in entities if entity.get("entity") not in ("act", "clauses")]
    return told_as(
        tracker, {**tracker.latest_message, "text": text, "entities": [*named, {"entity": "act", "value": act}]}
    )


def told_as(tracker: Tracker, message: dict[str, Any]) -> Tracker:
    """The turn as if `message` had been its message."""
    return Tracker(
        tracker.sender_id,
        tracker.slots,
        message,
        tracker.events,
        False,
        None,
        tracker.active_loop,
        tracker.latest_action_name,
    )


def act_told(act: str, told: list[Clause], beside: list[Clause]) -> str:
    """What the clauses do that are told in a message whose act was `act`: that, when it tells; else what they do best.

    What is told behind a "no", or a wish to change it, takes another's place.
    """
    best = max(told, key=lambda clause: clause.tells * clause.share)
    left = act if act in TELLING - {"say"} else best.act if best.act in TELLING - {"topic"} else "say"
    wrong = any(clause.is_act(name) for clause in beside for name in ("no", "change"))
    return "fix_text" if wrong and left in STORIES and left != "two" else left


def names_matter(tracker: Tracker, clause: Clause, act: str) -> bool:
    """Whether it stands in a story, names what a report can be about, and asks nothing: "the lamp is off"."""
    asks = clause.text.endswith("?") or not _in_story(tracker, clause, act)
    return not asks and guess_named_subject(current().knowledge, clause.text) is not None


def _is_told(tracker: Tracker, clause: Clause, act: str) -> bool:
    if refuses_asked(tracker, clause):
        return False
    if _answers_contact(tracker) and not clause.is_act("contact") and clause.tells < NAMED:
        return False
    return clause.is_told(in_story=_in_story(tracker, clause, act)) or names_matter(tracker, clause, act)


def _answers_contact(tracker: Tracker) -> bool:
    """Whether a clause gives the contact that is asked for: what stands beside it has to tell surely."""
    given = any(clause.is_act("contact") for clause in clauses_of(tracker))
    return given and tracker.get_slot("requested_slot") == "item_contact"


def refuses_asked(tracker: Tracker, clause: Clause) -> bool:
    """Whether it says that no contact is given, where one is asked for."""
    return tracker.get_slot("requested_slot") == "item_contact" and refuses_contact(clause.text)


def _in_story(tracker: Tracker, clause: Clause, act: str) -> bool:
    """Whether it may be part of a story; where a contact is asked for a no is the answer, and none of it."""
    asked = tracker.get_slot("requested_slot")
    return (act in STORIES or asked == "item_text") and not (asked == "item_contact" and clause.refuses)


def _spans(tracker: Tracker) -> list[Any]:
    return list(json.loads(entity_of(tracker, "clauses") or "[]"))


def _stands_in(entity: dict[str, Any], clauses: list[Clause]) -> bool:
    """Whether an entity belongs to these clauses; what stands nowhere belongs to the message."""
    start, end = entity.get("start"), entity.get("end")
    if not end:
        return True
    return any(clause.start <= int(start or 0) and int(end) <= clause.end for clause in clauses)
