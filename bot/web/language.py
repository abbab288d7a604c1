"""Which of our languages a browser asks for."""

from fastapi import Request

from bot.knowledge.knowledge import LANGUAGES


def language_of(request: Request) -> str:
    """The first language of `Accept-Language` that we speak."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]
