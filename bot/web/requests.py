"""Counts and times every request, and gives it an id that its answer and its log lines carry."""

import secrets
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.metrics import HTTP_REQUESTS, HTTP_SECONDS

HEADER = "X-Request-Id"
UNKNOWN = "other"  # no route fits: what people try out must not become a label
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Requests:
    """The outermost layer: everything that is answered is counted here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = f"r_{secrets.token_urlsafe(9)}", time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and not begun:
                begun = True
                MutableHeaders(scope=message)[HEADER] = request_id
                _count(scope, message["status"], time.perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            if not begun:
                _count(scope, 500, time.perf_counter() - started)


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = _route_of(scope)
    method = scope["method"] if scope["method"] in METHODS else UNKNOWN
    HTTP_REQUESTS.labels(method, route, f"{status // 100}xx").inc()
    HTTP_SECONDS.labels(route).observe(seconds)


def _route_of(scope: Scope) -> str:
    """The route as it is written, `/desk/conversations/{conversation_id}`: no id, no search becomes a label."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if path is None:
        return "/static" if str(scope["path"]).startswith("/static/") else UNKNOWN
    return str(path)
