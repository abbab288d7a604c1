"""Alive, able to serve, and how it goes: `/healthz`, `/readyz`, `/metrics`."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.handoff.cases import count_waiting
from bot.services import Services
from bot.store.database import UnitOfWork
from bot.store.tables import Inbox, Outbox, Turn


def router(services: Services) -> APIRouter:
    """The operators' routes. None of them tells anything about a person."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> Response:
        parts = await read_parts(services)
        ready = all(part["ok"] for part in parts.values())
        return JSONResponse({"status": "ok" if ready else "not ready", "parts": parts}, 200 if ready else 503)

    @routes.get("/metrics")
    async def metrics() -> Response:
        return Response(await read_metrics(services), media_type=CONTENT_TYPE_LATEST)

    return routes


async def read_parts(services: Services) -> dict[str, dict[str, Any]]:
    """Each part by name with `ok` and a word about it."""
    parts: dict[str, dict[str, Any]] = {}
    try:
        async with services.database.read() as session:
            await session.execute(text("SELECT 1"))
        parts["database"] = {"ok": True}
    except (SQLAlchemyError, OSError) as error:
        parts["database"] = {"ok": False, "problem": type(error).__name__}
    engines = services.engines
    alive = len(engines.urls())
    parts["engine"] = {"ok": alive > 0, "replicas": alive, "model": engines.model, "problem": engines.problem or None}
    parts["knowledge"] = {"ok": services.knowledge.problem is None, "problem": services.knowledge.problem}
    telegram = services.senders.get("telegram")
    parts["telegram"] = {"ok": bool(getattr(telegram, "ok", True)), "configured": telegram is not None}
    return parts


async def read_metrics(services: Services) -> bytes:
    """Counts in Prometheus' text format, read from the tables: every node tells the same."""
    registry = CollectorRegistry()
    turns = Gauge("ventanilla_turns", "Turns by outcome", ["outcome"], registry=registry)
    inbox = Gauge("ventanilla_inbox_waiting", "Messages without an answer", registry=registry)
    outbox = Gauge("ventanilla_outbox", "Outgoing messages by state", ["state"], registry=registry)
    cases = Gauge("ventanilla_cases_waiting", "Conversations waiting for a person", registry=registry)
    engines = Gauge("ventanilla_engines_alive", "Engine replicas that answer", registry=registry)
    async with services.database.read() as session:
        for outcome, count in await session.execute(select(Turn.outcome, func.count()).group_by(Turn.outcome)):
            turns.labels(outcome).set(count)
        for state, count in await session.execute(select(Outbox.state, func.count()).group_by(Outbox.state)):
            outbox.labels(state).set(count)
        inbox.set((await session.scalar(select(func.count()).where(Inbox.answered_at.is_(None)))) or 0)
        cases.set(await count_waiting(UnitOfWork(session)))
    engines.set(len(services.engines.urls()))
    return generate_latest(registry)
