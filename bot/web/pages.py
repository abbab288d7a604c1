"""How a page of staff is made: a guarded route, the words of its language, times people read, one base layout."""

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import structlog
from babel.dates import format_datetime, format_timedelta
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot.errors import STATUS, BotError
from bot.handoff.switch import Switch
from bot.knowledge.entries import Agency
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.logs import explain
from bot.privacy.mask import mask
from bot.privacy.personal import KINDS, kinds
from bot.settings import Settings
from bot.store.tables import now
from bot.web.cookies import keep_cookie
from bot.web.links import linked
from bot.web.security import FORM_COOKIE, SignedIn, SignInNeeded, form_token, gate
from bot.web.texts import Texts

log = structlog.get_logger()
HERE = Path(__file__).parent
MOST_DIGITS = 9  # of the number of a row
LANGUAGE_COOKIE = "ventanilla_language"
SAID_COOKIE = "ventanilla_said"  # what the next page says happened: a key of the texts, `said.<key>`
LISTED = 300  # characters of a text in a list, which shows a line or two
YEAR = 365 * 86_400
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Pages:
    """Renders the templates of one part (`folder/templates`) over the shared ones, in the reader's language."""

    def __init__(self, knowledge: Knowledge, settings: Settings, folder: Path = HERE) -> None:
        self._knowledge = knowledge
        self._settings = settings
        self._texts = Texts((folder / "texts",))
        environment = Environment(
            loader=FileSystemLoader([folder / "templates", HERE / "templates"]),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["linked"] = linked
        self._templates = Jinja2Templates(env=environment)

    def render(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """A page or a fragment. Of the shared context `who` is None when nobody is signed in."""
        who: SignedIn | None = getattr(request.state, "who", None)
        said = request.cookies.get(SAID_COOKIE, "")
        shared = self._shared(request, who) | {"said": f"said.{said}" if self._texts.has(f"said.{said}") else ""}
        fragment = "hx-request" in request.headers
        response = self._templates.TemplateResponse(
            request, template, shared | context, status_code=status, headers={"Vary": "HX-Request"}
        )
        if said and not fragment:
            response.delete_cookie(SAID_COOKIE)
        if token := getattr(request.state, "form_token", ""):
            keep_cookie(response, FORM_COOKIE, token, self._settings)
        return response

    async def render_apart(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """The same in a thread, for pages that read through much of what citizens wrote: nobody else waits for it."""
        return await asyncio.to_thread(self.render, request, template, status, **context)

    def say(self, request: Request, key: str, /, **args: object) -> str:
        """The words of `key` in the reader's language."""
        return self._texts.say(language_of(request), key, **args)

    def _shared(self, request: Request, who: SignedIn | None) -> dict[str, Any]:
        language = language_of(request)
        agency = self._knowledge.agencies[who.staff.agency if who else self._settings.agency]
        clock = Clock(agency, language)
        switch: Switch = request.app.state.services.switch
        return {
            "off": switch.off(who.staff.agency) if who else None,
            "who": who,
            "csrf": form_token(request, who),
            "language": language,
            "languages": LANGUAGES,
            "spoken": self._knowledge.languages,
            "agency": agency,
            "fragment": "hx-request" in request.headers,
            "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "t": lambda key, /, **args: self._texts.say(language, key, **args),
            "has_text": self._texts.has,
            "title_of": lambda label: self._knowledge.title_of(str(label), language),
            "masked": lambda text: mask(
                text, {kind: self._texts.say(language, f"pii.{kind}") for kind in KINDS}, LISTED
            ),
            "pii_of": kinds,
            "ago": clock.ago,
            "at": clock.at,
            "hour": clock.hour,
        }


class Clock:
    """Times as the reader says them, in her agency's zone."""

    def __init__(self, agency: Agency, language: str) -> None:
        self._zone = agency.zone
        self._language = language

    def ago(self, at: dt.datetime | str, *, bare: bool = False) -> Markup:
        """`5 min ago`, the day and time on hover; `bare` without `ago`, for how long something has lasted."""
        moment = _moment(at)
        words = format_timedelta(
            min(moment - now(), dt.timedelta(minutes=-1)),
            granularity="minute",
            add_direction=not bare,
            format="short",
            threshold=1.2,
            locale=self._language,
        )
        return self._tag(moment, words)

    def at(self, at: dt.datetime | str) -> Markup:
        """The day and time."""
        moment = _moment(at)
        return self._tag(moment, self._full(moment))

    def hour(self, at: dt.datetime | str) -> Markup:
        """`10:42` today, with its day before."""
        moment = _moment(at)
        local = moment.astimezone(self._zone)
        today = now().astimezone(self._zone).date()
        pattern = "HH:mm" if local.date() == today else "d MMM HH:mm"
        return self._tag(moment, format_datetime(local, pattern, locale=self._language))

    def _full(self, moment: dt.datetime) -> str:
        return format_datetime(moment.astimezone(self._zone), "EEEE d MMMM y, HH:mm", locale=self._language)

    def _tag(self, moment: dt.datetime, words: str) -> Markup:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            moment.isoformat(timespec="seconds"), self._full(moment), words
        )


class PageRoute(APIRoute):
    """A route whose refusals are pages (or fragments), not JSON."""

    def get_route_handler(self) -> Handler:
        """The route's handler, with its refusals rendered."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except SignInNeeded as error:
                return _lead_to_sign_in(request, error)
            except BotError as error:
                return problem_page(request, error)
            except SQLAlchemyError as error:
                log.error("database.failed", problem=explain(error))
                return problem_page(request, BotError("unavailable"))
            except (HTTPException, RequestValidationError):  # a form that is none, or has too many parts
                return problem_page(request, BotError("body_invalid"))
            except Exception:
                log.exception("page.failed", path=request.scope["route"].path)
                return problem_page(request, BotError("broken"))

        return handler


def guarded_router(prefix: str) -> APIRouter:
    """A router on which every route needs a sign-in, unless its path is one of the few open ones."""
    return APIRouter(prefix=prefix, route_class=PageRoute, dependencies=[Depends(gate)], include_in_schema=False)


def problem_page(request: Request, error: BotError) -> Response:
    """What a refused request gets to read."""
    state = request.app.state
    if not hasattr(state, "problem_pages"):
        state.problem_pages = Pages(state.services.knowledge, state.services.settings)
    pages: Pages = state.problem_pages
    fragment = "hx-request" in request.headers
    status = STATUS.get(error.code, 400)
    data = {key: value for key, value in error.data.items() if value is not None}
    template = "failure.html" if fragment else "problem.html"
    response = pages.render(request, template, status, code=error.code, data=data)
    if "retry_after" in data:
        response.headers["Retry-After"] = str(data["retry_after"])
    return response


def said(address: str, key: str) -> Response:
    """Lead to `address`, where a short line says what has been done."""
    response = RedirectResponse(address, 303)
    response.set_cookie(SAID_COOKIE, key, max_age=60, httponly=True, samesite="lax")
    return response


def language_of(request: Request) -> str:
    """The language that the reader chose, else the first that her browser asks for and we have."""
    if (chosen := request.cookies.get(LANGUAGE_COOKIE, "")) in LANGUAGES:
        return chosen
    asked = [_weighed(part) for part in request.headers.get("accept-language", "")[:200].split(",")]
    wanted = [language for weight, language in sorted(asked, key=lambda one: -one[0]) if weight > 0]
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])


def _weighed(part: str) -> tuple[float, str]:
    """How much a language of `Accept-Language` is wanted, and its first two letters: `en-GB;q=0.8` → 0.8, `en`."""
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip().lower().partition("-")[0]
    except ValueError:
        return 0.0, ""


def number(params: Mapping[str, str], name: str, default: int, most: int = 10_000) -> int:
    """A number of the address, or `default` when it is none."""
    value = params.get(name, "")
    return min(max(int(value), 0), most) if value.isascii() and value.isdigit() and len(value) < 12 else default


def row_id(text: str) -> int:
    """The number of a row in an address. Raises BotError `not_found` when it is none that a column holds."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BotError("not_found")
    return int(text)


def _lead_to_sign_in(request: Request, error: SignInNeeded) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": error.address})
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    return RedirectResponse(error.address, 303)


def _moment(at: dt.datetime | str) -> dt.datetime:
    return dt.datetime.fromisoformat(at) if isinstance(at, str) else at
