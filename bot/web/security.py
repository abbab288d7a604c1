"""What guards the pages of staff: nothing without a sign-in, no change without the form's token."""

import hmac
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request

from bot.desk.sessions import SignedIn, read_session
from bot.errors import BotError
from bot.privacy.secrets import new_token
from bot.settings import Settings
from bot.states import ADMINISTRATOR
from bot.store.database import Database
from bot.web.cookies import read_cookie

__all__ = ["Administrator", "Signed", "SignedIn", "administrator_required", "staff_required"]

COOKIE = "ventanilla_staff"
FORM_COOKIE = "ventanilla_form"  # stands for the session in the forms of people who have not signed in yet
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# The only pages of staff that answer nobody in particular.
OPEN = frozenset(
    {
        "/desk/sign-in",
        "/desk/sign-in/code",
        "/desk/sign-in/set-up",
        "/desk/sso",
        "/desk/sso/back",
        "/desk/first",
        "/desk/join",
        "/desk/language",
    }
)
PRIVATE = ("/desk", "/studio")


class SignInNeeded(BotError):
    """Nobody is signed in: pages lead to the sign-in, fragments are told to."""

    def __init__(self, following: str) -> None:
        super().__init__("sign_in_needed")
        self.address = f"/desk/sign-in?next={quote(following)}" if following else "/desk/sign-in"


async def gate(request: Request) -> SignedIn | None:
    """Let a request through to a guarded router: signed in, or one of the few open pages; and its form's token right.

    Raises SignInNeeded, or BotError `forbidden` when the token or the page that sent the form is another's.
    """
    if request.method not in SAFE:
        check_origin(request, request.app.state.services.settings)
    who = await _read_who(request)
    if who is None and request.url.path not in OPEN:
        raise SignInNeeded(_following(request))
    if request.method not in SAFE:
        settings: Settings = request.app.state.services.settings
        await _check_token(request, who.csrf if who else read_cookie(request, FORM_COOKIE, settings))
    return who


async def staff_required(who: Annotated[SignedIn | None, Depends(gate)]) -> SignedIn:
    """The person who acts: staff or administrator."""
    if who is None:
        raise SignInNeeded("")
    return who


async def administrator_required(who: Annotated[SignedIn, Depends(staff_required)]) -> SignedIn:
    """The administrator who acts. Raises BotError `forbidden` for staff."""
    if who.staff.role != ADMINISTRATOR:
        raise BotError("forbidden")
    return who


Signed = Annotated[SignedIn, Depends(staff_required)]
Administrator = Annotated[SignedIn, Depends(administrator_required)]


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse a form sent by another site's page; browsers name the sender themselves. Raises BotError `forbidden`."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise BotError("forbidden")
    allowed = {request.headers.get("host", ""), urlsplit(settings.public_url).netloc} - {""}
    # A page without an address of its own (a sandboxed frame, a file) says `null`: it is not ours either.
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc not in allowed:
        raise BotError("forbidden")


def form_token(request: Request, who: SignedIn | None) -> str:
    """The token for the page's forms; kept in a cookie by `Pages.render` when nobody is signed in."""
    if who is not None:
        return who.csrf
    known = read_cookie(request, FORM_COOKIE, request.app.state.services.settings) or getattr(
        request.state, "form_token", ""
    )
    request.state.form_token = known or new_token()
    return str(request.state.form_token)


def is_local(path: str) -> bool:
    """Whether `path` leads to a page of staff on this server and nowhere else."""
    plain = path.startswith(PRIVATE) and not any(c in path for c in "\\\r\n\t")
    return plain and not urlsplit(path).netloc


async def _read_who(request: Request) -> SignedIn | None:
    database: Database = request.app.state.services.database
    # What refreshes itself does not count as somebody being there.
    active = "hx-request" not in request.headers and "text/event-stream" not in request.headers.get("accept", "")
    token = read_cookie(request, COOKIE, request.app.state.services.settings)
    who = await read_session(database, token, active=active or request.method not in SAFE)
    request.state.who = who
    return who


async def _check_token(request: Request, expected: str) -> None:
    given = request.headers.get("x-csrf-token", "")
    if not given:
        given = str((await request.form()).get("csrf", ""))
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise BotError("forbidden")


def _following(request: Request) -> str:
    """Where to go on after the sign-in: the page that was asked for, not a form or a fragment of it."""
    if request.method not in SAFE or "hx-request" in request.headers:
        return urlsplit(request.headers.get("hx-current-url", "")).path
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query
