"""Errors on their way out: one table from code to status and words, `application/problem+json` for the API."""

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import STATUS, BotError
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_resort import render_surely
from bot.logs import explain
from bot.text import MAX_LENGTH
from bot.turns.danger import hears
from bot.web.language import language_of

log = structlog.get_logger()
API = "/api/"
MAX_BODY = 64 * 1024
_BY_STATUS = {401: "token_invalid", 404: "not_found", 405: "not_found", 413: "body_too_large", 429: "rate_limited"}


def install(app: FastAPI, knowledge: Knowledge) -> None:
    """Give every error of `app` its status and its sentence."""

    @app.exception_handler(BotError)
    async def refused(request: Request, error: BotError) -> Response:
        return problem(request, knowledge, error.code, error.data)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        text = error.body.get("text") if isinstance(error.body, dict) else None
        if isinstance(text, str):
            request.state.danger = await hears(text[:MAX_LENGTH], knowledge.words)
        return problem(request, knowledge, "body_invalid", {})

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "body_invalid")
        # 400 is the framework's word for a body that is no UTF-8; it is one that we cannot read like any other.
        answer = problem(request, knowledge, code, {}, None if error.status_code == 400 else error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(SQLAlchemyError)
    async def database(request: Request, error: SQLAlchemyError) -> Response:
        log.error("database.failed", problem=explain(error))
        answer = problem(request, knowledge, "unavailable", {})
        answer.headers["Retry-After"] = "2"
        return answer

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        return problem(request, knowledge, "unavailable", {}, 500)


def problem(
    request: Request, knowledge: Knowledge, code: str, data: dict[str, Any], status: int | None = None
) -> Response:
    """RFC 9457, with a sentence for the citizen in her language."""
    spoken = knowledge.languages
    language = str(data.get("language") or language_of(request, spoken))
    language = language if language in spoken else spoken[0]
    status = status or STATUS.get(code, 400)
    args = {name: value for name, value in data.items() if name != "language"}
    detail = knowledge.text(f"utter_system/{code}", language, **args)
    if getattr(request.state, "danger", False):  # what she wrote is refused, she is not
        detail = f"{render_surely(knowledge, 'utter_crisis', language).text}\n\n{detail}"
    body = {
        "type": f"urn:ventanilla:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
        "code": code,
    }
    headers = {"Content-Language": language}
    if "retry_after" in data:
        headers["Retry-After"] = str(data["retry_after"])
    return JSONResponse(body, status, media_type="application/problem+json", headers=headers)


class BodyLimit:
    """Refuses bodies over the limit while they arrive, so that none is held in memory."""

    def __init__(self, app: ASGIApp, knowledge: Knowledge, most: int = MAX_BODY) -> None:
        self._app = app
        self._knowledge = knowledge
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        declared = request.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self._most:
            await self._refuse(request, scope, receive, send)
            return
        await self._count(request, scope, receive, send)

    async def _count(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        taken, begun = 0, False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if not begun:
                await self._refuse(request, scope, receive, send)

    async def _refuse(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(request, self._knowledge, "body_too_large", {})
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)


class _TooLarge(Exception):
    """The body has passed the limit."""
