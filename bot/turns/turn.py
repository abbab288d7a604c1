"""One message from the lane to its stored reply. No transaction spans the question to the engine."""

import time

import structlog
from sqlalchemy import bindparam, select

from bot.conversation.inbox import Waiting
from bot.conversation.writer import Writer
from bot.handoff.cases import Cases
from bot.handoff.owed import Owed
from bot.logs import bind_message
from bot.metrics import TURNS_NOT_STORED
from bot.store.database import Database
from bot.store.tables import Conversation, Inbox, Message
from bot.tracing import span
from bot.turns.answered import AnsweredMeanwhile, Left
from bot.turns.assistant import Assistant
from bot.turns.data_requests import PrivacyCommands
from bot.turns.decision import Decider, failed
from bot.turns.hand_over import HandOver
from bot.turns.parts import Parts
from bot.turns.reply import Reply
from bot.turns.situation import situation_of
from bot.turns.storage import Storage

log = structlog.get_logger()
_WAITING = (
    select(Inbox, Conversation, Message.text)
    .join(Conversation, Conversation.id == Inbox.conversation_id)
    .join(Message, (Message.conversation_id == Inbox.conversation_id) & (Message.seq == Inbox.message_seq))
    .where(Inbox.conversation_id == bindparam("conversation"), Inbox.answered_at.is_(None))
    .order_by(Inbox.id)
    .limit(1)
)


class Turns:
    """Takes messages through their turns: decide, store, and hand over what people are needed for."""

    def __init__(
        self, database: Database, writer: Writer, cases: Cases, assistant: Assistant, owed: Owed | None = None
    ) -> None:
        hand_over = HandOver(writer, cases, owed or Owed(database, cases), assistant.numbers)
        self._database = database
        self._parts = Parts(database, writer.knowledge)
        self._decider = Decider(assistant, writer.hub.publish_typing)
        self._storage = Storage(database, writer, PrivacyCommands(writer, cases.secrets), hand_over)

    async def do_next(self, conversation_id: str, waiting: Waiting | None = None) -> Left:
        """Answer the oldest waiting message of the conversation, which may be at hand; what is left to do for it."""
        waiting = waiting or await self._read_waiting(conversation_id)
        if waiting is None:
            return Left.NOTHING_FOUND
        waiting = await self._parts.gather(waiting)
        started = time.perf_counter()
        bind_message(waiting.inbox.turn_id)
        with span("turn", message=waiting.inbox.turn_id, channel=waiting.conversation.channel):
            try:
                return await self._do_turn(waiting, started)
            except AnsweredMeanwhile:
                log.warning("turn.answered_meanwhile")
                return Left.MORE

    async def _do_turn(self, waiting: Waiting, started: float) -> Left:
        """Decide and store; when that fails, what was decided to be said is stored alone."""
        situation = situation_of(waiting)
        said: Reply | None = None
        try:
            decision = await self._decider.decide(situation)
            said = decision.reply
            return await self._storage.do_store(waiting, decision, started)
        except AnsweredMeanwhile:
            raise
        except Exception:
            TURNS_NOT_STORED.inc()
            log.exception("turn.not_stored")
            return await self._storage.do_store_alone(waiting, said or failed(situation), started)

    async def _read_waiting(self, conversation_id: str) -> Waiting | None:
        async with self._database.read(short=True) as session:
            row = (await session.execute(_WAITING, {"conversation": conversation_id})).first()
            return Waiting(row[1], row[0], row[2]) if row else None
