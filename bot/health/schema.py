"""The public API's description at `/openapi.json`: what `docs/contracts.md` §5 says, as OpenAPI.

Written beside the routes, not as their response models: an answer that is checked again on its way out costs time in
every message. The fuzz (`./ventanilla bench fuzz`) holds the answers to it.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.json_schema import models_json_schema

API = "/api/chat/v1/conversations"
MESSAGES = API + "/{conversation_id}/messages"
PROBLEM = "application/problem+json"
WORDS = {
    401: "No token, or one that does not open this conversation.",
    404: "There is no such thing in this conversation.",
    409: "The conversation has ended, or the step of the button has passed.",
    413: "More than 64 KB.",
    422: "Not what is described here, or nothing left of the text after trimming.",
    429: "Too fast; `Retry-After` says when again. Nothing was stored.",
    503: "The database is away. Nothing was stored.",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(_Strict):
    """An error as RFC 9457 words it; `detail` is the sentence for the citizen, `code` the one for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class PressableButton(_Strict):
    """What may be pressed: send `button` back as the `button` of a message.

    `action` is what a page may do by itself instead: `download_my_data` calls `…/mydata` and keeps the files.
    """

    title: str
    button: str
    action: str = ""


class Line(_Strict):
    """A message of the transcript."""

    seq: int = Field(ge=1)
    id: str
    from_: str = Field(alias="from", pattern="^(citizen|assistant|staff|system)$")
    text: str
    buttons: list[PressableButton]
    language: str
    sent_at: str
    topic: str = ""
    outcome: str = ""
    card: dict[str, Any] = {}
    name: str = ""
    useful: bool = False


class Started(_Strict):
    """A new conversation; its token is shown this once."""

    conversation: str
    token: str
    language: str
    messages: list[Line]


class Stored(_Strict):
    """Where the message stands in its conversation."""

    seq: int = Field(ge=1)


class Transcript(_Strict):
    """Messages behind a number, at most 200; ask again from `next`.

    `erased`: what you were given before it is gone or changed by her wish; drop it, and ask from 0.
    """

    messages: list[Line]
    state: str
    pending: bool
    next: int
    erased: bool


class Files(RootModel[dict[str, str]]):
    """What is kept of this person: the text of each file by its name, one to read and one as JSON."""


# Path and method: the good answer, its body, its type, and the errors.
OPERATIONS: dict[tuple[str, str], tuple[int, type[BaseModel] | None, str, tuple[int, ...]]] = {
    (API, "post"): (201, Started, "application/json", (413, 422, 429, 503)),
    (MESSAGES, "post"): (202, Stored, "application/json", (401, 404, 409, 413, 422, 429, 503)),
    (MESSAGES, "get"): (200, Transcript, "application/json", (401, 404, 422, 503)),
    (MESSAGES + "/{seq}/feedback", "post"): (204, None, "", (401, 404, 413, 422, 503)),
    (API + "/{conversation_id}/mydata", "post"): (200, Files, "application/json", (401, 404, 413, 422, 429, 503)),
    (API + "/{conversation_id}/events", "get"): (200, None, "text/event-stream", (401, 404, 422, 503)),
}


def install(app: FastAPI) -> None:
    """Give `app` this description."""
    app.openapi = lambda: app.openapi_schema or _describe(app)  # type: ignore[method-assign]


def _describe(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    models = (Problem, Started, Stored, Transcript, Files)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/components/schemas/{model}"
    )
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= {name: _optional(schema) for name, schema in definitions["$defs"].items()}
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for (path, method), answers in OPERATIONS.items():
        operation = made["paths"][path][method]
        operation["responses"] = _responses(*answers)
        if path != API:
            operation["security"] = [{"token": []}]
            kept = [one for one in operation["parameters"] if one["name"].lower() != "authorization"]
            operation["parameters"] = kept
    app.openapi_schema = made
    return made


def _responses(good: int, body: type[BaseModel] | None, kind: str, errors: tuple[int, ...]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": (body.__doc__ if body else None) or "Done."}
    if kind:
        schema = {"$ref": f"#/components/schemas/{body.__name__}"} if body else {"type": "string"}
        answer["content"] = {kind: {"schema": schema}}
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(good): answer} | {str(status): {"description": WORDS[status], "content": problem} for status in errors}


def _optional(schema: dict[str, Any]) -> dict[str, Any]:
    """Fields with a default are left out where they do not apply."""
    if "properties" not in schema:
        return schema
    fields = schema["properties"]
    return schema | {
        "properties": {name: {k: v for k, v in field.items() if k != "default"} for name, field in fields.items()},
        "required": [name for name, field in fields.items() if "default" not in field],
    }
