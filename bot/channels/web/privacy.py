"""The page at `/privacy`: what citizens are told about their data, and how long it is kept."""

from pathlib import Path

from babel.dates import format_date
from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates

from bot.channels.web.whose import whose
from bot.channels.web.words import names_of, say
from bot.privacy.retention import read_days
from bot.services import Services
from bot.web.language import language_of

HERE = Path(__file__).parent


def router(services: Services) -> APIRouter:
    """The one page; `?lang=` chooses its language, else the browser does, and `?agency=` whose it is."""
    templates = Jinja2Templates(HERE / "templates")
    routes = APIRouter(include_in_schema=False)

    @routes.get("/privacy")
    async def show(request: Request, lang: str = "", agency: str = "") -> Response:
        knowledge = services.knowledge
        language = lang if lang in knowledge.languages else language_of(request, knowledge.languages)
        pages = whose(services, agency)
        context = {
            "agency": pages.agency.name.get(language, pages.agency.id),
            "whose": pages,
            "language": language,
            "languages": names_of(knowledge),
            "t": lambda key, **args: say(key, language, **args),
            "sections": knowledge.notice.words[language].sections,
            "version": knowledge.notice.version,
            "valid_from": format_date(knowledge.notice.valid_from, format="long", locale=language),
            "days": read_days(knowledge.root),
        }
        return templates.TemplateResponse(request, "privacy.html", context)

    return routes
