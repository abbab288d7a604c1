"""Where a request comes from, as the sign-in counts it and as people recognise it among their sessions."""

import hmac
import secrets as chance

from fastapi import Request, Response

from bot.desk.tries import Place
from bot.limits import address_of
from bot.privacy.secrets import Secrets
from bot.settings import Settings
from bot.web.cookies import keep_cookie, read_cookie

BROWSER_COOKIE = "ventanilla_browser"  # the mark of a browser that has been let in before
YEAR = 365 * 86_400
# What a user agent contains → what it is called; the first that fits, since they imitate each other.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def place_of(request: Request, settings: Settings, secrets: Secrets, email: str = "") -> Place:
    """The place of a request; with `email`, also whether this browser was let in to that account before."""
    agent = request.headers.get("user-agent", "")
    names = [next((name for mark, name in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    nonce, _, proof = read_cookie(request, BROWSER_COOKIE, settings).partition(".")
    known = bool(nonce) and hmac.compare_digest(_proof(secrets, email, nonce).encode(), proof.encode())
    return Place(address_of(request), " · ".join(filter(None, names)), nonce if known else "")


def keep_mark(response: Response, settings: Settings, secrets: Secrets, email: str) -> None:
    """Let this browser be known again as one that signed in to the account of `email`."""
    nonce = chance.token_urlsafe(16)
    keep_cookie(response, BROWSER_COOKIE, f"{nonce}.{_proof(secrets, email, nonce)}", settings, YEAR)


def _proof(secrets: Secrets, email: str, nonce: str) -> str:
    return secrets.key_of("known-browser", f"{email.strip().lower()}:{nonce}")
