"""Telegram's way in: each update stored once before Telegram is told so."""

import asyncio
import json
import re
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from telegram import Bot
from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram.quoted import read_quoted
from bot.channels.telegram.seen import CHANNEL, external_id, is_first_of, is_new
from bot.channels.telegram.updates import Heard, Json, hear, update_id_of
from bot.conversation.conversations import Citizen, do_find_or_start, find_newest
from bot.conversation.delivery import do_give_up
from bot.conversation.hub import Notice
from bot.conversation.inbox import Incoming, check_button, do_receive
from bot.errors import BotError
from bot.services import Services
from bot.states import WITH_PEOPLE, Author
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message, way_of
from bot.text import MAX_LENGTH, check_text, clean
from bot.turns.danger import hears
from bot.turns.data_requests import TYPED

log = structlog.get_logger()
CONTACT = "item_contact"  # the question for it
_COMMANDS = {"/person": "/ask_human", "/persona": "/ask_human"} | TYPED
_PERSON = ("/person", "/persona")
_OURS = frozenset({"/start", "/help", "/ayuda", "/language", "/idioma", *_COMMANDS})
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
TRIES = 3
MOST = 4_096  # characters that Telegram takes


class Receiver:
    """Stores the updates of one bot and wakes the lane; answers at once only what needs no turn.

    `name` is the agency whose own bot it is, empty for that of the installation's agency.
    """

    def __init__(self, services: Services, bot: Bot, name: str = "") -> None:
        self._services = services
        self._bot = bot
        self._name = name
        self._way = way_of(CHANNEL, name)
        self._calls: set[asyncio.Task[None]] = set()

    async def do_take(self, update: Json) -> None:
        """Store one update, once. A repeated one changes nothing, nor does one that cannot be read."""
        update_id = update_id_of(update)
        if update_id is None:
            log.warning("telegram.update_unreadable", problem="no update_id")
            return
        heard = await self._listened(hear(update, self._username))
        if heard.kind == "ignored":
            log.info("telegram.update_ignored", update=update_id, kind=heard.payload)
        notice: str | None = None
        try:
            notice = await self._do_store(update_id, heard)
        finally:
            if heard.callback_id:
                self._call(self._answer_callback(heard.callback_id, notice))
        if heard.kind == "group":
            self._call(self._refuse_group(heard))
        self._services.lane.wake()

    async def _listened(self, heard: Heard) -> Heard:
        """`heard` with whether the rule hears danger in what she typed, where that decides whether it gets a turn.

        In its turn a text is read by the rule anyway; one that is not too long has it whatever it says.
        """
        typed = heard.payload if heard.kind == "command" else heard.text
        if heard.kind not in ("text", "command", "edited") or not typed:
            return heard
        if heard.kind == "text" and len(typed) <= MAX_LENGTH:
            return heard
        return replace(heard, danger=await hears(typed.replace("_", " "), self._services.knowledge.words))

    async def close(self) -> None:
        """Let the calls that are on their way end, for a moment."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=5)

    def _call(self, call: Coroutine[Any, Any, None]) -> None:
        """Tell Telegram something without waiting for it: the update is stored, and others are behind it."""
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _do_store(self, update_id: int, heard: Heard) -> str | None:
        """One transaction; words for the notice over a button, if any. Two nodes may be handed one update at once, or
        two first messages of one person: the one that comes second looks again."""
        for left in reversed(range(TRIES)):
            try:
                async with self._services.database.write() as uow:
                    if not await is_new(uow, update_id, self._name):
                        return None
                    notice = await self._store(uow, update_id, heard)
                    await uow.commit()
                    return notice
            except IntegrityError:
                if not left:
                    raise
        return None

    @property
    def _username(self) -> str:
        """The bot's name, empty until Telegram has told it."""
        try:
            return self._bot.username
        except RuntimeError:
            return ""

    async def _store(self, uow: UnitOfWork, update_id: int, heard: Heard) -> str | None:
        """The row that this update becomes; words for the notice over a button, if any."""
        if heard.kind in ("ignored", "group"):
            return None
        if heard.kind in ("blocked", "back", "edited"):
            known = await self._do_note(uow, heard)
            if not heard.danger or known:
                return None
            heard = replace(heard, kind="text", edited=True)  # an edit that has become danger is a message
        conversation, fresh = await self._conversation(uow, heard)
        conversation.unreachable = conversation.unreachable_since = None
        try:
            incoming = await self._incoming(uow, conversation, update_id, heard, fresh)
        except BotError as error:
            words = self._services.knowledge.text(f"utter_system/{error.code}", conversation.language, **error.data)
            if heard.callback_id:
                return words
            await self._say_system(uow, conversation, error.code, **error.data)
            return None
        if incoming:
            await do_receive(uow, self._services.writer, conversation, incoming)
            if heard.kind == "text" and heard.payload:
                await self._say_unread(uow, conversation, heard, "not_text_beside")
        return None

    async def _say_unread(self, uow: UnitOfWork, conversation: Conversation, heard: Heard, code: str) -> None:
        """Say that something is not read; of an album once."""
        if not heard.album or await is_first_of(uow, heard.album, self._name):
            await self._say_system(uow, conversation, code)

    async def _do_note(self, uow: UnitOfWork, heard: Heard) -> bool:
        """What changes something in a conversation that is there; whether it changes a message that was danger."""
        keys = self._services.secrets.keys_of(self._way, str(heard.chat_id))
        conversation = await find_newest(uow, CHANNEL, keys)
        if conversation is None:
            return False
        self._services.writer.announce(uow, conversation, Notice("delivery", conversation.id))
        if heard.kind == "blocked":
            await do_give_up(uow, conversation.id, "blocked_by_citizen")
            return False
        conversation.unreachable = conversation.unreachable_since = None
        before = await _do_note_edit(uow, conversation, heard) if heard.kind == "edited" else ""
        return bool(before) and await hears(before, self._services.knowledge.words)

    async def _incoming(
        self, uow: UnitOfWork, conversation: Conversation, update_id: int, heard: Heard, fresh: bool
    ) -> Incoming | None:
        base = Incoming(CHANNEL, external_id(update_id, self._name), "text", "", client_id=f"tg{heard.message_id}")
        if heard.edited:
            base = replace(base, client_id=None)
        if heard.kind == "text":
            # Telegram lets her type a little more than others may, and cuts what is longer into parts. What is more
            # than the assistant reads is cut out; of a report nothing may be.
            whole = conversation.active_form and not heard.danger
            quoted = await read_quoted(uow, conversation, heard.quoted)
            return replace(base, text=check_text(heard.text, MAX_LENGTH if whole else MOST), payload=quoted)
        if heard.kind == "contact":
            return await self._contact(uow, conversation, base, heard)
        if heard.kind == "button":
            title, payload = await check_button(uow, conversation, heard.payload)
            return replace(
                base, kind="button", text=title, payload={"button": heard.payload, "payload": payload}, client_id=None
            )
        if heard.kind == "location" and heard.location:
            latitude, longitude = heard.location
            data = json.dumps({"lat": latitude, "lon": longitude})
            return replace(
                base,
                kind="location",
                text=f"{latitude:.5f}, {longitude:.5f}",
                payload={"payload": f"/share_location{data}"},
            )
        if heard.kind == "command":
            return await self._command(uow, conversation, base, heard, fresh)
        await self._say_unread(uow, conversation, heard, heard.payload)
        return None

    async def _contact(
        self, uow: UnitOfWork, conversation: Conversation, base: Incoming, heard: Heard
    ) -> Incoming | None:
        """Her own number answers the question for it, and people read any; else she is told what to do with it."""
        asked = (conversation.engine_state or {}).get("requested_slot") == CONTACT
        if conversation.state in WITH_PEOPLE or (heard.own and asked):
            return replace(base, text=check_text(heard.text))
        await self._say_system(uow, conversation, "contact_of_other" if asked else "contact_unasked")
        return None

    async def _command(
        self, uow: UnitOfWork, conversation: Conversation, base: Incoming, heard: Heard, fresh: bool
    ) -> Incoming | None:
        """The command itself is done when it stands alone; words behind it are a message."""
        writer = self._services.writer
        words = heard.payload
        if words and (heard.danger or (heard.text in _OURS and not _asks(heard))):
            return replace(base, text=check_text(words, MOST if heard.danger else MAX_LENGTH))
        if heard.text == "/start":
            if _START.fullmatch(heard.payload):
                conversation.start = heard.payload
                if topic := _topic_of(self._services, heard.payload):
                    title = self._services.knowledge.title_of(topic, conversation.language)
                    return replace(base, kind="button", text=title, payload={"payload": f"/faq/{topic}"})
            if not fresh:
                agency = self._services.knowledge.agencies[conversation.agency]
                name = agency.name.get(conversation.language, agency.id)
                notice = writer.told_about_data(conversation)
                await writer.do_say_response(
                    uow, conversation, "utter_welcome", Author.ASSISTANT, agency=name, notice=notice
                )
            return None
        if heard.text in ("/help", "/ayuda"):
            await writer.do_say_response(uow, conversation, "utter_help", Author.ASSISTANT)
            return None
        if heard.text in ("/language", "/idioma"):
            await writer.do_say_response(uow, conversation, "utter_choose_language", Author.ASSISTANT)
            return None
        if heard.text in _COMMANDS:
            title = check_text(words) if words else heard.text
            return replace(base, kind="button", text=title, payload={"payload": _COMMANDS[heard.text]})
        return replace(base, text=check_text(heard.text.lstrip("/") + " " + heard.payload))

    async def _conversation(self, uow: UnitOfWork, heard: Heard) -> tuple[Conversation, bool]:
        services = self._services
        spoken = services.knowledge.languages
        address = services.secrets.conceal(self._way, str(heard.chat_id))
        citizen = Citizen(
            channel=CHANNEL,
            bot=self._name,
            language=heard.language if heard.language in spoken else spoken[0],
            agency=self._name or services.settings.agency,
            address_key=address.key,
            old_address_keys=address.old_keys,
            address=address.sealed,
            display_name=heard.name or None,
        )
        return await do_find_or_start(uow, services.writer, citizen)

    async def _say_system(self, uow: UnitOfWork, conversation: Conversation, code: str, **data: Any) -> None:
        await self._services.writer.do_say_response(uow, conversation, f"utter_system/{code}", **data)

    async def _refuse_group(self, heard: Heard) -> None:
        words = self._services.knowledge.text("utter_system/group_refused", self._services.knowledge.languages[0])
        try:
            try:
                await self._bot.send_message(heard.chat_id, words)
            except ChatMigrated as moved:
                await self._bot.send_message(moved.new_chat_id, words)
        except TelegramError as error:
            log.warning("telegram.group_refusal_failed", problem=type(error).__name__)

    async def _answer_callback(self, callback_id: str, words: str | None) -> None:
        """Always: without it the citizen's button keeps spinning."""
        try:
            await self._bot.answer_callback_query(callback_id, text=words[:200] if words else None)
        except TelegramError as error:
            log.warning("telegram.callback_unanswered", problem=type(error).__name__)


async def _do_note_edit(uow: UnitOfWork, conversation: Conversation, heard: Heard) -> str:
    """Staff see the new text with the old one beside it, which is returned: empty when the message is not there."""
    found = await uow.session.execute(
        select(Message).where(Message.conversation_id == conversation.id, Message.client_id == f"tg{heard.message_id}")
    )
    message = found.scalars().first()
    before = message.text if message else ""
    if message and (words := clean(heard.text, MOST)):
        message.edited_from = message.edited_from or message.text
        message.text = words
    return before


def _asks(heard: Heard) -> bool:
    """Whether a command says more with words behind it: a link's topic, or what a person is wanted for."""
    return heard.text in _PERSON or (heard.text == "/start" and _START.fullmatch(heard.payload) is not None)


def _topic_of(services: Services, payload: str) -> str | None:
    """`t_<topic>` of a deep link."""
    topic = payload.removeprefix("t_")
    return topic if payload.startswith("t_") and topic in services.knowledge.topics else None
