"""The acts of a conversation among the labels: what a message does, besides naming a matter.

Asks about the last answer, answers the form, sends, thanks, goes back to the assistant … They are learned with everything
else, from the intents `act/…` in `data/nlu/acts_*.yml` and the dialogue acts that Rasa's rules know. Which of them are
possible where is not known here (`situation.py`).
"""

from __future__ import annotations

from collections import Counter
from typing import Dict, Iterable, List, Tuple

from rasa.shared.nlu.training_data.message import Message

from engine.cards import FACTS

ACT = "act/"
TOPIC, BEGIN = "topic", "begin"
DANGER = "crisis"
# The names that dialogue acts have among the acts. Other labels are matters of their own.
SAME = {
    "affirm": "yes",
    "deny": "no",
    "cancel": "cancel",
    "thank": "thank",
    "greet": "greet",
    "goodbye": "goodbye",
    "ask_human": "person",
    "check_status": "status",
    "capabilities": "capabilities",
    "make_suggestion": BEGIN,
    "report_problem": BEGIN,
    "make_complaint": BEGIN,
}
ASKS = frozenset(  # something about an answer, whichever it is
    {"fee", "deadline", "hours", "documents", "where", "phone", "online", "proxy", "case", "next", "more"}
)
KINDS = ("text", "step", *(f"fact:{name}" for name in FACTS), "none")  # of parts; `none`: the answer does not say it
Parts = Dict[str, Dict[str, float]]


def act_of(label: str) -> str:
    """The act that a label stands for."""
    return label[len(ACT) :] if label.startswith(ACT) else SAME.get(label, TOPIC)


def acts_of(shares: Iterable[Tuple[str, float]]) -> Dict[str, float]:
    """Act → probability; danger is judged apart and is none."""
    acts: Dict[str, float] = {}
    for label, share in shares:
        if label != DANGER:
            acts[act_of(label)] = acts.get(act_of(label), 0.0) + share
    return acts


def parts_of(examples: List[Tuple[Message, str]]) -> Parts:
    """Act → kind of part → how often that part answers it, smoothed: what the examples say in `part` of their metadata."""
    counts: Dict[str, Counter] = {}
    for message, label in examples:
        part = ((message.get("metadata") or {}).get("intent") or {}).get("part")
        if part and label.startswith(ACT):
            counts.setdefault(act_of(label), Counter())[part] += 1
    return {
        act: {kind: (found[kind] + 0.5) / (sum(found.values()) + 0.5 * len(KINDS)) for kind in KINDS}
        for act, found in counts.items()
    }


def kinds_of(acts: Dict[str, float], parts: Parts) -> Dict[str, float]:
    """Kind of part → how likely it is that one of these answers the message."""
    asked = {act: acts.get(act, 0.0) for act in parts}
    total = sum(asked.values()) or 1.0
    return {kind: sum(share * parts[act][kind] for act, share in asked.items()) / total for kind in KINDS if asked}
