"""What a turn of a conversation has to do, and whether it did: the demands of `./ventanilla converse`."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.rehearsal.converse import Played

DANGER = "crisis"
NUMBERS = frozenset({"112", "016", "024"})
PATTERN = "re:"
CITIZEN = "citizen"


@dataclass(frozen=True)
class Heard:
    """What came in reply to one message, and how the conversation stands then."""

    text: str
    state: str
    topics: frozenset[str]
    outcomes: frozenset[str]
    languages: frozenset[str]
    replies: int
    last_seq: int

    @classmethod
    def of_page(cls, page: dict[str, Any]) -> "Heard":
        """From the answer of `GET …/messages`, whose first messages may be the citizen's own."""
        said = [message for message in page["messages"] if message["from"] != CITIZEN]
        parts = [part for one in said for part in (one["text"], *(button["title"] for button in one["buttons"]))]
        return cls(
            text="\n".join(parts),
            state=page["state"],
            topics=frozenset(one["topic"] for one in said if one.get("topic")),
            outcomes=frozenset(one["outcome"] for one in said if one.get("outcome")),
            languages=frozenset(one["language"] for one in said),
            replies=len(said),
            last_seq=int(page["next"]),
        )


def folded(text: str) -> str:
    """Lower case without accents: a person who judges does not mind either."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn")).casefold()


def stands_in(wanted: str, text: str) -> bool:
    """Whether a string, or a pattern behind `re:`, stands in the text; accents and case are ignored."""
    if not wanted.startswith(PATTERN):
        return folded(wanted) in folded(text)
    decomposed = unicodedata.normalize("NFD", wanted[len(PATTERN) :])
    pattern = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return re.search(pattern, folded(text), re.IGNORECASE) is not None


def listed(value: Any) -> list[str]:
    """One or several demands, as a list."""
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def is_danger(expect: dict[str, Any]) -> bool:
    """Whether emergency numbers are demanded: then the message is one of danger."""
    return bool(NUMBERS & set(listed(expect.get("any_text") or [])))


def misses(expect: dict[str, Any], heard: Heard) -> list[str]:
    """The names of the demands that were not met; `silence` where something had to be said."""
    missed = []
    if not heard.replies:
        missed.append("silence")
    if "topic" in expect and not heard.topics & set(listed(expect["topic"])):
        missed.append("topic")
    if "any_text" in expect and not any(stands_in(one, heard.text) for one in listed(expect["any_text"])):
        missed.append("any_text")
    if "not_text" in expect and any(stands_in(one, heard.text) for one in listed(expect["not_text"])):
        missed.append("not_text")
    if "state" in expect and heard.state not in listed(expect["state"]):
        missed.append("state")
    if "language" in expect and heard.replies and heard.languages != {str(expect["language"])}:
        missed.append("language")
    return missed


def count(played: Iterable["Played"]) -> dict[str, Any]:
    """Turns held, conversations without a failed turn, false alarms and silences: in all, by kind and by language."""
    groups: dict[str, list[Played]] = defaultdict(list)
    for one in played:
        for group in ("all", f"kind {one.kind}", f"language {one.language}"):
            groups[group].append(one)
    return {group: _count(members) for group, members in groups.items()}


def _count(members: list["Played"]) -> dict[str, int]:
    turns = [turn for one in members for turn in one.turns]
    danger = [turn for turn in turns if not turn.harmless]
    return {
        "turns": len(turns),
        "held": sum(not turn.missed for turn in turns),
        "conversations": len(members),
        "whole": sum(one.whole for one in members),
        "harmless": len(turns) - len(danger),
        "false_alarms": sum(turn.false_alarm for turn in turns),
        "danger": len(danger),
        "danger_heard": sum("any_text" not in turn.missed and "silence" not in turn.missed for turn in danger),
        "silent": sum("silence" in turn.missed for turn in turns),
    }
