"""Which of a town's languages a browser asks for."""

from fastapi import Request


def language_of(request: Request, languages: tuple[str, ...]) -> str:
    """The first language of `Accept-Language` that is among `languages`, else the first of these."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in languages:
            return code
    return languages[0]
