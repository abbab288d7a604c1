"""Labels on Rasa's parse data: what a message looks like by itself, and what it is taken for in the end."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from engine.acts import DANGER, act_of
from engine.naming import TOPIC
from engine.topics import selector_entry

Parsed = Dict[str, Any]
# Acts whose intent has another name in the rules.
INTENTS = {
    "yes": "affirm",
    "no": "deny",
    "person": "ask_human",
    "status": "check_status",
    "wrong": "rephrase",
    "back": "go_back",
}
SMALL_TALK = frozenset({"bot_challenge", "my_data", "change_language", "insult"})
COMMAND = 0.5  # what changes or ends something wants to be meant
NAMED, MOSTLY = 0.8, 0.5  # from here on a matter is named beside what is done: by its words, and among all matters
FRESH_SURE = 0.55  # from here on a question is answered for which nothing speaks but its words


def labelled(parsed: Parsed, label: str, confidence: float, entities: Optional[Dict[str, str]] = None) -> Parsed:
    """The parse data of the same message with another intent, and entities that say more about it."""
    intent = {"name": label.split("/")[0], "confidence": confidence}
    if "/" in label:
        intent["full_retrieval_intent_name"] = label
    more = [{"entity": name, "value": value, "start": 0, "end": 0} for name, value in (entities or {}).items()]
    return {
        **parsed,
        "intent": intent,
        "entities": [*parsed["entities"], *more],
        "response_selector": selector_entry(label, confidence),
    }


def shares(parsed: Parsed) -> Dict[str, float]:
    """Label → probability of what a message says by itself. Danger is judged apart and is none of them."""
    ranking = parsed.get("intent_ranking") or []
    return {str(entry["name"]): float(entry["confidence"]) for entry in ranking if entry["name"] != DANGER}


def pointed(parsed: Parsed) -> Dict[str, float]:
    """The acts; a matter of its own is as likely as the likeliest topic, and not as all together: spread out, they are none."""
    own = shares(parsed)
    topics = [share for label, share in own.items() if act_of(label) == "topic"]
    acts = dict(parsed.get("acts") or {})
    if acts and topics:
        acts["topic"] = acts.get("topic", 0.0) * max(topics) / (sum(topics) or 1.0)
    return acts


def best(shares: Dict[str, float]) -> Tuple[str, float]:
    """The likeliest, with its probability."""
    return max(shares.items(), key=lambda pair: pair[1])


def topic_of(read: Parsed) -> str:
    """The topic of which the answer, or a part of it, is to be said; empty where it is none."""
    if read["intent"]["name"] == "ask_part":
        return str({entity["entity"]: entity["value"] for entity in read["entities"]}.get("topic", ""))
    label = str(read["intent"].get("full_retrieval_intent_name") or "")
    return label[len(TOPIC) :] if label.startswith(TOPIC) else ""


def matter_of(parsed: Parsed) -> str:
    """The topic that a message names beside what it does ("a person, for my rent help"); empty where its words and the whole
    do not agree on one.
    """
    own = {label: share for label, share in shares(parsed).items() if label.startswith(TOPIC)}
    named: Dict[str, float] = parsed.get("named") or {}
    label, share = best(own) if own else ("", 0.0)
    agreed = bool(named) and label == best(named)[0] and named[label] >= NAMED and share >= MOSTLY * sum(own.values())
    return label[len(TOPIC) :] if agreed else ""
