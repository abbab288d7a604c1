"""The state of a dialogue between two turns: small, bounded JSON from which a tracker is made again."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

State = Dict[str, Any]

VERSION = 1
MOST_BYTES = 8 * 1024
MOST_TURNS = 3  # past turns kept, by the names of intent and actions; never their words
SHORTEST = 64  # characters that a slot's text keeps however full the state is
EMPTY: State = {"v": VERSION, "slots": {}, "active_form": None, "requested_slot": None, "events": []}


def restore(turn_id: str, state: State, slots: Dict[str, Any], domain: Domain) -> DialogueStateTracker:
    """A tracker that listens, as the state left it, with `slots` set on top.

    Slots and forms that this model's domain does not know are left out: a state outlives a release.
    """
    known = {slot.name for slot in domain.slots}
    values = {**state["slots"], **slots}
    events: List[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
    for turn in state["events"]:
        events += past_turn(turn, domain)
    events += [SlotSet(name, values[name]) for name in sorted(values) if name in known]
    events += resumed_form(state, domain, known)
    return DialogueStateTracker.from_events(turn_id, events, domain.slots, domain=None)


def past_turn(turn: Dict[str, Any], domain: Domain) -> List[Event]:
    """The events of a past turn; actions that the domain no longer knows are left out."""
    actions = [name for name in turn.get("actions", []) if name in domain.action_names_or_texts]
    said = UserUttered(text="", intent={"name": turn.get("intent"), "confidence": 1.0}, entities=[])
    return [said, *(ActionExecuted(name) for name in actions), ActionExecuted(ACTION_LISTEN_NAME)]


def resumed_form(state: State, domain: Domain, known: set) -> List[Event]:
    """The events that leave the state's form waiting for its slot; none when there is no form."""
    form, slot = state.get("active_form"), state.get("requested_slot")
    if form not in domain.form_names:
        return []
    asked = [SlotSet(REQUESTED_SLOT, slot)] if slot in known else []
    return [ActiveLoop(form), ActionExecuted(form), *asked, ActionExecuted(ACTION_LISTEN_NAME)]


def compact(tracker: DialogueStateTracker, before: State, known: List[str]) -> State:
    """The state after the turn, in at most `MOST_BYTES` of JSON."""
    values = tracker.current_slot_values()
    state = {
        "v": VERSION,
        "slots": {
            name: values[name] for name in sorted(known) if values.get(name) is not None and name != REQUESTED_SLOT
        },
        "active_form": tracker.active_loop_name,
        "requested_slot": tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None,
        "events": [*before["events"], latest_turn(tracker)][-MOST_TURNS:],
    }
    return bounded(state)


def latest_turn(tracker: DialogueStateTracker) -> Dict[str, Any]:
    """The intent and the actions of the turn that has just ended."""
    actions: List[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name and event.action_name != ACTION_LISTEN_NAME:
            actions.insert(0, event.action_name)
    intent = tracker.latest_message.intent.get("name") if tracker.latest_message else None
    return {"intent": intent, "actions": actions}


def size(state: State) -> int:
    return len(json.dumps(state, ensure_ascii=False).encode())


def longest_text(slots: Dict[str, Any]) -> Optional[str]:
    texts = [name for name, value in slots.items() if isinstance(value, str) and len(value) > SHORTEST]
    return max(texts, key=lambda name: (len(slots[name]), name), default=None)


def bounded(state: State) -> State:
    """The state cut to size: first the past turns go, then the longest texts lose their second half."""
    if size(state) > MOST_BYTES:
        state["events"] = []
    while size(state) > MOST_BYTES:
        name = longest_text(state["slots"])
        if name is None:
            raise ValueError("the state is too large, and not because of a text")
        state["slots"][name] = state["slots"][name][: max(SHORTEST, len(state["slots"][name]) // 2)]
    return state
