"""Danger whose words its citizen has erased: that somebody was in danger stays in the queue until a person ends it.

It hangs on a conversation of its own that leads to nobody: no name, no address, no words, and nothing that ties it to
the one that was erased.
"""

from bot.conversation.writer import Said, Writer
from bot.handoff.danger import CRISIS_PRIORITY
from bot.handoff.packet import bare_packet
from bot.states import Author, Outcome, Reason, State
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation

ERASED = "erased"  # the channel of what is left: nothing said there leaves
LINE = "utter_danger_erased"


async def do_keep_danger(uow: UnitOfWork, writer: Writer, agency: str, language: str) -> None:
    """Open a case without words for staff of `agency`."""
    left = Conversation(
        channel=ERASED, agency=agency, language=language, state=State.WAITING_STAFF, last_seq=0, waiting_messages=0
    )
    uow.session.add(left)
    await uow.session.flush()
    packet = bare_packet(left, Reason.CRISIS)
    case = Case(conversation_id=left.id, agency=agency, reason=Reason.CRISIS, priority=CRISIS_PRIORITY, packet=packet)
    uow.session.add(case)
    await uow.session.flush()
    text = writer.knowledge.text(LINE, language)
    await writer.do_say(uow, left, Said(Author.SYSTEM, text, response=LINE, outcome=Outcome.CRISIS))
    await writer.do_record(uow, left, "danger_erased", "assistant", case=case.id)
    writer.announce_state(uow, left)
