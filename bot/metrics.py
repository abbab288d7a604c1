"""What this process counts and measures, for Prometheus. Labels are few and known before; none is about a person."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

from bot.states import Outcome

disable_created_metrics()  # type: ignore[no-untyped-call]  # one more line per series, which nobody reads
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

TURNS = Counter("ventanilla_turns", "Turns that ended, by outcome", ["outcome"], registry=REGISTRY)
TURN_SECONDS = Histogram(
    "ventanilla_turn_seconds", "From taking a message up to its stored reply", registry=REGISTRY, buckets=_FAST
)
QUEUE_SECONDS = Histogram(
    "ventanilla_queue_seconds", "How long a stored message waited for its turn", registry=REGISTRY, buckets=_SLOW
)
REPLY_SECONDS = Histogram(
    "ventanilla_reply_seconds", "From a stored message to its stored reply", registry=REGISTRY, buckets=_SLOW
)
RECEIVE_SECONDS = Histogram(
    "ventanilla_receive_seconds", "Taking a message in and storing it", ["channel"], registry=REGISTRY, buckets=_FAST
)
ENGINE_SECONDS = Histogram(
    "ventanilla_engine_seconds", "One question to the engine, tries included", ["result"], registry=REGISTRY,
    buckets=_FAST,
)  # fmt: skip
SEND_SECONDS = Histogram(
    "ventanilla_send_seconds", "One try to send a message (result: sent, later, failed)", ["channel", "result"],
    registry=REGISTRY, buckets=_FAST,
)  # fmt: skip
HTTP_REQUESTS = Counter(
    "ventanilla_http_requests", "Requests by route and class of status", ["method", "route", "status"],
    registry=REGISTRY,
)  # fmt: skip
HTTP_SECONDS = Histogram(
    "ventanilla_http_seconds", "Until the answer began, by route", ["route"], registry=REGISTRY, buckets=_FAST
)
TURNS_NOT_STORED = Counter(
    "ventanilla_turns_not_stored", "Turns that could not be stored as they were meant; what they say was stored alone",
    registry=REGISTRY,
)  # fmt: skip
HANDOFF_FAILURES = Counter(
    "ventanilla_handoff_failures", "Parts of a hand-over that failed (case, packet, queue, words)", ["part"],
    registry=REGISTRY,
)  # fmt: skip
RATE_LIMITED = Counter("ventanilla_rate_limited", "Requests refused for haste", ["kind"], registry=REGISTRY)
SIGN_IN_FAILURES = Counter("ventanilla_sign_in_failures", "Sign-ins refused", registry=REGISTRY)
WORKER_RESTARTS = Counter(
    "ventanilla_worker_restarts", "Workers that ended by themselves and were started again", ["worker"],
    registry=REGISTRY,
)  # fmt: skip
RETENTION_ERASED = Counter(
    "ventanilla_retention_erased", "Rows that the daily clean-up erased, by class of data", ["data"],
    registry=REGISTRY,
)  # fmt: skip

_TURNS = {outcome: TURNS.labels(outcome) for outcome in Outcome}  # all of them stand there from the start


@contextmanager
def time_engine() -> Iterator[None]:
    """How long the engine is asked, and whether it answered."""
    started, result = time.perf_counter(), "failed"
    try:
        yield
        result = "ok"
    finally:
        ENGINE_SECONDS.labels(result).observe(time.perf_counter() - started)


def count_turn(outcome: Outcome, turn: float, queued: float) -> None:
    """One turn more: `turn` and `queued` in seconds."""
    _TURNS[outcome].inc()
    TURN_SECONDS.observe(turn)
    QUEUE_SECONDS.observe(max(0.0, queued))
    REPLY_SECONDS.observe(max(0.0, queued) + turn)
