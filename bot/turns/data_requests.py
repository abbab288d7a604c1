"""What a citizen asks about her data within the chat: read it, erase it, take back what she typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.writer import Said, Writer
from bot.handoff.danger import is_left_in_danger
from bot.handoff.erased import do_keep_danger
from bot.handoff.owed import do_waive, is_danger_owed
from bot.knowledge.last_resort import render_surely
from bot.knowledge.render import kinds_in_words
from bot.privacy.forget import FORGOTTEN, Preview, do_forget, read_preview
from bot.privacy.person import conversation_ids
from bot.privacy.personal import KINDS
from bot.privacy.secrets import Secrets
from bot.privacy.unsay import Covered, do_unsay, work_out
from bot.states import WITH_PEOPLE, Author
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Conversation, Inbox, Message
from bot.turns.danger import hears

MY_DATA, FORGET, FORGET_YES, UNSAY = "system.my_data", "system.forget", "system.forget_yes", "system.unsay"
KEEP, GET_FILES = "system.keep", "system.my_data_files"  # a page that can, fetches the files when the second is pressed
COMMANDS = frozenset({MY_DATA, GET_FILES, FORGET, FORGET_YES, UNSAY, KEEP})
ERASING = frozenset({FORGET_YES, UNSAY})
# As they are typed, on every channel.
TYPED = {"/mydata": MY_DATA, "/misdatos": MY_DATA, "/forget": FORGET, "/olvidar": FORGET}
MY_DATA_FILES = "utter_my_data_files"
TOLD = "utter_personal_data"
CONTACTS = frozenset({"phone", "email"})  # kinds that somebody can be answered by
CRISIS = "utter_crisis"
UNSAID, UNSAID_CONTACT = "utter_unsaid", "utter_unsaid_contact"
# What is said when lines before it are gone or changed: open pages read them again.
ERASURES = frozenset({FORGOTTEN, f"{UNSAID}_web", f"{UNSAID}_telegram", UNSAID_CONTACT})


@dataclass(frozen=True)
class Ready:
    """What was worked out before anything was locked: covered texts, or whether danger is heard in some."""

    covered: Covered | None = None
    heard: Mapping[str, bool] = field(default_factory=dict)


NOTHING = Ready()


class PrivacyCommands:
    """Does what is asked, and says so."""

    def __init__(self, writer: Writer, secrets: Secrets) -> None:
        self._writer = writer
        self._secrets = secrets

    async def work_out(self, database: Database, conversation_id: str, command: str) -> Ready:
        """What takes long of one of COMMANDS, done before anything is locked."""
        if command == UNSAY:
            return Ready(covered=await work_out(database, self._secrets, conversation_id))
        if command != FORGET_YES:
            return Ready()
        async with database.read() as session:
            conversation = await session.get(Conversation, conversation_id)
            texts = await _unanswered(session, await conversation_ids(session, conversation)) if conversation else []
        return Ready(heard={text: await hears(text, self._writer.knowledge.words) for text in texts})

    async def do_command(
        self, uow: UnitOfWork, conversation: Conversation, command: str, ready: Ready = NOTHING
    ) -> Conversation:
        """Carry out one of COMMANDS, `ready` as it was worked out; the conversation as it is afterwards."""
        say = self._writer.do_say_response
        if command in (MY_DATA, GET_FILES):
            await say(uow, conversation, f"{MY_DATA_FILES}_{conversation.channel}")
        elif command == FORGET:
            preview = await read_preview(uow.session, conversation)
            lines = self._lines(conversation, preview)
            if await _is_in_danger(uow, await conversation_ids(uow.session, conversation)):
                lines += "\n" + self._writer.knowledge.text("utter_forget_danger", conversation.language)
            await say(uow, conversation, "utter_forget_preview", lines=lines)
        elif command == FORGET_YES:
            conversation = await self._do_forget(uow, conversation, ready.heard)
        elif command == UNSAY:
            await self._do_unsay(uow, conversation, ready.covered)
        else:
            await say(uow, conversation, "utter_kept")
        return conversation

    async def _do_forget(self, uow: UnitOfWork, conversation: Conversation, heard: Mapping[str, bool]) -> Conversation:
        """Erase her. Of danger that no person has replied to a case without words stays, and she gets the numbers."""
        ids = await conversation_ids(uow.session, conversation)
        danger = await _is_in_danger(uow, ids) or await self._waits_in_danger(uow, ids, heard)
        await do_waive(uow, ids)
        shell = await do_forget(uow, conversation)
        if danger:
            numbers = render_surely(self._writer.knowledge, CRISIS, shell.language, shell.agency)
            said = Said(Author.ASSISTANT, numbers.text, response=CRISIS, language=shell.language)
            await self._writer.do_say(uow, shell, said)
            await do_keep_danger(uow, self._writer, shell.agency, shell.language)
            await self._writer.do_say_response(uow, shell, "utter_forgotten_danger")
        await self._writer.do_say_response(uow, shell, FORGOTTEN)
        self._writer.announce_state(uow, shell)
        return shell

    async def _waits_in_danger(self, uow: UnitOfWork, ids: list[str], heard: Mapping[str, bool]) -> bool:
        """Whether a message that is erased before its turn tells of danger, by the rule; `heard` is known already."""
        came = [text for text in await _unanswered(uow.session, ids) if text not in heard]
        return any(heard.values()) or any([await hears(text, self._writer.knowledge.words) for text in came])

    async def do_tell(self, uow: UnitOfWork, conversation: Conversation, found: list[str]) -> None:
        """Say once per conversation that personal data was typed which nobody needs; not where it is of use.

        `found` are its kinds. A form asks for a contact, people read what is written to them, and a contact after
        something was filed belongs to that.
        """
        if conversation.active_form or conversation.state in WITH_PEOPLE:
            return
        slots = (conversation.engine_state or {}).get("slots") or {}
        if slots.get("filed") or slots.get("needs"):
            found = [kind for kind in found if kind not in CONTACTS]
        if not found:
            return
        told = select(Message.id).where(Message.conversation_id == conversation.id, Message.response == TOLD).limit(1)
        if await uow.session.scalar(told):
            return
        words = self._words(conversation, found)
        await self._writer.do_say_response(uow, conversation, TOLD, Author.ASSISTANT, kinds=words)

    async def _do_unsay(self, uow: UnitOfWork, conversation: Conversation, ready: Covered | None) -> None:
        say, unsaid = self._writer.do_say_response, await do_unsay(uow, self._secrets, conversation, ready)
        if not unsaid.kinds and not unsaid.contact:
            await say(uow, conversation, "utter_unsaid_nothing", kinds=self._words(conversation, KINDS))
            return
        if unsaid.kinds:
            words = self._words(conversation, unsaid.kinds)
            await say(uow, conversation, f"{UNSAID}_{conversation.channel}", kinds=words)
        if unsaid.contact:
            await say(uow, conversation, UNSAID_CONTACT)

    def _lines(self, conversation: Conversation, preview: Preview) -> str:
        """What is erased, a line each; what there is none of has no line."""
        text, language = self._writer.knowledge.text, conversation.language

        def counted(name: str, count: int) -> str:
            return text(f"{name}_{'one' if count == 1 else 'many'}", language, count=count) if count else ""

        messages = counted("utter_count_messages", preview.messages)
        conversations = counted("utter_count_conversations", preview.conversations)
        chat = text("utter_forget_chat", language, messages=messages, conversations=conversations)
        items = counted("utter_forget_erased", preview.items_erased), counted("utter_forget_kept", preview.items_kept)
        return "\n".join(line for line in (chat, *items) if line)

    def _words(self, conversation: Conversation, found: Iterable[str]) -> str:
        return kinds_in_words(self._writer.knowledge, found, conversation.language)


async def _unanswered(session: AsyncSession, ids: list[str]) -> list[str]:
    """The messages of these conversations whose turn has not come."""
    behind = select(Message.text).join(
        Inbox, (Inbox.conversation_id == Message.conversation_id) & (Inbox.message_seq == Message.seq)
    )
    return list(await session.scalars(behind.where(Inbox.conversation_id.in_(ids), Inbox.answered_at.is_(None))))


async def _is_in_danger(uow: UnitOfWork, ids: list[str]) -> bool:
    """Whether one of these conversations has told of danger that nobody has replied to, or was called for yet."""
    return await is_left_in_danger(uow.session, ids) or await is_danger_owed(uow.session, ids)
