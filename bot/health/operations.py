"""Alive, able to serve, and how it goes: `/healthz`, `/readyz`, `/metrics`."""

import hmac
import ipaddress
import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from bot.health.gauges import read_metrics
from bot.health.readiness import read_parts, word_for
from bot.services import Services

# What a proxy adds. Whoever came through one is not on this machine, wherever the proxy is.
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")
_NAME = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]+)|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?")


def router(services: Services) -> APIRouter:
    """The operators' routes. None of them tells anything about a person."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz(request: Request) -> Response:
        parts = await read_parts(services)
        word = word_for(parts)
        told = {"status": word} | ({"parts": parts} if is_operator(request, services) else {})
        return JSONResponse(told, 503 if word == "not ready" else 200)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not is_operator(request, services):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(await read_metrics(services), media_type=CONTENT_TYPE_LATEST)

    return routes


def is_operator(request: Request, services: Services) -> bool:
    """Whether the caller is on this machine, without a proxy in between, or brings the operators' token."""
    token = services.settings.metrics_token.get_secret_value()
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if token and kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    host = request.client.host if request.client else ""
    return _is_loopback(host) and _is_loopback(_name(request)) and not any(h in request.headers for h in _FORWARDED)


def _name(request: Request) -> str:
    """By which name we were called, as it stands in the one header; a proxy passes the world's on.

    Empty when there is none, more than one, or anything but a name and a port in it.
    """
    names = request.headers.getlist("host")
    found = _NAME.fullmatch(names[0]) if len(names) == 1 else None
    return (found["address"] or found["name"]).lower() if found else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
