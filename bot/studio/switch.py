"""The page of the switch: an administrator turns the assistant off, and on again, for her agency."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import select

from bot.desk.context import services
from bot.desk.queries import read_names
from bot.errors import BotError
from bot.handoff.switch import ALL, MOST_REASON
from bot.store.tables import Event
from bot.web.pages import Pages, said
from bot.web.security import Administrator

KINDS = ("assistant_off", "assistant_on")
SHOWN = 10
ADDRESS = "/studio/assistant"


class SwitchPages:
    """Shows how the switch stands and who used it, and throws it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def add_to(self, routes: APIRouter) -> None:
        """Mount the page."""
        routes.add_api_route("/assistant", self.show, methods=["GET"])
        routes.add_api_route("/assistant", self.throw, methods=["POST"])

    async def show(self, request: Request, who: Administrator) -> Response:
        """How it stands, and who used it lately."""
        parts = services(request)
        await parts.switch.refresh()
        used = select(Event).where(Event.agency == who.staff.agency, Event.kind.in_(KINDS))
        async with parts.database.read() as session:
            events = (await session.scalars(used.order_by(Event.id.desc()).limit(SHOWN))).all()
            names = await read_names(session, who.staff)
        people = {f"staff:{number}": name for number, name in names.items()}
        context: dict[str, Any] = {"events": events, "people": people, "everywhere": ALL, "most": MOST_REASON}
        return self._pages.render(request, "assistant.html", **context)

    async def throw(
        self, request: Request, who: Administrator, to: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
    ) -> Response:
        """Turn it off or on for the administrator's agency. What an operator turned off for all stays off."""
        if to not in ("on", "off"):
            raise BotError("body_invalid")
        switch = services(request).switch
        by, agency = f"staff:{who.staff.id}", who.staff.agency
        if to == "off":
            await switch.do_turn_off(agency, by, reason)
        else:
            await switch.do_turn_on(agency, by)
        return said(ADDRESS, f"assistant_{to}")
