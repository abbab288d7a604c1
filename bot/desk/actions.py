"""What staff do with a conversation: take it, reply, note, hand back, close; drafts and the typing signal."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import delete

from bot.desk.context import Desk, services
from bot.desk.queries import read_conversation
from bot.desk.sessions import SignedIn
from bot.desk.talk import MODES, error_context, show_leave, show_take_over, show_talk
from bot.errors import STATUS, BotError
from bot.handoff.cases import MAX_REPLY
from bot.privacy.unsay import cover_again, read_removed
from bot.states import State
from bot.store.database import UnitOfWork
from bot.store.tables import Draft, Staff, now
from bot.web.pages import number, said
from bot.web.security import Signed

Field = Annotated[str, Form()]
GONE = ("not_found", "conversation_erased")
Asked = Annotated[str | None, Form()]  # None: the form that was sent did not ask for it
Leave = Callable[[UnitOfWork, str, Staff, str], Awaitable[Any]]
Act = Callable[[UnitOfWork, str, Staff], Awaitable[Any]]


class Actions:
    """Each action is one unit of work of the services; a refusal shows the conversation as it now stands."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the actions."""
        base = "/conversations/{conversation_id}"
        for name, action in (
            ("claim", self.claim),
            ("take-over", self.take_over),
            ("hand-back", self.hand_back),
            ("close", self.close),
            ("reply", self.reply),
            ("note", self.note),
            ("draft", self.draft),
            ("typing", self.typing),
            ("messages/{seq}/retry", self.retry),
        ):
            routes.add_api_route(f"{base}/{name}", action, methods=["POST"])

    async def claim(self, request: Request, who: Signed, conversation_id: str) -> Response:
        """Take the conversation; whoever comes second reads who has it."""
        return await self._move(request, who, conversation_id, services(request).cases.do_claim, "claimed")

    async def take_over(
        self, request: Request, who: Signed, conversation_id: str, holder: Field = "", why: Field = ""
    ) -> Response:
        """Take the conversation from a colleague, with a reason that she reads; without one, ask again."""
        wanted = number({"holder": holder}, "holder", 0, 2**31)

        async def act(uow: UnitOfWork, conversation_id: str, staff: Staff) -> None:
            await services(request).cases.do_take_over(uow, conversation_id, staff, wanted, why)

        async def ask_again(error: BotError) -> Response:
            return await show_take_over(self._desk, request, who, conversation_id, error, why)

        return await self._move(request, who, conversation_id, act, "claimed", ask_again=ask_again)

    async def hand_back(self, request: Request, who: Signed, conversation_id: str, why: Asked = None) -> Response:
        """Give the conversation back to the assistant."""
        leave = services(request).cases.do_hand_back
        return await self._leave(request, who, conversation_id, leave, why, "hand-back", "handed_back")

    async def close(self, request: Request, who: Signed, conversation_id: str, why: Asked = None) -> Response:
        """End the conversation."""
        return await self._leave(
            request, who, conversation_id, services(request).cases.do_close, why, "close", "closed"
        )

    async def reply(self, request: Request, who: Signed, conversation_id: str, text: Field = "") -> Response:
        """Send a reply to the citizen."""
        return await self._write(request, who, conversation_id, "reply", text)

    async def note(self, request: Request, who: Signed, conversation_id: str, text: Field = "") -> Response:
        """Leave a note for colleagues, by a way that leads to no channel."""
        return await self._write(request, who, conversation_id, "note", text)

    async def draft(
        self, request: Request, who: Signed, conversation_id: str, mode: Field = "reply", text: Field = ""
    ) -> Response:
        """Keep what has been typed."""
        if mode not in MODES:
            raise BotError("body_invalid")
        secrets, typed, mine = services(request).secrets, text[: MAX_REPLY * 2], (who.staff.agency, conversation_id)
        async with self._desk.database.read() as session:
            removed = await read_removed(session, *mine)
        words = await cover_again(secrets, removed, typed)
        async with self._desk.database.write() as uow:
            await services(request).cases.do_hold(uow, conversation_id, who.staff)
            if text.strip():
                since = await read_removed(uow.session, *mine)
                if since != removed:  # by her, while this was covered
                    words = await cover_again(secrets, since, typed)
                kept = Draft(staff_id=who.staff.id, conversation_id=conversation_id, mode=mode, text=words, at=now())
                await uow.session.merge(kept)
            else:
                await _do_clear_draft(uow, who.staff, conversation_id, mode)
            await uow.commit()
        return self._desk.pages.render(request, "_draft.html", kept=bool(text.strip()), now=now())

    async def typing(self, request: Request, who: Signed, conversation_id: str) -> Response:
        """Let the citizen see that her person is writing."""
        async with self._desk.database.read() as session:
            conversation = await read_conversation(session, who.staff, conversation_id)
        if conversation.state == State.STAFF and conversation.owner_id == who.staff.id:
            self._desk.hub.publish_typing(conversation_id, "staff")
        return Response(status_code=204)

    async def retry(self, request: Request, who: Signed, conversation_id: str, seq: str) -> Response:
        """Try a failed message again; one that is on its way by now just shows how far it has come."""
        wanted = number({"seq": seq}, "seq", 0)

        async def act(uow: UnitOfWork, conversation_id: str, staff: Staff) -> None:
            await services(request).cases.do_try_again(uow, conversation_id, staff, wanted)

        answer = await self._move(request, who, conversation_id, act, "tried_again", f"#m{wanted}")
        if "hx-request" in request.headers and answer.status_code in (303, 409):
            return Response(status_code=204, headers={"HX-Trigger": "talk"})
        return answer

    async def _leave(
        self, request: Request, who: SignedIn, conversation_id: str, leave: Leave, why: str | None, act: str, done: str
    ) -> Response:
        """Let it go, with a reason where danger is left without a reply; without one, ask for it."""

        async def do(uow: UnitOfWork, conversation_id: str, staff: Staff) -> None:
            await leave(uow, conversation_id, staff, why or "")

        async def ask_again(error: BotError) -> Response:
            return await show_leave(self._desk, request, who, conversation_id, act, error, why)

        return await self._move(request, who, conversation_id, do, done, ask_again=ask_again)

    async def _move(
        self,
        request: Request,
        who: SignedIn,
        conversation_id: str,
        act: Act,
        done: str,
        at: str = "",
        ask_again: Callable[[BotError], Awaitable[Response]] | None = None,
    ) -> Response:
        try:
            async with self._desk.database.write() as uow:
                await act(uow, conversation_id, who.staff)
                await uow.commit()
        except BotError as error:
            if error.code in GONE:
                raise
            if ask_again and error.code in ("message_empty", "message_too_long"):
                return await ask_again(error)
            return await show_talk(self._desk, request, who, conversation_id, error)
        return said(f"/desk/conversations/{conversation_id}{at}", done)

    async def _write(self, request: Request, who: SignedIn, conversation_id: str, mode: str, text: str) -> Response:
        cases = services(request).cases
        write = cases.do_reply if mode == "reply" else cases.do_note
        try:
            async with self._desk.database.write() as uow:
                await write(uow, conversation_id, who.staff, text)
                await _do_clear_draft(uow, who.staff, conversation_id, mode)
                await uow.commit()
        except BotError as error:
            if error.code in GONE:
                raise
            return await self._refused(request, who, conversation_id, mode, text, error)
        if "hx-request" not in request.headers:
            return RedirectResponse(f"/desk/conversations/{conversation_id}", 303)
        return self._form(request, conversation_id, mode, "", None)

    async def _refused(
        self, request: Request, who: SignedIn, conversation_id: str, mode: str, text: str, error: BotError
    ) -> Response:
        if "hx-request" in request.headers:
            return self._form(request, conversation_id, mode, text, error)
        return await show_talk(self._desk, request, who, conversation_id, error, mode=mode, text=text)

    def _form(self, request: Request, conversation_id: str, mode: str, text: str, error: BotError | None) -> Response:
        response = self._desk.pages.render(
            request,
            "_form.html",
            STATUS.get(error.code, 400) if error else 200,
            form_mode=mode,
            text=text,
            conversation_id=conversation_id,
            **error_context(error),
        )
        response.headers["HX-Trigger"] = "talk"
        return response


async def _do_clear_draft(uow: UnitOfWork, staff: Staff, conversation_id: str, mode: str) -> None:
    mine = (Draft.staff_id == staff.id, Draft.conversation_id == conversation_id, Draft.mode == mode)
    await uow.session.execute(delete(Draft).where(*mine))
