"""Remembers what the engine said, so that the same question in the same situation is not worked out again.

The engine is a function of model, message, slots and state. Only turns without a side effect and without anything
personal are kept: no action of ours ran, no form is open, no entity was found, and the state holds nothing beyond the
slots that every turn sets and the last topic. The key is a digest: no words of a citizen stay here.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from bot.replicas.wire import EngineReply, EngineTurn

SAYS = "utter_"
TOPICS = "topics"


class Asks(Protocol):
    """Whoever answers turns."""

    async def ask(self, turn: EngineTurn) -> EngineReply:
        """What to say to `turn`. Raises EngineError."""


class Memory:
    """Stands before the engine and answers what it has heard before; of more than `most`, the least used goes first."""

    def __init__(self, engine: Asks, model: Callable[[], str], most: int) -> None:
        self._engine = engine
        self._model = model
        self._most = most
        self._known: OrderedDict[bytes, EngineReply] = OrderedDict()

    async def ask(self, turn: EngineTurn) -> EngineReply:
        """The engine's reply, or the remembered one, which took no try. Raises EngineError as the engine does."""
        if not self._most or not _is_plain(turn.slots, turn.state):
            return await self._engine.ask(turn)
        model = self._model()
        key = _key(model, turn)
        if known := self._known.get(key):
            self._known.move_to_end(key)
            return known
        reply = await self._engine.ask(turn)
        if model == self._model() and _may_stay(turn, reply):
            self._known[key] = replace(reply, milliseconds=0.0, tries=0)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return reply


def _key(model: str, turn: EngineTurn) -> bytes:
    asked = json.dumps([model, turn.text, turn.payload, turn.slots, turn.state], sort_keys=True)
    return hashlib.blake2b(asked.encode(), digest_size=16).digest()


def _is_plain(slots: dict[str, Any], state: dict[str, Any] | None) -> bool:
    """Whether a state is outside of forms and holds no slot beyond `slots` but the topic that was answered last."""
    return state is None or (not state.get("active_form") and state.get("slots", {}).keys() <= {*slots.keys(), TOPICS})


def _may_stay(turn: EngineTurn, reply: EngineReply) -> bool:
    """Whether the reply is the same for everybody, and asking for it changed nothing."""
    past = reply.state.get("events") or []
    only_said = bool(past) and all(str(name).startswith(SAYS) for name in past[-1]["actions"])
    return only_said and not reply.entities and _is_plain(turn.slots, reply.state)
