"""What browsers are told with every answer: what may run in it, who may frame it, who may read it."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import Settings
from bot.web.cookies import is_https
from bot.web.security import PRIVATE

PAGE = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors "
)
DATA = "default-src 'none'; frame-ancestors 'none'"  # the API and files: nothing of it is a page
CHAT_PAGES = frozenset({"/", "/chat"})
API = "/api/chat/"
WIDGET = "/static/chat/"  # what pages of other servers load
STYLES = ("/static/base.css", "/static/tokens.css")  # the chat's page in a closed frame is of no server
ALL = "*"


def listed(settings: Settings) -> list[str]:
    """The web addresses whose pages may embed the chat; `*` alone when any may."""
    origins = [origin.strip().rstrip("/") for origin in settings.chat_origins.split(",") if origin.strip()]
    return [ALL] if ALL in origins else origins


class WidgetAccess(CORSMiddleware):
    """What pages of other servers may ask of this one: what the widget needs, and nothing else has such headers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not str(scope["path"]).startswith((API, WIDGET)):
            await self.app(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


class SecurityHeaders:
    """Adds to every answer what browsers need to be strict with it; what a page says itself stands."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._framers = " ".join(["'self'", *listed(settings)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), path)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        private, chat = path.startswith(PRIVATE), path in CHAT_PAGES
        is_page = headers.get("content-type", "").startswith("text/html")
        headers.setdefault("Content-Security-Policy", self._policy(is_page, chat))
        if not chat:
            # Browsers that know frame-ancestors go by that; this is for older ones, and it cannot name pages.
            headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin" if private else "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self), payment=(), usb=()")
        open_to_others = path.startswith(WIDGET) or path in STYLES or "access-control-allow-origin" in headers
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if open_to_others else "same-origin")
        if is_page:
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if private:
            headers["Cache-Control"] = "no-store"
        elif path.startswith(API):
            headers.setdefault("Cache-Control", "no-store")
        if is_https(self._settings):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            _secure_cookies(headers)

    def _policy(self, is_page: bool, chat: bool) -> str:
        if not is_page:
            return DATA
        return PAGE + (self._framers if chat else "'none'")


def _secure_cookies(headers: MutableHeaders) -> None:
    """Cookies of no weight (the language, what has just been done) keep to https as well."""
    for at, (name, value) in enumerate(headers.raw):
        if name == b"set-cookie" and b"secure" not in value.lower():
            headers.raw[at] = (name, value + b"; Secure")
