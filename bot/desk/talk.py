"""The page of one conversation: transcript, context packet, and what may be done now."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.context import Desk
from bot.desk.queries import (
    Filter,
    Talk,
    read_conversation,
    read_counts,
    read_danger,
    read_deliveries,
    read_names,
    read_rows,
    read_talk,
)
from bot.errors import STATUS, BotError
from bot.handoff.cases import MAX_WHY
from bot.handoff.holding import may_take_over
from bot.states import State
from bot.store.tables import Conversation, Staff
from bot.web.pages import number
from bot.web.security import Signed, SignedIn

MODES = ("reply", "note")


class TalkPages:
    """What is read of one conversation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        routes.add_api_route("/conversations/{conversation_id}", self.show, methods=["GET"])
        routes.add_api_route("/conversations/{conversation_id}/updates", self.updates, methods=["GET"])
        routes.add_api_route("/conversations/{conversation_id}/close", self.ask_close, methods=["GET"])
        routes.add_api_route("/conversations/{conversation_id}/take-over", self.ask_take_over, methods=["GET"])

    async def show(self, request: Request, who: Signed, conversation_id: str) -> Response:
        """The whole page."""
        return await show_talk(self._desk, request, who, conversation_id)

    async def updates(self, request: Request, who: Signed, conversation_id: str) -> Response:
        """What is new since the line `after`, to be put into the page where it belongs."""
        after = number(request.query_params, "after", 0, 2**31)
        async with self._desk.database.read() as session:
            talk = await read_talk(session, who.staff, conversation_id, after=after)
            context = await _around(self._desk, session, who.staff, talk)
            context["deliveries"] = await read_deliveries(session, talk.conversation)
        context["after"] = after
        shown = request.query_params.get("mode")
        context["changed"] = shown != context["mode"]
        response = await self._desk.pages.render_apart(request, "_updates.html", **context)
        if (shown, context["mode"]) == ("mine", "others") and talk.holder:
            words = self._desk.pages.say(request, "error.already_taken", holder=talk.holder.name)
            response.headers["HX-Trigger"] = json.dumps({"toast": words})
        return response

    async def ask_close(self, request: Request, who: Signed, conversation_id: str) -> Response:
        """The question before closing, as a page of its own where no script runs."""
        return await show_leave(self._desk, request, who, conversation_id, "close")

    async def ask_take_over(self, request: Request, who: Signed, conversation_id: str) -> Response:
        """Why somebody takes it from a colleague."""
        return await show_take_over(self._desk, request, who, conversation_id)


async def show_leave(
    desk: Desk,
    request: Request,
    who: SignedIn,
    conversation_id: str,
    act: str,
    error: BotError | None = None,
    why: str | None = None,
) -> Response:
    """The question before `act`: close or hand-back. Where danger was left without a reply it asks why, too.

    `why` is what was typed there; None where it was not asked for yet, so that nothing was done wrong.
    """
    async with desk.database.read() as session:
        conversation = await read_conversation(session, who.staff, conversation_id)
        danger = await read_danger(session, conversation)
    context = {"conversation": conversation, "act": act, "danger": danger, "why": why or "", "most_why": MAX_WHY}
    context |= error_context(error if why is not None else None) | {"title": f"act.{act.replace('-', '_')}"}
    status = STATUS.get(error.code, 400) if error else 200
    return desk.pages.render(request, "close.html", status, **context)


async def show_take_over(
    desk: Desk, request: Request, who: SignedIn, conversation_id: str, error: BotError | None = None, why: str = ""
) -> Response:
    """The question before a conversation is taken from whoever holds it.

    Raises BotError `forbidden` for those who may not.
    """
    async with desk.database.read() as session:
        conversation = await read_conversation(session, who.staff, conversation_id)
        holder = await session.get(Staff, conversation.owner_id) if conversation.owner_id else None
    if holder is None or mode_of(conversation, who.staff) != "others":
        return RedirectResponse(f"/desk/conversations/{conversation_id}", 303)
    if not may_take_over(who.staff, holder):
        raise BotError("forbidden")
    context = {"conversation": conversation, "holder": holder, "why": why, "most": MAX_WHY} | error_context(error)
    return desk.pages.render(request, "take_over.html", STATUS.get(error.code, 400) if error else 200, **context)


async def show_talk(
    desk: Desk, request: Request, who: SignedIn, conversation_id: str, error: BotError | None = None, **typed: str
) -> Response:
    """The page of a conversation, with an error and what was typed when something was refused.

    `typed` holds `mode` (reply or note) and `text`.
    """
    whole = "all" in request.query_params
    async with desk.database.read() as session:
        talk = await read_talk(session, who.staff, conversation_id, whole=whole)
        context = await _around(desk, session, who.staff, talk)
        context |= await read_side(session, who.staff, conversation_id)
    if typed:
        context["drafts"] = talk.drafts | {typed["mode"]: typed["text"]}
    context |= error_context(error) | {"wrong_mode": typed.get("mode", "")}
    status = STATUS.get(error.code, 400) if error else 200
    return await desk.pages.render_apart(request, "conversation.html", status, **context)


async def read_side(session: AsyncSession, staff: Staff, current: str) -> dict[str, Any]:
    """The short list beside an open conversation: who waits, and mine."""
    waiting, _ = await read_rows(session, staff, Filter())
    mine, _ = await read_rows(session, staff, Filter(view="mine"))
    counts = await read_counts(session, staff)
    return {"side": [("waiting", waiting), ("mine", mine)], "counts": counts, "current": current}


def error_context(error: BotError | None) -> dict[str, Any]:
    """An error as the templates word it: `error` is the key of its text, `error_data` what goes into it."""
    if error is None:
        return {"error": "", "error_data": {}}
    free = error.code == "not_yours" and not error.data.get("holder")
    return {"error": "error.not_yours_free" if free else f"error.{error.code}", "error_data": error.data}


def mode_of(conversation: Conversation, staff: Staff) -> str:
    """What the reader may do: `mine`, `others`, `free` (to be taken) or `closed`."""
    if conversation.state == State.CLOSED:
        return "closed"
    if conversation.state != State.STAFF:
        return "free"
    return "mine" if conversation.owner_id == staff.id else "others"


async def _around(desk: Desk, session: AsyncSession, staff: Staff, talk: Talk) -> dict[str, Any]:
    """What the page and its updates have in common."""
    mode = mode_of(talk.conversation, staff)
    return {
        "talk": talk,
        "conversation": talk.conversation,
        "mode": mode,
        "may_take_over": mode == "others" and talk.holder is not None and may_take_over(staff, talk.holder),
        "packet": talk.case.packet if talk.case else None,
        "names": await read_names(session, staff),
        "most_why": MAX_WHY,
        "drafts": talk.drafts,
        "here": desk.hub.listening(talk.conversation.id) > 0,
        "states": [str(state) for state in State],
    } | error_context(None)
