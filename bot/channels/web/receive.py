"""The public API of the web chat, way in: start, write, press, rate. Store first, then say 202."""

import datetime as dt
import hmac
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import bindparam, select, update

from bot.channels.web.delivered import do_note_delivered
from bot.channels.web.view import read_page
from bot.conversation.conversations import Citizen, do_start
from bot.conversation.inbox import Incoming, Receipt, check_button, do_receive
from bot.errors import BotError
from bot.limits import ADDRESS, DANGER, MESSAGES, READS, STARTS, STRANGERS, address_of, cost_of
from bot.metrics import RECEIVE_SECONDS
from bot.privacy.my_data import read_files
from bot.privacy.secrets import hash_token, new_token
from bot.services import Services
from bot.states import Author, State
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, now
from bot.text import MAX_LENGTH, check_length, check_text
from bot.turns.danger import hears
from bot.turns.data_requests import TYPED

TOKEN_LIFE = dt.timedelta(days=30)
_MINE = select(Conversation).where(Conversation.id == bindparam("conversation"), Conversation.channel == "web")
_LOCKED = _MINE.with_for_update()
LAST_SEQ = 2**31 - 1  # what the column holds


class NewConversation(BaseModel):
    """What may be said when a conversation starts."""

    model_config = ConfigDict(extra="forbid")
    language: str | None = Field(None, max_length=8)
    agency: str | None = Field(None, max_length=40)


class NewMessage(BaseModel):
    """A text or a pressed button, with the id that the client gave it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "oneOf": [
                {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
                for one, other in (("text", "button"), ("button", "text"))
            ]
        },
    )
    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    text: str | None = Field(None, max_length=60_000)
    button: str | None = Field(None, max_length=64)
    more: bool = Field(False, description="another part of the same text follows")

    @model_validator(mode="after")
    def _one_of_two(self) -> "NewMessage":
        if (self.text is None) == (self.button is None):
            raise ValueError("either text or button")
        return self


class Rating(BaseModel):
    """Whether an answer was of use."""

    model_config = ConfigDict(extra="forbid")
    useful: bool


class WebChat:
    """Takes in what citizens do on the web."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def do_start(self, asked: NewConversation, address: str) -> dict[str, Any]:
        """A new conversation with its token, which is shown this once. `address` is where it is begun from."""
        services, token = self._services, new_token()
        await services.limits.check(STARTS, address)
        spoken = services.knowledge.languages
        language = asked.language if asked.language in spoken else spoken[0]
        known = asked.agency is not None and asked.agency in services.knowledge.agencies
        agency = asked.agency if asked.agency and known else services.settings.agency
        async with services.database.write(short=True) as uow:
            citizen = Citizen("web", language, agency, token_hash=hash_token(token))
            conversation = await do_start(uow, services.writer, citizen)
            page = await read_page(uow.session, conversation, 0)
            await uow.commit()
        return {
            "conversation": conversation.id,
            "token": token,
            "language": conversation.language,
            "messages": page.messages,
        }

    async def do_write(self, conversation_id: str, token: str, sent: NewMessage, address: str) -> Receipt:
        """Store a message once and wake the lane. `address` is where it comes from.

        Only who holds a token uses what token holders of an address may send.
        """
        check_length(sent.text or "")
        async with self._services.database.write(short=True) as uow:
            conversation = await self.find_mine(uow, conversation_id, token, address, lock=True)
            await self._check_haste(conversation, address, sent.text or "")
            text = check_text(sent.text) if sent.text is not None else ""
            external = f"{conversation.id}:{sent.id}"
            more = {"more": True} if sent.more else {}
            incoming = Incoming("web", external, "text", text, more, client_id=sent.id)
            if command := TYPED.get(text.strip().lower()):
                incoming = replace(incoming, kind="button", payload={"payload": command})
            if sent.button is not None:
                incoming = await self._pressed(uow, conversation, sent, external)
            if conversation.state == State.CLOSED:
                raise BotError("conversation_closed", language=conversation.language)
            receipt = await do_receive(uow, self._services.writer, conversation, incoming)
            leased = receipt.waiting if self._services.lane.lease(receipt.waiting) else None
            await uow.commit()
        self._services.limits.note_address(conversation.id, address)
        if leased:
            self._services.lane.take(leased)
        else:
            self._services.lane.wake()
        return receipt

    async def find_mine(
        self, uow: UnitOfWork, conversation_id: str, token: str, address: str, *, lock: bool = False
    ) -> Conversation:
        """As `find`; wrong tokens are counted by themselves, and raise `rate_limited` when there are too many."""
        try:
            return await find(uow, conversation_id, token, lock=lock)
        except BotError:
            await self._services.limits.check(STRANGERS, address)
            raise

    async def _check_haste(self, conversation: Conversation, address: str, text: str) -> None:
        """Raises BotError `rate_limited`; danger passes once in a few seconds all the same."""
        limits = self._services.limits
        try:
            await limits.check(ADDRESS, address, cost_of(text))
            await limits.check(MESSAGES, conversation.id)
        except BotError as error:
            error.data["language"] = conversation.language
            if not await self.hears(text):
                raise
            try:
                await limits.check(DANGER, conversation.id)
            except BotError:
                raise error from None

    async def hears(self, text: str | None) -> bool:
        """Whether the rule hears danger in a text, of which as much is read as a message may have."""
        return bool(text) and await hears(str(text)[:MAX_LENGTH], self._services.knowledge.words)

    async def _pressed(self, uow: UnitOfWork, conversation: Conversation, sent: NewMessage, external: str) -> Incoming:
        key = str(sent.button)
        try:
            title, payload = await check_button(uow, conversation, key)
        except BotError as error:
            error.data["language"] = conversation.language
            raise
        words = self._services.knowledge.text(f"utter_label_{key}", conversation.language) if title == key else title
        return Incoming("web", external, "button", words, {"button": key, "payload": payload}, sent.id)

    async def do_rate(self, conversation_id: str, token: str, seq: int, rating: Rating, address: str) -> None:
        """Remember whether an answer was of use; the last word counts."""
        async with self._services.database.write(short=True) as uow:
            conversation = await self.find_mine(uow, conversation_id, token, address)
            await self._services.limits.check(ADDRESS, address)
            rated = await uow.session.execute(
                update(Message)
                .where(
                    Message.conversation_id == conversation.id, Message.seq == seq, Message.author == Author.ASSISTANT
                )
                .values(useful=rating.useful)
                .returning(Message.id)
                .execution_options(synchronize_session=False)
            )
            if rated.scalar_one_or_none() is None:
                raise BotError("not_found")
            await uow.commit()


async def find(uow: UnitOfWork, conversation_id: str, token: str, *, lock: bool = False) -> Conversation:
    """The conversation that the token opens. Raises BotError `conversation_unknown` or `token_invalid`."""
    found = await uow.session.execute(_LOCKED if lock else _MINE, {"conversation": conversation_id})
    conversation = found.scalar_one_or_none()
    if conversation is None:
        raise BotError("conversation_unknown")
    fits = hmac.compare_digest(hash_token(token), conversation.token_hash or "")
    if not fits or conversation.active_at < now() - TOKEN_LIFE:
        raise BotError("token_invalid", language=conversation.language)
    return conversation


async def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """The token of the `Authorization` header; empty when there is none."""
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def sender(request: Request) -> str:
    """The address that limits count by."""
    return address_of(request)


Token = Annotated[str, Depends(bearer)]
Address = Annotated[str, Depends(sender)]
Seq = Annotated[int, Path(ge=1, le=LAST_SEQ)]


def router(services: Services) -> APIRouter:
    """The routes of `/api/chat/v1`."""
    chat = WebChat(services)
    routes = APIRouter(prefix="/api/chat/v1", tags=["chat"])

    @routes.post("/conversations", status_code=201)
    async def start(asked: NewConversation, address: Address) -> dict[str, Any]:
        return await chat.do_start(asked, address)

    took = RECEIVE_SECONDS.labels("web")

    @routes.post("/conversations/{conversation_id}/messages", status_code=202, response_model=dict[str, int])
    async def write(request: Request, conversation_id: str, sent: NewMessage, token: Token) -> Response:
        with took.time():
            try:
                receipt = await chat.do_write(conversation_id, token, sent, address_of(request))
            except Exception:
                request.state.danger = await chat.hears(sent.text)
                raise
        return JSONResponse({"seq": receipt.seq}, 202)  # as it is: what we made needs no checking

    @routes.get("/conversations/{conversation_id}/messages")
    async def read(
        conversation_id: str, token: Token, address: Address, after: Annotated[int, Query(ge=0, le=LAST_SEQ)] = 0
    ) -> dict[str, Any]:
        await services.limits.check(READS, address)
        async with services.database.read(short=True) as session:
            conversation = await find(UnitOfWork(session), conversation_id, token)
            page = await read_page(session, conversation, after)
        await do_note_delivered(services, conversation, page.messages)
        return page.as_json()

    @routes.post("/conversations/{conversation_id}/messages/{seq}/feedback", status_code=204)
    async def rate(conversation_id: str, seq: Seq, rating: Rating, token: Token, address: Address) -> None:
        await chat.do_rate(conversation_id, token, seq, rating, address)

    @routes.post("/conversations/{conversation_id}/mydata")
    async def my_data(conversation_id: str, token: Token, address: Address) -> dict[str, str]:
        async with services.database.read() as session:
            conversation = await chat.find_mine(UnitOfWork(session), conversation_id, token, address)
            await services.limits.check(ADDRESS, address)
            return await read_files(session, services.knowledge, services.secrets, conversation)

    return routes
