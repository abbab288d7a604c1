"""A tracker store that keeps nothing: on the turn channel a tracker lives as long as its turn."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Dict, Iterable, Iterator, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

# The tracker of the turn that this task works on. Two turns at once, even with one id, never see each other's.
_current: ContextVar[Optional[DialogueStateTracker]] = ContextVar("turn_tracker", default=None)


@contextmanager
def held(tracker: DialogueStateTracker) -> Iterator[DialogueStateTracker]:
    """Makes `tracker` the one that Rasa finds in the store, until the block ends."""
    token = _current.set(tracker)
    try:
        yield tracker
    finally:
        _current.reset(token)


class TurnTrackerStore(TrackerStore):
    """Finds the held tracker; other channels (`rasa shell`) get the memory of this process."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        host: Optional[EndpointConfig] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.domain = self._domain
        self._others: Dict[str, DialogueStateTracker] = {}

    async def save(self, tracker: DialogueStateTracker) -> None:
        if _current.get() is None:
            self._others[tracker.sender_id] = tracker

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        tracker = _current.get()
        if tracker is not None and tracker.sender_id == sender_id:
            return tracker
        return self._others.get(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self._others)
