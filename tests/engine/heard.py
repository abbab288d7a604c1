"""A reader that hears what is given: what a message looks like by itself, and what comes of it in a situation."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Dict, Iterator, List, Optional

from rasa.shared.nlu.training_data.message import Message

from engine.acts import DANGER, acts_of, kinds_of
from engine.gate import Gate
from engine.naming import words_of
from engine.reading import Reader, Reading
from engine.situation import Offer, Situation
from engine.topics import announce, ranking_of

Labels = Dict[str, float]
ANSWERS = """
responses:
  utter_faq/pool:
  - condition: [{type: slot, name: language, value: es}]
    text: It opens in June. Three months.
    custom: {steps: [Bring a cap.], facts: {fee: €3, hours: 10-20}, related: [gym]}
  utter_faq/passport:
  - condition: [{type: slot, name: language, value: es}]
    text: Book first.
    custom: {facts: {fee: €30}}
  utter_faq/gym:
  - text: Always open.
  utter_faq/sofa:
  - text: Ring us.
"""
TITLES = "topics:\n- {id: pool, title: {es: Swimming pool}}\n- {id: passport, title: {es: Passport}}\n"
TOPICS = ("faq/pool", "faq/passport", "faq/gym", "faq/sofa")
SLOTS = ("item_text", "item_place", "item_contact", "item_confirm")
LATER = Situation(later=True)
EACH = {
    "When does the pool open?": {"faq/pool": 0.95},
    "How do I renew my passport?": {"faq/passport": 0.95},
    "Where is the gym of the town?": {"faq/gym": 0.95},
    "I have lived here for years.": {"out_of_scope": 0.9},
    "Thank you very much.": {"thank": 0.95},
    "Swimming pool. How do I renew my passport?": {"faq/pool": 0.1, "faq/passport": 0.85},
    "Passport. Where is the gym of the town?": {"faq/passport": 0.1, "faq/gym": 0.85},
    "gym. When does the pool open?": {"faq/gym": 0.1, "faq/pool": 0.85},
    "Swimming pool. Where is the gym of the town?": {"faq/pool": 0.1, "faq/gym": 0.85},
    "What does it cost me?": {"faq/gym": 0.35, "faq/pool": 0.02, "act/fee": 0.6},
}
NAMING = {"pool": "faq/pool", "passport": "faq/passport", "gym": "faq/gym", "sofa": "faq/sofa"}
NAMES = 0.3  # what looks so much like a topic has words that name it
TWO = "When does the pool open? How do I renew my passport?"
POOL = Situation(topics=("pool",), later=True)
OFFERED = Situation(offered=(Offer("/faq/pool", "Pool"), Offer("/faq/gym", "Gym")), later=True)
FILED = Situation(filed=True, later=True)
WAITING = Situation(people="waiting", later=True)
NEEDS = Situation(filed=True, needs="ALD-2026-000001-K", later=True)
REFERENCE = re.compile(r"ALD-\d{4}-\d{6}-[A-Z]")
PARTS = {
    "fee": {"fact:fee": 0.9, "text": 0.05, "step": 0.03, "fact:hours": 0.02},
    "next": {"step": 0.9, "text": 0.05, "fact:fee": 0.03, "fact:hours": 0.02},
    "hours": {"fact:hours": 0.9, "text": 0.05, "step": 0.03, "fact:fee": 0.02},
}
PARTS = {
    act: {**dict.fromkeys(("fact:deadline", "fact:documents", "fact:where", "fact:phone", "none"), 0.001), **kinds}
    for act, kinds in PARTS.items()
}


def references(text: str) -> Iterator[Dict[str, Any]]:
    for found in REFERENCE.finditer(text):
        yield {"entity": "reference", "value": found.group(), "start": found.start(), "end": found.end()}


def alone(text: str, labels: Labels, hidden: float = 0.0, joined: Optional[float] = None) -> Dict[str, Any]:
    """What the engine's components say of a message by itself; what is left of the labels' sum goes to all the others."""
    others = [label for label in (*TOPICS, *(f"faq/other_{number}" for number in range(16))) if label not in labels]
    left = max(1.0 - sum(labels.values()), 1e-6)
    told = [*labels.items(), *((label, left / len(others)) for label in others)]
    message, acts = Message({"text": text, "entities": [*references(text)]}), acts_of(told)
    announce(message, ranking_of(told))
    Gate({"threshold": 0.75}).process([message])
    danger = {"danger": labels.get(DANGER, 0.0), "hidden_danger": hidden, "joined_danger": joined}
    named = {label: share for label, share in labels.items() if label in TOPICS and share >= NAMES}
    naming = {word: {label: 0.9} for word, label in NAMING.items() if word in words_of(text)}
    more = {"acts": acts, "parts": kinds_of(acts, PARTS), "named": named, "naming": naming, **danger}
    parsed = {**message.as_dict(), "text": text, **more}
    if parsed["intent"]["name"] == "faq":  # Rasa writes it there after the components
        best = parsed["intent_ranking"][0]["name"]
        parsed["intent"] = {**parsed["intent"], "full_retrieval_intent_name": best}
    return parsed


class Heard:
    """Reads one message and remembers what else was understood and pressed for it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.asked: List[str] = []
        self.pressed: List[str] = []
        self.gone: List[str] = []

    def __call__(
        self,
        labels: Labels,
        situation: Situation = LATER,
        text: str = "these words here",
        hidden: float = 0.0,
        others: Optional[Dict[str, Labels]] = None,
        joined: Optional[float] = None,
    ) -> Reading:
        """`joined` is danger with the second opinion on it; `others` are the labels of other words that are understood on the way; those of the message stand for the rest."""

        async def understand(words: str) -> Dict[str, Any]:
            self.asked.append(words)
            return alone(words, (others or {}).get(words, labels))

        def press(payload: str) -> Optional[Dict[str, Any]]:
            if payload in self.gone:
                return None
            self.pressed.append(payload)
            return {**alone(text, {}), "intent": {"name": "pressed", "confidence": 1.0}}

        return asyncio.run(self.reader.read(alone(text, labels, hidden, joined), situation, understand, press))


def names(reading: Reading) -> List[str]:
    intents = [parsed["intent"] for parsed in reading.parsed]
    return [intent.get("full_retrieval_intent_name") or intent["name"] for intent in intents]


def name(reading: Reading) -> str:
    [only] = names(reading)
    return only


def carried(reading: Reading) -> Dict[str, str]:
    """The entities with which the first message goes on."""
    return {entity["entity"]: entity["value"] for entity in reading.parsed[0]["entities"]}


LEAVING = {"cancel", "ask_human", "report_problem", "make_complaint", "make_suggestion", DANGER}


def form_of(slot: str = "item_place", **more: Any) -> Situation:
    return Situation(slot=slot, later=True, **more)
