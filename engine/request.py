"""What the counter sends for one turn: checked before Rasa sees any of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from rasa.shared.core.domain import Domain

from engine.state import EMPTY, VERSION, State
from engine.topics import selector_entry

MOST_TEXT = 4000
MOST_PAYLOAD = 2000
MOST_ID = 200
PAYLOAD = re.compile(r"/(?P<label>[a-z_]+(?:/[a-z0-9_]+)?)(?P<entities>\{.*\})?", re.DOTALL)
RESERVED = {"restart", "back", "session_start", "nlu_fallback"}  # Rasa's own: no button may say them
Scalar = (str, int, float, bool)


class RequestRefused(Exception):
    """The body is not a turn. Its text is the sentence of the 422."""


@dataclass(frozen=True)
class TurnRequest:
    """A turn that may run. `parse_data` is what a button means; None for a text, which is still to be understood."""

    turn_id: str
    text: str
    slots: Dict[str, Any]
    state: State
    parse_data: Optional[Dict[str, Any]]


def check_request(body: Any, domain: Domain) -> TurnRequest:
    """The turn in `body`. Raises RequestRefused with a sentence when something is wrong with it."""
    if not isinstance(body, dict):
        raise RequestRefused("The body must be a JSON object.")
    turn_id = check_string(body, "turn_id", MOST_ID)
    text, payload = body.get("text"), body.get("payload")
    if (text is None) == (payload is None):
        raise RequestRefused("Exactly one of text and payload must be given.")
    slots, state = check_slots(body.get("slots"), domain), check_state(body.get("state"))
    if payload is None:
        return TurnRequest(turn_id, check_string(body, "text", MOST_TEXT), slots, state, None)
    said = check_string(body, "payload", MOST_PAYLOAD)
    return TurnRequest(turn_id, said, slots, state, check_payload(said, domain))


def check_string(body: Dict[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RequestRefused(f"{name} must be a text that is not empty.")
    if len(value) > most:
        raise RequestRefused(f"{name} must have at most {most} characters.")
    return value.strip()


def check_slots(slots: Any, domain: Domain) -> Dict[str, Any]:
    """The slots to set before the message: known names, plain values."""
    if slots is None:
        return {}
    if not isinstance(slots, dict):
        raise RequestRefused("slots must be an object.")
    known = {slot.name for slot in domain.slots}
    for name, value in slots.items():
        if name not in known:
            raise RequestRefused(f"There is no slot {name!r}.")
        if value is not None and not isinstance(value, Scalar):
            raise RequestRefused(f"The slot {name!r} must be a text, a number, true, false or null.")
        if isinstance(value, str) and len(value) > MOST_TEXT:
            raise RequestRefused(f"The slot {name!r} must have at most {MOST_TEXT} characters.")
    return slots


def check_state(state: Any) -> State:
    """The state of the last turn; the empty one for null."""
    if state is None:
        return EMPTY
    if not isinstance(state, dict) or state.get("v") != VERSION:
        raise RequestRefused(f"state must be null or what the last turn returned (v {VERSION}).")
    slots, events = state.get("slots"), state.get("events")
    if not isinstance(slots, dict) or not isinstance(events, list) or not all(is_past_turn(e) for e in events):
        raise RequestRefused("state is damaged: slots must be an object, events a list of turns.")
    for name in ("active_form", "requested_slot"):
        if not isinstance(state.get(name), (str, type(None))):
            raise RequestRefused(f"state is damaged: {name} must be a name or null.")
    return state


def is_past_turn(event: Any) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("intent"), (str, type(None))):
        return False
    actions = event.get("actions")
    return isinstance(actions, list) and all(isinstance(action, str) for action in actions)


def check_payload(payload: str, domain: Domain) -> Dict[str, Any]:
    """What the button means, as Rasa's parse data. Never guessed at by the classifier."""
    match = PAYLOAD.fullmatch(payload)
    if match is None:
        raise RequestRefused('payload must look like /intent, /intent{"entity": "value"} or /faq/topic.')
    label = match["label"]
    check_label(label, domain)
    intent = {"name": label.split("/")[0], "confidence": 1.0}
    if "/" in label:
        intent["full_retrieval_intent_name"] = label
    return {
        "text": payload,
        "intent": intent,
        "entities": check_entities(match["entities"], domain),
        "intent_ranking": [{"name": label, "confidence": 1.0}],
        "response_selector": selector_entry(label, 1.0),
    }


def check_label(label: str, domain: Domain) -> None:
    base, slash, topic = label.partition("/")
    if base not in domain.intents or base in RESERVED:
        raise RequestRefused(f"There is no intent {base!r} for a button.")
    if bool(slash) != (base in domain.retrieval_intents):
        raise RequestRefused(f"payload /{label} must {'not ' if slash else ''}name a topic.")
    if slash and f"utter_{label}" not in domain.responses:
        raise RequestRefused(f"There is no topic {topic!r}.")


def check_entities(written: Optional[str], domain: Domain) -> List[Dict[str, Any]]:
    """The entities of a button, `{"name": value}`."""
    try:
        values = json.loads(written or "{}")
    except ValueError:
        raise RequestRefused("The entities of payload are not valid JSON.") from None
    if len(values) > 10:
        raise RequestRefused("A payload carries at most 10 entities.")
    for name, value in values.items():
        if name not in domain.entities or not isinstance(value, Scalar):
            raise RequestRefused(f"There is no entity {name!r} for a button, or its value is not plain.")
    return [{"entity": name, "value": value} for name, value in values.items()]
