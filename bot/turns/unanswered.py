"""Questions without an answer are kept for the administrators, with the turn that could not answer them."""

import functools

from sqlalchemy import select

from bot.apart import apart
from bot.conversation.inbox import Waiting
from bot.knowledge.knowledge import Knowledge
from bot.privacy.mask import mask
from bot.store.database import UnitOfWork
from bot.store.unanswered import Unanswered
from bot.turns.reply import Line, Reply

NOT_IN_ANSWER, NOT_UNDERSTOOD, OUT_OF_SCOPE = "not_in_answer", "not_understood", "out_of_scope"
KINDS = (NOT_IN_ANSWER, NOT_UNDERSTOOD, OUT_OF_SCOPE)
MOST = 1_000  # characters of a question that are kept
_ASKED_BACK = "utter_clarify"
_SAID = {
    "utter_part_unsaid": NOT_IN_ANSWER,
    "utter_part_unsaid_more": NOT_IN_ANSWER,
    "utter_part_all": NOT_IN_ANSWER,
    "utter_part_compared_unsaid": NOT_IN_ANSWER,
    "utter_not_found": NOT_UNDERSTOOD,
    _ASKED_BACK: NOT_UNDERSTOOD,
    "utter_offer_person": NOT_UNDERSTOOD,
    "utter_out_of_scope": OUT_OF_SCOPE,
}
_NO_QUESTION = ("rephrase",)  # "that is not what I meant": what she had asked was the message before
_NONE_OF_THESE = "/rephrase"


async def question_of(knowledge: Knowledge, waiting: Waiting, reply: Reply) -> Unanswered | None:
    """The question that `reply` leaves open, its personal data covered; None when it leaves none."""
    if waiting.pressed or reply.intent in _NO_QUESTION:
        return None
    line = next((line for line in reply.lines if line.response in _SAID), None)
    if line is None:
        return None
    topic = knowledge.topics.get(line.rendered.topic or "")
    return Unanswered(
        conversation_id=waiting.conversation.id,
        turn_id=waiting.inbox.turn_id,
        agency=knowledge.in_charge(topic, waiting.conversation.agency) if topic else waiting.conversation.agency,
        kind=_SAID[line.response],
        topic=topic.id if topic else None,
        language=reply.language,
        text=await apart(functools.partial(mask, most=MOST), waiting.text),
        offered=_offered(line),
    )


async def do_keep_question(uow: UnitOfWork, waiting: Waiting, reply: Reply, question: Unanswered | None) -> None:
    """Keep `question`; or, when she chooses what she was offered, let go of the one that it was offered for.

    Called once the message is answered by this turn: of two nodes that answer it, one keeps the question.
    """
    if question:
        uow.session.add(question)
    elif waiting.conversation.misunderstood:
        chosen = {waiting.pressed, f"/faq/{reply.topic}"}
        await _do_let_go(uow, waiting.conversation.id, chosen)


def _offered(line: Line) -> list[str]:
    """What she may have meant; what stands below every "not found" (a person, what I can do) is none of that."""
    buttons = line.rendered.buttons if line.response == _ASKED_BACK else ()
    return [button.payload for button in buttons if button.payload != _NONE_OF_THESE]


async def _do_let_go(uow: UnitOfWork, conversation_id: str, chosen: set[str | None]) -> None:
    mine = select(Unanswered).where(
        Unanswered.conversation_id == conversation_id, Unanswered.kind == NOT_UNDERSTOOD, Unanswered.done_at.is_(None)
    )
    for row in await uow.session.scalars(mine):
        if chosen & set(row.offered):
            await uow.session.delete(row)
