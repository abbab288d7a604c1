"""The desk at `/desk`: its routes, the queue and the conversations."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.conversation.hub import Hub
from bot.desk.account_pages import AccountPages
from bot.desk.actions import Actions
from bot.desk.context import Desk
from bot.desk.items import ItemPages
from bot.desk.live import LiveLink
from bot.desk.people_pages import PeoplePages
from bot.desk.queries import CHANNELS, PAGE, VIEWS, Filter, read_counts, read_next_waiting, read_rows
from bot.desk.sign_in import SignInPages
from bot.desk.talk import TalkPages, read_side
from bot.errors import BotError
from bot.knowledge.accent import accent_sheet
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from bot.states import Reason
from bot.store.database import Database
from bot.web.pages import Pages, guarded_router, said
from bot.web.security import Signed

HERE = Path(__file__).parent


def router(database: Database, knowledge: Knowledge, hub: Hub, settings: Settings) -> APIRouter:
    """All pages of the desk."""
    desk = Desk(database, knowledge, hub, settings, Pages(knowledge, settings, HERE))
    routes = guarded_router("/desk")
    for part in (
        SignInPages(desk),
        AccountPages(desk),
        PeoplePages(desk),
        QueuePages(desk),
        TalkPages(desk),
        Actions(desk),
        ItemPages(desk),
        LiveLink(desk),
    ):
        part.add_to(routes)
    routes.add_api_route("/{rest:path}", _nothing, methods=["GET", "POST"])
    return routes


async def _nothing(rest: str) -> Response:
    raise BotError("not_found")


class QueuePages:
    """The list of conversations, and what leads into it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        routes.add_api_route("", self.queue, methods=["GET"])
        routes.add_api_route("/", self.home, methods=["GET"])
        routes.add_api_route("/list", self.rows, methods=["GET"])
        routes.add_api_route("/next", self.next_waiting, methods=["GET"])
        routes.add_api_route("/accent.css", self.accent, methods=["GET"])

    async def home(self) -> Response:
        """The address with a slash too many."""
        return RedirectResponse("/desk", 307)

    async def queue(self, request: Request, who: Signed) -> Response:
        """The page of the list."""
        return await self._list(request, who, "queue.html")

    async def rows(self, request: Request, who: Signed) -> Response:
        """The list alone, as a page fetches it anew; with `current`, the short one beside an open conversation."""
        current = request.query_params.get("current", "")
        if not current:
            return await self._list(request, who, "_rows.html")
        async with self._desk.database.read() as session:
            context = await read_side(session, who.staff, current)
        return await self._desk.pages.render_apart(request, "_side.html", **context)

    async def next_waiting(self, who: Signed) -> Response:
        """To the conversation that waits first."""
        async with self._desk.database.read() as session:
            found = await read_next_waiting(session, who.staff)
        return RedirectResponse(f"/desk/conversations/{found}", 303) if found else said("/desk", "nobody_waits")

    async def accent(self, who: Signed) -> Response:
        """The agency's colour as a style sheet: no page carries styles of its own."""
        sheet = accent_sheet(self._desk.knowledge.agencies[who.staff.agency].accent)
        return Response(sheet, media_type="text/css")

    async def _list(self, request: Request, who: Signed, template: str) -> Response:
        wanted = Filter.read(request.query_params)
        async with self._desk.database.read() as session:
            rows, total = await read_rows(session, who.staff, wanted)
            counts = await read_counts(session, who.staff)
        context: dict[str, Any] = {
            "wanted": wanted,
            "rows": rows,
            "total": total,
            "pages": -(-total // PAGE),
            "counts": counts,
            "views": VIEWS,
            "channels": CHANNELS,
            "reasons": [str(reason) for reason in Reason],
        }
        return await self._desk.pages.render_apart(request, template, **context)
