"""Cookies that only this server reads: out of reach of scripts, of other sites' forms, and under https of neighbours.

Behind https their names begin with `__Host-`: a browser then takes them from this very host alone, only over TLS.
"""

from fastapi import Request, Response

from bot.settings import Settings

PREFIX = "__Host-"


def is_https(settings: Settings) -> bool:
    """Whether the world reaches us by https."""
    return settings.public_url.startswith("https://")


def name_of(base: str, settings: Settings) -> str:
    """What the cookie is called here."""
    return PREFIX + base if is_https(settings) else base


def read_cookie(request: Request, base: str, settings: Settings) -> str:
    """Its value, or nothing."""
    return request.cookies.get(name_of(base, settings), "")


def keep_cookie(response: Response, base: str, value: str, settings: Settings, seconds: int | None = None) -> None:
    """Give it to the browser for so many seconds, or until the browser closes."""
    response.set_cookie(
        name_of(base, settings),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(settings),
    )


def drop_cookie(response: Response, base: str, settings: Settings) -> None:
    """Take it back."""
    response.delete_cookie(name_of(base, settings), path="/", httponly=True, samesite="lax", secure=is_https(settings))
