"""What a citizen asks about her data within the chat: read it, erase it, take back what she typed."""

from sqlalchemy import select

from bot.apart import apart
from bot.conversation.states import Author
from bot.conversation.writer import Writer
from bot.privacy.forget import FORGOTTEN, do_forget, read_preview
from bot.privacy.mask import mask
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation, Message

MY_DATA, FORGET, FORGET_YES, UNSAY = "system.my_data", "system.forget", "system.forget_yes", "system.unsay"
KEEP = "system.keep"
COMMANDS = frozenset({MY_DATA, FORGET, FORGET_YES, UNSAY, KEEP})
ERASING = frozenset({FORGET_YES, UNSAY})
# As they are typed, on every channel.
TYPED = {"/mydata": MY_DATA, "/misdatos": MY_DATA, "/forget": FORGET, "/olvidar": FORGET}
MY_DATA_FILES = "utter_my_data_files"
TOLD = "utter_personal_data"


class PrivacyCommands:
    """Does what is asked, and says so."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def do_command(self, uow: UnitOfWork, conversation: Conversation, command: str) -> Conversation:
        """Carry out one of COMMANDS; the conversation as it is afterwards."""
        say = self._writer.do_say_response
        if command == MY_DATA:
            await say(uow, conversation, f"{MY_DATA_FILES}_{conversation.channel}")
        elif command == FORGET:
            preview = await read_preview(uow.session, conversation)
            await say(uow, conversation, "utter_forget_preview", **vars(preview))
        elif command == FORGET_YES:
            conversation = await do_forget(uow, conversation)
            await say(uow, conversation, FORGOTTEN)
            self._writer.announce_state(uow, conversation)
        elif command == UNSAY:
            await _do_unsay(uow, conversation)
            await say(uow, conversation, f"utter_unsaid_{conversation.channel}")
        else:
            await say(uow, conversation, "utter_kept")
        return conversation

    async def do_tell(self, uow: UnitOfWork, conversation: Conversation, found: list[str]) -> None:
        """Say once per conversation that personal data was typed which nobody needs; not while a form asks for it.

        `found` are its kinds.
        """
        if conversation.active_form or not found:
            return
        told = select(Message.id).where(Message.conversation_id == conversation.id, Message.response == TOLD).limit(1)
        if await uow.session.scalar(told):
            return
        words = [self._writer.knowledge.text(f"utter_label_pii_{kind}", conversation.language) for kind in found]
        await self._writer.do_say_response(uow, conversation, TOLD, Author.ASSISTANT, kinds=", ".join(words))


async def _do_unsay(uow: UnitOfWork, conversation: Conversation) -> None:
    """Cover the personal data in all that she wrote here, in the database itself."""
    mine = select(Message).where(Message.conversation_id == conversation.id, Message.author == Author.CITIZEN)
    for message in list(await uow.session.scalars(mine)):
        message.text = await apart(mask, message.text)
        if message.edited_from:
            message.edited_from = await apart(mask, message.edited_from)
    await uow.session.flush()
