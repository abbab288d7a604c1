"""Hand-over to people and back: open, claim, reply, note, take over, return, hand back, close.

One conditional statement decides who has a conversation.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import select, update

from bot.conversation.delivery import do_try_again
from bot.conversation.writer import Said, Writer
from bot.errors import BotError
from bot.handoff.danger import CRISIS_PRIORITY, is_left_in_danger
from bot.handoff.erased import ERASED
from bot.handoff.holding import lost_it, may_take_over
from bot.handoff.packet import bare_packet, make_packet, waiting_before
from bot.handoff.switch import Switch
from bot.handoff.troubles import Troubles
from bot.handoff.waiting import NOTED, response_for, waiting_words
from bot.privacy.secrets import Secrets
from bot.states import WITH_PEOPLE, Author, Reason, State
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation, Message, Staff, now
from bot.text import check_text

T = TypeVar("T")
MAX_REPLY = 4_000
MAX_WHY = 500


class Cases:
    """Everything that moves a conversation between the assistant and people."""

    def __init__(self, writer: Writer, switch: Switch, secrets: Secrets) -> None:
        self._writer = writer
        self._knowledge = writer.knowledge
        self._switch = switch
        self.secrets = secrets
        self.troubles = Troubles()

    async def do_open(self, uow: UnitOfWork, conversation: Conversation, reason: Reason) -> Case:
        """Put the conversation in its agency's queue with a context packet, and tell the citizen honestly when.

        The case comes first: whatever else fails is noted in `troubles`, and the case is opened without it.
        """

        async def make() -> dict[str, Any]:
            return await make_packet(uow, self._knowledge, self.secrets, conversation, reason, position or 0)

        position = await self._do_try(uow, conversation, "queue", lambda: self._position(uow, conversation))
        packet = await self._do_try(uow, conversation, "packet", make) or bare_packet(conversation, reason)
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
        await self._do_tell_waiting(uow, conversation, position, response_for(reason))
        return case

    async def do_call(self, uow: UnitOfWork, conversation: Conversation, reason: Reason) -> None:
        """Call a person whoever has the conversation: a case is opened, or for danger the one that is there goes up."""
        if conversation.state == State.ASSISTANT:
            await self.do_open(uow, conversation, reason)
        elif reason != Reason.CRISIS:
            return
        elif conversation.state in WITH_PEOPLE:
            await self._do_raise(uow, conversation)
        else:
            await self._do_reopen(uow, conversation)

    async def _do_raise(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Danger was heard while people have the conversation: its case goes to the top, and stays with its holder."""
        case = await self._open_case(uow, conversation)
        if case is None:
            case = Case(conversation_id=conversation.id, agency=conversation.agency, reason="", priority=0)
            case.packet = bare_packet(conversation, Reason.CRISIS)
            case.taken_by, case.taken_at = conversation.owner_id, now() if conversation.owner_id else None
            uow.session.add(case)
        first = case.reason != Reason.CRISIS
        case.reason, case.priority = Reason.CRISIS, CRISIS_PRIORITY
        await uow.session.flush()
        await self._writer.do_record(uow, conversation, "danger_heard", "assistant", case=case.id)
        self._writer.announce_state(uow, conversation)
        if first and conversation.state == State.WAITING_STAFF:
            await self._do_tell_waiting(uow, conversation, None, response_for(Reason.CRISIS))

    async def _do_reopen(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Danger came as the conversation was being closed: it is opened again, or goes on in the one that followed."""
        later = select(Conversation).where(Conversation.previous_id == conversation.id).with_for_update()
        following = (await uow.session.scalars(later.limit(1))).first()
        if following is not None:
            return await self.do_call(uow, following, Reason.CRISIS)
        await self._do_move(uow, conversation, (State.CLOSED,), State.ASSISTANT, None)
        conversation.closed_at = None
        await self.do_open(uow, conversation, Reason.CRISIS)

    async def do_hold(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        """The conversation, held until this unit of work ends: nobody erases it while something is put into it.

        Raises BotError `not_found` (also for another agency's) or `conversation_erased`.
        """
        mine = select(Conversation).where(Conversation.id == conversation_id, Conversation.agency == staff.agency)
        conversation = (await uow.session.execute(mine.with_for_update())).scalar_one_or_none()
        if conversation is None:
            raise BotError("not_found")
        if conversation.erased_at:
            raise BotError("conversation_erased")
        return conversation

    async def do_claim(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        """Give the conversation to `staff`: taken from the queue, or from the assistant without being asked.

        Danger that its holder has not replied to is anybody's.

        Raises BotError `already_taken` (with the holder's name) when somebody else was first, `not_found` for another
        agency's conversation, `state_changed` when it has ended.
        """
        conversation = await self.do_hold(uow, conversation_id, staff)
        if conversation.owner_id == staff.id and conversation.state == State.STAFF:
            return conversation
        case = await self._open_case(uow, conversation)
        if case is None and conversation.state == State.ASSISTANT:
            case = await self._do_open_takeover(uow, conversation)
        free = [State.WAITING_STAFF, State.ASSISTANT]
        if conversation.state == State.STAFF and await is_left_in_danger(uow.session, [conversation.id]):
            free.append(State.STAFF)
        await self._do_move(uow, conversation, tuple(free), State.STAFF, staff.id)
        if case:
            case.taken_at, case.taken_by = now(), staff.id
        await self._writer.do_record(uow, conversation, "case_claimed", f"staff:{staff.id}")
        await self._do_introduce(uow, conversation, staff)
        return conversation

    async def do_take_over(
        self, uow: UnitOfWork, conversation_id: str, staff: Staff, holder_id: int, why: str
    ) -> Conversation:
        """Take a conversation from the colleague who holds it; she reads why, as a note in it.

        Raises BotError `not_yours` (with the holder's name) unless `staff` may, `message_empty` or `message_too_long`
        for the reason, `already_taken` when another one than `holder_id` holds it by now, `state_changed` when nobody.
        """
        conversation = await self.do_hold(uow, conversation_id, staff)
        holder = await uow.session.get(Staff, conversation.owner_id) if conversation.owner_id else None
        if holder is None or conversation.state != State.STAFF:
            raise BotError("state_changed")
        if holder.id == staff.id:
            return conversation
        if holder.id != holder_id:
            raise BotError("already_taken", holder=holder.name)
        if not may_take_over(staff, holder):
            raise BotError("not_yours", holder=holder.name)
        words = check_text(why, MAX_WHY)
        await self._do_move(uow, conversation, (State.STAFF,), State.STAFF, staff.id)
        if case := await self._open_case(uow, conversation):
            case.taken_by = staff.id
        await self._writer.do_record(uow, conversation, "case_taken_over", f"staff:{staff.id}", holder=holder.id)
        await self._writer.do_say(uow, conversation, Said(Author.NOTE, words, name=staff.name, staff_id=staff.id))
        await self._do_introduce(uow, conversation, staff)
        return conversation

    async def do_return_lost(self, uow: UnitOfWork, actor: str, holder_id: int | None = None) -> int:
        """Put back into the queue what its holders (or `holder_id` alone) may hold no longer; how many."""
        held = select(Conversation).join(Staff, Staff.id == Conversation.owner_id)
        held = held.where(Conversation.state == State.STAFF, lost_it()).order_by(Conversation.id)
        if holder_id is not None:
            held = held.where(Conversation.owner_id == holder_id)
        lost = (await uow.session.scalars(held.with_for_update(of=Conversation))).all()
        for conversation in lost:
            await self._do_return(uow, conversation, actor)
        return len(lost)

    async def do_reply(self, uow: UnitOfWork, conversation_id: str, staff: Staff, text: str) -> Message:
        """Say something to the citizen.

        Raises BotError `not_yours` unless `staff` has the conversation, `words_erased` where nobody would read it.
        """
        conversation = await self._read_own(uow, conversation_id, staff)
        if conversation.channel == ERASED:
            raise BotError("words_erased")
        words = check_text(text, MAX_REPLY)
        case = await self._open_case(uow, conversation)
        if case and case.first_reply_at is None:
            case.first_reply_at = now()
        said = Said(Author.STAFF, words, name=self._signature(staff, conversation), staff_id=staff.id)
        return await self._writer.do_say(uow, conversation, said)

    async def do_note(self, uow: UnitOfWork, conversation_id: str, staff: Staff, text: str) -> Message:
        """Leave a note that only staff read; it has no way to a channel."""
        conversation = await self.do_hold(uow, conversation_id, staff)
        said = Said(Author.NOTE, check_text(text, MAX_REPLY), name=staff.name, staff_id=staff.id)
        return await self._writer.do_say(uow, conversation, said)

    async def do_try_again(self, uow: UnitOfWork, conversation_id: str, staff: Staff, seq: int) -> None:
        """Have a message that did not arrive tried again.

        Raises BotError `not_yours` when somebody else has the conversation, `state_changed` when it has not failed.
        """
        conversation = await self.do_hold(uow, conversation_id, staff)
        if conversation.state == State.STAFF and conversation.owner_id != staff.id:
            raise await self._taken(uow, conversation, "not_yours")
        await do_try_again(uow, conversation, seq)
        await self._writer.do_record(uow, conversation, "delivery_tried_again", f"staff:{staff.id}", seq=seq)
        uow.after_commit(self._writer.on_queued)

    async def do_hand_back(self, uow: UnitOfWork, conversation_id: str, staff: Staff, why: str = "") -> Conversation:
        """Give the conversation back to the assistant, which goes on where it stopped; the citizen is told.

        Raises BotError `message_empty` or `message_too_long` for the reason, where danger is left without a reply.
        """
        conversation = await self._read_own(uow, conversation_id, staff)
        await self._do_justify(uow, conversation, staff, why)
        await self._do_move(uow, conversation, (State.STAFF,), State.ASSISTANT, None)
        await self._do_end_case(uow, conversation, "handed_back")
        await self._writer.do_record(uow, conversation, "case_handed_back", f"staff:{staff.id}")
        said = "utter_person_left_off" if self._switch.off(conversation.agency) else "utter_assistant_back"
        await self._writer.do_say_response(uow, conversation, said)
        return conversation

    async def do_close(self, uow: UnitOfWork, conversation_id: str, staff: Staff, why: str = "") -> Conversation:
        """End the conversation; a later message of the citizen starts a new one. Raises as `do_hand_back` does."""
        conversation = await self.do_hold(uow, conversation_id, staff)
        if conversation.state == State.STAFF and conversation.owner_id != staff.id:
            raise await self._taken(uow, conversation, "not_yours")
        await self._do_justify(uow, conversation, staff, why)
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

    async def _do_justify(self, uow: UnitOfWork, conversation: Conversation, staff: Staff, why: str) -> None:
        """Danger that no person has replied to leaves the queue only with a reason, which stays as a note."""
        if not await is_left_in_danger(uow.session, [conversation.id]):
            return
        words, case = check_text(why, MAX_WHY), await self._open_case(uow, conversation)
        left = case.id if case else None
        await self._writer.do_record(uow, conversation, "danger_left", f"staff:{staff.id}", case=left)
        await self._writer.do_say(uow, conversation, Said(Author.NOTE, words, name=staff.name, staff_id=staff.id))

    async def do_note_end(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """She has ended the chat in danger: the case stays where it is, says so to staff, and she is told."""
        if case := await self._open_case(uow, conversation):
            case.packet = {**case.packet, "she_ended": now().isoformat()}
        await self._writer.do_record(uow, conversation, "danger_ended_by_citizen", "citizen")
        self._writer.announce_state(uow, conversation)
        await self._writer.do_say_response(uow, conversation, "utter_end_stays")

    async def do_cancel_wait(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """The citizen no longer wants to wait: back to the assistant. Danger stays in the queue, and she is told so."""
        case = await self._open_case(uow, conversation)
        if case and case.reason == Reason.CRISIS:
            await self._writer.do_say_response(uow, conversation, "utter_waiting_stays")
            return
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
        # A form is laid aside while people have the conversation, and goes on afterwards.
        begun = (conversation.engine_state or {}).get("active_form")
        conversation.active_form = begun if to == State.ASSISTANT else None
        self._writer.announce_state(uow, conversation)

    async def _do_return(self, uow: UnitOfWork, conversation: Conversation, actor: str) -> None:
        """Waiting again, at the place of when she first waited; she is told."""
        holder = conversation.owner_id
        case = await self._open_case(uow, conversation) or await self._do_open_takeover(uow, conversation)
        await self._do_move(uow, conversation, (State.STAFF,), State.WAITING_STAFF, None)
        case.taken_at = case.taken_by = None
        await uow.session.flush()
        await self._writer.do_record(uow, conversation, "case_returned", actor, holder=holder, case=case.id)
        position = await waiting_before(uow, conversation.agency, case) + 1
        await self._do_tell_waiting(uow, conversation, position, "utter_case_returned")

    async def _do_introduce(self, uow: UnitOfWork, conversation: Conversation, staff: Staff) -> None:
        name = self._signature(staff, conversation)
        await self._writer.do_say_response(uow, conversation, "utter_staff_joined", name=name)

    async def _do_open_takeover(self, uow: UnitOfWork, conversation: Conversation) -> Case:
        packet = await make_packet(uow, self._knowledge, self.secrets, conversation, Reason.TAKEOVER, 0)
        case = Case(conversation_id=conversation.id, agency=conversation.agency, reason=Reason.TAKEOVER, packet=packet)
        uow.session.add(case)
        return case

    async def _do_end_case(self, uow: UnitOfWork, conversation: Conversation, how: str) -> None:
        case = await self._open_case(uow, conversation)
        if case:
            case.ended_at, case.ended_as = now(), how

    async def do_tell_place(self, uow: UnitOfWork, conversation: Conversation) -> None:
        """Tell whoever waits where she stands and when somebody comes."""
        case = await self._open_case(uow, conversation)
        reason = Reason(case.reason) if case and case.reason else Reason.ASKED
        position = await waiting_before(uow, conversation.agency, case) + 1
        await self._do_tell_waiting(uow, conversation, position, response_for(reason))

    async def _do_tell_waiting(
        self, uow: UnitOfWork, conversation: Conversation, position: int | None, response: str
    ) -> None:
        """Tell when somebody answers, or at least that somebody will; what cannot be said stops no case."""

        async def tell() -> bool:
            agency = self._knowledge.agencies[conversation.agency]
            said, args = await waiting_words(uow, agency, conversation.language, position, response)
            await self._writer.do_say_response(uow, conversation, said, **args)
            return True

        if not await self._do_try(uow, conversation, "words", tell):
            await self._writer.do_say_surely(uow, conversation, NOTED)

    async def _position(self, uow: UnitOfWork, conversation: Conversation) -> int:
        return await waiting_before(uow, conversation.agency) + 1

    async def _do_try(
        self, uow: UnitOfWork, conversation: Conversation, part: str, work: Callable[[], Awaitable[T]]
    ) -> T | None:
        """What `work` returns; None when it failed, which then is undone and noted as a trouble of `part`."""
        try:
            done = await uow.attempt(work)
        except Exception as error:
            self.troubles.failed(part, error)
            await uow.session.refresh(conversation)
            return None
        self.troubles.worked(part)
        return done

    async def _read_own(self, uow: UnitOfWork, conversation_id: str, staff: Staff) -> Conversation:
        conversation = await self.do_hold(uow, conversation_id, staff)
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
