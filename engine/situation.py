"""Where a message falls: what was answered, offered, asked and filed before it. And which acts are possible there.

Everything is read from the state that travels with the turn (docs/contracts.md §1): nothing is remembered here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

from engine.acts import ASKS, BEGIN, DANGER
from engine.state import State

MOST_TOPICS = 3
ANSWERS = "/faq/"  # payloads of buttons that lead to a topic
ALWAYS = frozenset(
    {"topic", "begin", "yes", "no", "thank", "ack", "greet", "goodbye", "presence", "person", "status", "capabilities"}
)
FORM = frozenset(
    {
        *("text", "place", "contact", "add", "fix_text", "fix_place", "fix_contact", "fix_kind", "send", "skip"),
        *("leave_out", "change", "readback", "hold", "two", "aside", "nothing", "cancel"),
        *("topic", "yes", "no", "thank", "ack", "greet", "presence", "person"),
    }
)
CHOICES = ("choose_first", "choose_second", "choose_third")
CHOOSE = frozenset({*CHOICES, "choose_last"})
FILED = frozenset({"number", "add_filed", "fix_filed", "withdraw", "which"})
NOTHING: FrozenSet[str] = frozenset()
WAITING = frozenset({"back", "wait_time", "note", "safe"})
# How much likelier an act is in a place than among the examples. docs/understanding.md says how these were fitted.
PRIOR: Dict[str, Dict[str, float]] = {
    "fresh": {"topic": 2.0},
    "answered": {
        "cancel": 0.4,
        "status": 0.3,
        "capabilities": 0.5,
        "presence": 0.2,
        "person": 0.7,
        "goodbye": 0.4,
        "repeat": 0.5,
    },
    "item_text": {"text": 8.0, "add": 2.0, "topic": 0.5, "aside": 0.5, "fix_text": 0.5, "place": 0.3, "two": 0.3},
    "item_place": {"place": 2.0, "add": 1.5, "topic": 0.5, "two": 0.5},
    "item_contact": {"contact": 3.0, "skip": 2.0, "no": 2.0, "cancel": 0.5, "topic": 0.5, "text": 0.5, "two": 0.5},
    "item_confirm": {"send": 2.0, "yes": 3.0, "topic": 0.5, "text": 0.5, "place": 0.5, "two": 0.5},
}
# What an act is where it is none of its own, and how much of it: after filing, and while a person is waited for.
AFTER_FILING = {"readback": ("status", 1.0), "aside": ("number", 0.5)}  # half of what is asked beside is another matter
WHILE_WAITING = {
    "cancel": ("back", 1.0),
    "status": ("wait_time", 1.0),
    **dict.fromkeys(("add", "add_filed", "fix_filed"), ("note", 1.0)),
}
# "How long?" is about what was done last: filed, or a person called. Where an answer was given before, it may be about that.
HOW_LONG, AS_LIKELY = "deadline", 0.75
CALLED = frozenset({"ask_human", "wait_time"})
AFTER_ANSWER = 0.3  # what is told behind an answer is seldom the beginning of a report
# Where hardly any possible act is heard, what little there is of one is chance: most of what is said is a question, or in a form
# words for it.
UNHEARD, UNHEARD_IN_FORM, SAY = 0.1, 0.05, "say"


@dataclass(frozen=True)
class Offer:
    """A button that the last turn offered."""

    payload: str
    title: str

    @property
    def topic(self) -> str:
        """The topic that it leads to; empty when it leads to something else."""
        return self.payload[len(ANSWERS) :] if self.payload.startswith(ANSWERS) else ""


@dataclass(frozen=True)
class Situation:
    """What is known before a message is read.

    `topics` are the answered ones, the last ones first: the first `together` of them in one turn. After a question back, the
    likeliest of what was offered counts as the last topic, until another is chosen.
    """

    language: str = "es"
    topics: Tuple[str, ...] = ()
    together: int = 1
    spoken: Tuple[str, ...] = ()  # topics that were spoken of and not answered
    offered: Tuple[Offer, ...] = ()
    asked: str = ""  # the payload that a bare yes stands for
    slot: Optional[str] = None
    filed: bool = False
    needs: str = ""  # the reference of an item for which staff have asked something
    people: str = ""  # "waiting" or "staff" once a person was called
    called: bool = False  # the last turn called a person, or told how long that takes
    aside: bool = False  # inside a form, the last turn answered a question beside it
    alarmed: bool = False  # a rule of the counter has heard danger
    about_data: bool = False  # the last turn said what is kept of her
    warned: bool = False  # emergency numbers were given a few turns ago
    wary: bool = False  # the last turn asked whether she is in danger
    later: bool = False  # something was said in this conversation before

    @property
    def last(self) -> Tuple[str, ...]:
        """The topics that were answered, or offered first, in the last turn that did so."""
        offered = next((offer.topic for offer in self.offered if offer.topic), "")
        return (offered,) if offered else self.answered

    @property
    def answered(self) -> Tuple[str, ...]:
        """The topics of the last turn that answered."""
        return self.topics[: self.together]

    @property
    def is_new(self) -> bool:
        """Whether nothing of a conversation speaks for what is meant but the message itself."""
        return self.place == "fresh" and not (self.later or self.filed or self.people)

    @property
    def moment(self) -> str:
        """When danger is listened for: `fresh`, `later`, in a `form`, or `after` the numbers were given."""
        if self.warned:
            return "after"
        return "form" if self.slot or self.filed else "later" if self.later else "fresh"

    @property
    def place(self) -> str:
        """The name under which `PRIOR` knows it."""
        if self.slot:
            return self.slot
        return "answered" if self.last else "fresh"

    def possible(self) -> FrozenSet[str]:
        """The acts that can be meant here."""
        if self.slot:
            return FORM | (ASKS if self.aside and self.topics else NOTHING) | ({"safe"} if self.wary else NOTHING)
        acts = ALWAYS | {"cancel"}
        if self.last:
            acts |= ASKS | {"repeat", "wrong", "rephrase"}
        if len(self.topics) > 1:
            acts |= {"earlier", "compare"}
        if self.offered:
            acts |= CHOOSE | {"rephrase"}
        if self.filed:
            acts |= FILED
        if self.people:
            acts |= WAITING
        if self.warned or self.wary:
            acts |= {"safe"}
        return acts

    def _more(self) -> Dict[str, float]:
        """What is likelier, or less likely, besides: with nothing to cancel, after filing, and while a person is waited for."""
        idle = {} if self.slot or self.filed or self.people else {"cancel": 0.3}
        filed = {"status": 1.0, "withdraw": 1.5, "add_filed": 2.0, "fix_filed": 1.3} if self.filed else {}
        waits = {"wait_time": 0.8, "presence": 0.7, "topic": 1.0, BEGIN: 0.5} if self.people else {}
        warned = {"safe": 2.0} if self.warned or self.wary else {}
        return {**idle, **filed, **waits, **warned}

    def _elsewise(self) -> Dict[str, Tuple[str, float]]:
        """Act → what it is here, where it is no act of its own."""
        if not (self.filed or self.people):
            return {}
        acts, meant = (AFTER_FILING, "status") if self.filed else (WHILE_WAITING, "wait_time")
        return acts if self.last else {**acts, HOW_LONG: (meant, 1.0)}

    def weighed(self, acts: Dict[str, float]) -> Dict[str, float]:
        """The acts' probabilities in this situation; they sum to one. Empty where none of them is possible."""
        prior, possible = {**PRIOR.get(self.place, {}), **self._more()}, self.possible()
        told = dict(acts)
        if not self.slot:  # who tells what is wrong, and was not asked, begins a report
            telling = AFTER_ANSWER if self.last else 1.0
            another = told.get("again_filed", 0.0) * telling
            told = {**told, BEGIN: told.get(BEGIN, 0.0) + another, "note": told.get("note", 0.0)}
            told["note" if self.people else BEGIN] += told.get("text", 0.0) * telling
            if self.called and self.last:
                told["wait_time"] = told.get("wait_time", 0.0) + AS_LIKELY * told.get(HOW_LONG, 0.0)
                told[HOW_LONG] = (1.0 - AS_LIKELY) * told.get(HOW_LONG, 0.0)
            for act, (meant, part) in self._elsewise().items():
                told[meant] = told.get(meant, 0.0) + told.pop(act, 0.0) * part
        weighed = {act: share * prior.get(act, 1.0) for act, share in told.items() if act in possible}
        if self.slot:
            weighed[SAY] = UNHEARD_IN_FORM
        elif not self.filed:
            weighed["topic"] = weighed.get("topic", 0.0) + UNHEARD
        total = sum(weighed.values())
        return {act: share / total for act, share in weighed.items()} if total > 0 else {}


def situation_of(state: State, slots: Dict[str, Any]) -> Situation:
    """The situation of a turn: the state it came with, under the slots that the counter sets for it."""
    kept = {**state["slots"], **slots}
    turns = [group for group in listed(kept.get("topics")) if isinstance(group, list)]
    return Situation(
        language=str(kept.get("language") or "es"),
        topics=tuple(str(topic) for group in turns for topic in group)[:MOST_TOPICS],
        together=max(1, len(turns[0])) if turns else 1,
        spoken=tuple(map(str, listed(kept.get("spoken")))),
        offered=tuple(Offer(*map(str, pair)) for pair in listed(kept.get("offered")) if len(pair) == 2),
        asked=str(kept.get("asked") or ""),
        slot=state.get("requested_slot") if state.get("active_form") else None,
        filed=bool(listed(kept.get("filed")) or kept.get("needs")),
        needs=str(kept.get("needs") or ""),
        people=str(kept.get("people") or ""),
        called=bool(kept.get("people")) and last_intent(state) in CALLED,
        aside=bool(state.get("active_form")) and last_intent(state) in ("faq", "ask_part"),
        alarmed=bool(kept.get("alarmed")),
        about_data=last_intent(state) == "my_data",
        wary=bool(kept.get("wary")),
        warned=bool(kept.get("warned")) or any(turn.get("intent") == DANGER for turn in state.get("events") or ()),
        later=bool(state.get("events") or kept.get("people")),
    )


def last_intent(state: State) -> Optional[str]:
    """The intent of the last turn; None when nothing was said yet."""
    return state["events"][-1].get("intent") if state.get("events") else None


def listed(written: Any) -> List[Any]:
    """The list in a slot's JSON; empty for anything else."""
    try:
        found = json.loads(written or "[]")
    except (TypeError, ValueError):
        return []
    return found if isinstance(found, list) else []


def answered(topics: List[str], before: Tuple[str, ...]) -> str:
    """The slot `topics` after a turn that answered about `topics`: a list of turns, each with its topics."""
    earlier = [[topic] for topic in before if topic not in topics]
    return json.dumps([topics, *earlier][: 1 + MOST_TOPICS - len(topics)])
