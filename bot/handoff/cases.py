"""Hand-over to people and back: open, claim, reply, note, hand back, close. One conditional statement decides."""

from typing import Any

from sqlalchemy import func, select, update

from bot.assistant.guards import check_text
from bot.assistant.switch import Switch
from bot.conversation.delivery import do_try_again
from bot.conversation.states import Author, Reason, State
from bot.conversation.writer import Said, Writer
from bot.errors import BotError
from bot.handoff.hours import is_open, next_opening, opening_words
from bot.handoff.packet import make_packet, waiting_before
from bot.privacy.secrets import Secrets
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation, Message, Staff, now

MAX_REPLY = 4_000
CRISIS_PRIORITY = 10
SAMPLES = 20
ENOUGH_SAMPLES = 5
# How a citizen is told, where the common words do not fit.
_HANDED_OVER = {Reason.CRISIS: "utter_handed_over_crisis", Reason.ASSISTANT_OFF: "utter_handed_over_off"}


class Cases:
    """Everything that moves a conversation between the assistant and people."""

    def __init__(self, writer: Writer, switch: Switch, secrets: Secrets) -> None:
        self._writer = writer
        self._knowledge = writer.knowledge
        self._switch = switch
        self._secrets = secrets

    async def do_open(self, uow: UnitOfWork, conversation: Conversation, reason: Reason) -> Case:
        """Put the conversation in its agency's queue with a context packet, and tell the citizen honestly when."""
        position = await waiting_before(uow, conversation.agency) + 1
        packet = await make_packet(uow, self._knowledge, self._secrets, conversation, reason, position)
        await self._do_move(uow, conversation, (State.ASSISTANT,), State.WAITING_STAFF, None)
        case = Case(
            conversation_id=conversation.id,
            agency=conversation.agency,
            reason=reason,
            priority=CRISIS_PRIORITY if reason == Reason.CRISIS else 0,
            packet=packet,
        )
        uow.session.add(case)
        await uow.session.flush()
        await self._writer.do_record(uow, conversation, "case_opened", "assistant", reason=str(reason), case=case.id)
        await self._do_tell_waiting(uow, conversation, position, reason)
        return case

    async def do_claim(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        """Give the conversation to `staff`: taken from the queue, or from the assistant without being asked.

        Raises BotError `already_taken` (with the holder's name) when somebody else was first, `not_found` for another
        agency's conversation, `state_changed` when it has ended.
        """
        conversation = await self._read(uow, conversation_id, staff)
        if conversation.owner_id == staff.id and conversation.state == State.STAFF:
            return conversation
        case = await self._open_case(uow, conversation)
        if case is None and conversation.state == State.ASSISTANT:
            case = await self._do_open_takeover(uow, conversation)
        await self._do_move(uow, conversation, (State.WAITING_STAFF, State.ASSISTANT), State.STAFF, staff.id)
        if case:
            case.taken_at, case.taken_by = now(), staff.id
        await self._writer.do_record(uow, conversation, "case_claimed", f"staff:{staff.id}")
        await self._writer.do_say_response(
            uow, conversation, "utter_staff_joined", name=self._signature(staff, conversation)
        )
        return conversation

    async def do_reply(self, uow: UnitOfWork, conversation_id: str, staff: Staff, text: str) -> Message:
        """Say something to the citizen. Raises BotError `not_yours` unless `staff` has the conversation."""
        conversation = await self._read_own(uow, conversation_id, staff)
        words = check_text(text, MAX_REPLY)
        case = await self._open_case(uow, conversation)
        if case and case.first_reply_at is None:
            case.first_reply_at = now()
        said = Said(Author.STAFF, words, name=self._signature(staff, conversation), staff_id=staff.id)
        return await self._writer.do_say(uow, conversation, said)

    async def do_note(self, uow: UnitOfWork, conversation_id: str, staff: Staff, text: str) -> Message:
        """Leave a note that only staff read; it has no way to a channel."""
        conversation = await self._read(uow, conversation_id, staff)
        said = Said(Author.NOTE, check_text(text, MAX_REPLY), name=staff.name, staff_id=staff.id)
        return await self._writer.do_say(uow, conversation, said)

    async def do_try_again(self, uow: UnitOfWork, conversation_id: str, staff: Staff, seq: int) -> None:
        """Have a message that did not arrive tried again.

        Raises BotError `not_yours` when somebody else has the conversation, `state_changed` when it has not failed.
        """
        conversation = await self._read(uow, conversation_id, staff)
        if conversation.state == State.STAFF and conversation.owner_id != staff.id:
            raise await self._taken(uow, conversation, "not_yours")
        await do_try_again(uow, conversation, seq)
        await self._writer.do_record(uow, conversation, "delivery_tried_again", f"staff:{staff.id}", seq=seq)
        uow.after_commit(self._writer.on_queued)

    async def do_hand_back(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        """Give the conversation back to the assistant, which goes on where it stopped; the citizen is told."""
        conversation = await self._read_own(uow, conversation_id, staff)
        await self._do_move(uow, conversation, (State.STAFF,), State.ASSISTANT, None)
        await self._do_end_case(uow, conversation, "handed_back")
        await self._writer.do_record(uow, conversation, "case_handed_back", f"staff:{staff.id}")
        said = "utter_person_left_off" if self._switch.off(conversation.agency) else "utter_assistant_back"
        await self._writer.do_say_response(uow, conversation, said)
        return conversation

    async def do_close(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        """End the conversation; a later message of the citizen starts a new one."""
        conversation = await self._read(uow, conversation_id, staff)
        if conversation.state == State.STAFF and conversation.owner_id != staff.id:
            raise await self._taken(uow, conversation, "not_yours")
        await self.do_end(uow, conversation, f"staff:{staff.id}", "closed")
        return conversation

    async def do_end(self, uow: UnitOfWork, conversation: Conversation, actor: str, how: str) -> None:
        """Close the conversation for whoever asked, with its case if one is open."""
        await self._writer.do_say_response(uow, conversation, "utter_conversation_closed")
        open_states = (State.ASSISTANT, State.WAITING_STAFF, State.STAFF)
        await self._do_move(uow, conversation, open_states, State.CLOSED, None)
        conversation.closed_at = now()
        await self._do_end_case(uow, conversation, how)
        await self._writer.do_record(uow, conversation, "closed", actor, how=how)

    async def do_cancel_wait(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """The citizen no longer wants to wait: back to the assistant."""
        await self._do_move(uow, conversation, (State.WAITING_STAFF,), State.ASSISTANT, None)
        await self._do_end_case(uow, conversation, "cancelled_wait")
        await self._writer.do_record(uow, conversation, "case_cancelled", "citizen")
        await self._writer.do_say_response(uow, conversation, "utter_waiting_cancelled")

    async def _do_move(
        self, uow: UnitOfWork, conversation: Conversation, from_states: tuple[State, ...], to: State, owner: int | None
    ) -> None:
        """Change state and owner in one statement that only one caller can win; raises BotError for the others."""
        moved = await uow.session.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation.id,
                Conversation.state.in_(from_states),
                Conversation.epoch == conversation.epoch,
            )
            .values(state=to, owner_id=owner, epoch=Conversation.epoch + 1)
            .returning(Conversation.epoch)
            .execution_options(synchronize_session=False)
        )
        epoch = moved.scalar_one_or_none()
        if epoch is None:
            await uow.session.refresh(conversation)
            taken = conversation.state == State.STAFF
            raise await self._taken(uow, conversation, "already_taken" if taken else "state_changed")
        await uow.session.refresh(conversation, ["state", "owner_id", "epoch"])
        self._writer.announce_state(uow, conversation)

    async def _do_open_takeover(self, uow: UnitOfWork, conversation: Conversation) -> Case:
        packet = await make_packet(uow, self._knowledge, self._secrets, conversation, Reason.TAKEOVER, 0)
        case = Case(conversation_id=conversation.id, agency=conversation.agency, reason=Reason.TAKEOVER, packet=packet)
        uow.session.add(case)
        return case

    async def _do_end_case(self, uow: UnitOfWork, conversation: Conversation, how: str) -> None:
        case = await self._open_case(uow, conversation)
        if case:
            case.ended_at, case.ended_as = now(), how

    async def _do_tell_waiting(
        self, uow: UnitOfWork, conversation: Conversation, position: int, reason: Reason
    ) -> None:
        agency = self._knowledge.agencies[conversation.agency]
        response = _HANDED_OVER.get(reason, "utter_handed_over")
        if not is_open(agency, now()):
            opens = next_opening(agency, now())
            words = opening_words(opens, conversation.language) if opens else ""
            await self._writer.do_say_response(uow, conversation, f"{response}_closed", opens=words)
            return
        args: dict[str, Any] = {"position": position}
        if reason not in _HANDED_OVER and (wait := await self._usual_wait(uow, conversation.agency)):
            response, args["low"], args["high"] = "utter_handed_over_wait", *wait
        await self._writer.do_say_response(uow, conversation, response, **args)

    async def _usual_wait(self, uow: UnitOfWork, agency: str) -> tuple[int, int] | None:
        """A range in minutes around the median of the last pick-ups; None below five, to promise nothing."""
        picked = select(Case.requested_at, Case.taken_at).where(Case.agency == agency, Case.taken_at.is_not(None))
        rows = (await uow.session.execute(picked.order_by(Case.id.desc()).limit(SAMPLES))).all()
        if len(rows) < ENOUGH_SAMPLES:
            return None
        waits = sorted((taken - asked).total_seconds() / 60 for asked, taken in rows if taken)
        middle = waits[len(waits) // 2]
        return max(1, round(middle * 0.7)), max(2, round(middle * 1.5))

    async def _read(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        mine = select(Conversation).where(Conversation.id == conversation_id, Conversation.agency == staff.agency)
        conversation = (await uow.session.execute(mine.with_for_update())).scalar_one_or_none()
        if conversation is None:
            raise BotError("not_found")
        return conversation

    async def _read_own(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        conversation = await self._read(uow, conversation_id, staff)
        if conversation.state != State.STAFF or conversation.owner_id != staff.id:
            raise await self._taken(uow, conversation, "not_yours")
        return conversation

    async def _taken(self, uow: UnitOfWork, conversation: Conversation, code: str) -> BotError:
        holder = await uow.session.get(Staff, conversation.owner_id) if conversation.owner_id else None
        return BotError(code, holder=holder.name if holder else "")

    async def _open_case(self, uow: UnitOfWork, conversation: Conversation) -> Case | None:
        found = await uow.session.execute(
            select(Case).where(Case.conversation_id == conversation.id, Case.ended_at.is_(None))
        )
        return found.scalar_one_or_none()

    def _signature(self, staff: Staff, conversation: Conversation) -> str:
        agency = self._knowledge.agencies[staff.agency]
        return f"{staff.name}, {agency.name.get(conversation.language, agency.id)}"


async def count_waiting(uow: UnitOfWork) -> int:
    """How many cases wait for a person, over all agencies (for the metrics)."""
    waiting = select(func.count(Case.id)).where(Case.ended_at.is_(None), Case.taken_at.is_(None))
    return int((await uow.session.scalar(waiting)) or 0)
