"""The widget as one file: its modules joined in order, so that a page embeds it with one line and one request."""

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from bot.channels.web.words import FURTHER

FOLDER = Path(__file__).parent / "widget"
MODULES = ("drawing", "conversation", "style", "element")  # each names only what stands before it
_IMPORT = re.compile(r"^import \{[^}]*\} from \"[^\"]+\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|function|class)", re.MULTILINE)


@functools.cache
def joined() -> str:
    """The script: the modules in one scope of its own, without the words that tie them together."""
    parts = [(FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in MODULES]
    inside = "\n".join(_EXPORT.sub("", _IMPORT.sub("", part)) for part in parts)
    return f'(() => {{\n"use strict";\n{inside}}})();\n'


def _giving(path: Path) -> Callable[[], Response]:
    return lambda: FileResponse(path, media_type="application/json", headers={"Cache-Control": "no-cache"})


def router() -> APIRouter:
    """`/static/chat/widget.js`, and its words in further languages (`texts.ca.json` beside it).

    A browser that has the script asks whether it has changed, and gets it when it has.
    """
    routes = APIRouter(include_in_schema=False)
    body = joined().encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    @routes.api_route("/static/chat/widget.js", methods=["GET", "HEAD"])
    async def widget(request: Request) -> Response:
        known = tag in request.headers.get("if-none-match", "")
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        return Response(None if known else body, 304 if known else 200, headers, "text/javascript; charset=utf-8")

    for path in sorted(FURTHER.glob("*/widget.json")):
        routes.add_api_route(f"/static/chat/texts.{path.parent.name}.json", _giving(path), methods=["GET", "HEAD"])

    return routes
