"""How it stands now, for `/metrics`: what this node sees, and what the tables say without counting all their rows."""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.health.readiness import read_parts
from bot.logs import explain
from bot.metrics import REGISTRY
from bot.services import Services
from bot.store.tables import Case, Inbox, Outbox, now

log = structlog.get_logger()
PATIENCE = 3.0  # seconds for the tables
OPEN_STATES = ("queued", "sending")
# Written out as in the index: with values given apart SQLite would not see that the index fits.
_IS_OPEN = Outbox.state.in_(bindparam("open", OPEN_STATES, expanding=True, literal_execute=True))


async def read_metrics(services: Services) -> bytes:
    """Everything in Prometheus' text format. With the database away the node's own counts are told all the same."""
    metrics = [*_node(services, await read_parts(services))]
    try:
        async with asyncio.timeout(PATIENCE), services.database.read() as session:
            metrics += await _tables(services, session)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("metrics.no_tables", problem=explain(error))
    return generate_latest(REGISTRY) + generate_latest(_registry(metrics))


def _node(services: Services, parts: dict[str, Any]) -> Iterable[Metric]:
    """What this node sees."""
    yield _gauge("part_ok", "Whether a part of /readyz is well", "part", {n: int(p["ok"]) for n, p in parts.items()})
    yield _gauge("engines_alive", "Engine replicas that answer", value=len(services.engines.urls()))
    restarts = CounterMetricFamily("ventanilla_engine_restarts", "Engines started again", labels=["replica"])
    replicas = {str(replica["replica"]): replica for replica in services.engines.status()}
    for number, replica in replicas.items():
        restarts.add_metric([number], replica["restarts"])
    yield restarts
    memory = {number: replica["rss"] for number, replica in replicas.items()}
    yield _gauge("engine_memory_bytes", "Resident memory of an engine", "replica", memory)
    busy = {number: replica.get("in_flight", 0) for number, replica in replicas.items()}
    yield _gauge("engine_turns_running", "Turns that an engine works on", "replica", busy)
    avoided = {number: int(replica.get("breaker", "closed") != "closed") for number, replica in replicas.items()}
    yield _gauge("engine_avoided", "Whether turns are kept away from an engine that fails them", "replica", avoided)
    yield _gauge("model_serving", "The model that new turns get", "model", {services.engines.model: 1})
    wrong = int(bool(services.engines.problem))
    yield _gauge("model_problem", "Whether the released model could not be used here", value=wrong)
    yield _gauge("streams_open", "Open event streams", "kind", services.hub.open_streams())
    yield _gauge("disk_free_bytes", "Free where the home is", value=parts["disk"]["free_megabytes"] * 1_000_000)
    agencies = services.knowledge.agencies
    off = {agency: int(services.switch.off(agency) is not None) for agency in agencies}
    yield _gauge("assistant_off", "Whether the assistant is switched off", "agency", off)


async def _tables(services: Services, session: AsyncSession) -> list[Metric]:
    """What waits, over all nodes. Each query reads the rows of a partial index and no others."""
    moment = now()
    unanswered = select(func.count(), func.min(Inbox.received_at)).where(Inbox.answered_at.is_(None))
    waiting, oldest = (await session.execute(unanswered)).one()
    queued = dict.fromkeys(OPEN_STATES, 0)
    oldest_out = None
    open_rows = select(Outbox.state, func.count(), func.min(Outbox.created_at))
    for state, count, created in await session.execute(open_rows.where(_IS_OPEN).group_by(Outbox.state)):
        queued[state] = count
        oldest_out = min(oldest_out or created, created)
    cases = dict.fromkeys(services.knowledge.agencies, 0)
    ages = dict.fromkeys(services.knowledge.agencies, 0.0)
    wanted = select(Case.agency, func.count(), func.min(Case.requested_at))
    for agency, count, asked in await session.execute(
        wanted.where(Case.ended_at.is_(None), Case.taken_at.is_(None)).group_by(Case.agency)
    ):
        cases[agency], ages[agency] = count, _age(moment, asked)
    return [
        _gauge("inbox_waiting", "Messages without an answer", value=waiting),
        _gauge("inbox_oldest_seconds", "Age of the oldest of them", value=_age(moment, oldest)),
        _gauge("outbox", "Messages on their way out, by state", "state", queued),
        _gauge("outbox_oldest_seconds", "Age of the oldest of them", value=_age(moment, oldest_out)),
        _gauge("cases_waiting", "Conversations waiting for a person", "agency", cases),
        _gauge("cases_oldest_seconds", "Age of the oldest of them", "agency", ages),
    ]


def _age(moment: Any, since: Any) -> float:
    return max(0.0, (moment - since).total_seconds()) if since else 0.0


def _gauge(name: str, says: str, label: str = "", values: dict[str, Any] | None = None, *, value: Any = 0) -> Metric:
    metric = GaugeMetricFamily(f"ventanilla_{name}", says, labels=[label] if label else None)
    if not label:
        metric.add_metric([], value)
    for key, number in (values or {}).items():
        metric.add_metric([key], number)
    return metric


def _registry(metrics: list[Metric]) -> CollectorRegistry:
    class Given:
        def collect(self) -> Iterable[Metric]:
            return metrics

    registry = CollectorRegistry()
    registry.register(Given())
    return registry
