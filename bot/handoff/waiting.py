"""What whoever waits for a person is told: her place, how long it usually takes, or when the office opens."""

from typing import Any

from sqlalchemy import select

from bot.handoff.hours import is_open, next_opening, opening_words
from bot.knowledge.entries import Agency
from bot.states import Reason
from bot.store.database import UnitOfWork
from bot.store.tables import Case, now

SAMPLES = 20
ENOUGH_SAMPLES = 5
HANDED_OVER = "utter_handed_over"
# How a citizen is told, where the common words do not fit.
NOTED = "utter_handed_over_noted"  # without a time: none is known
_BY_REASON = {Reason.CRISIS: "utter_handed_over_crisis", Reason.ASSISTANT_OFF: "utter_handed_over_off"}


def response_for(reason: Reason) -> str:
    """The response that tells of a hand-over for this reason."""
    return _BY_REASON.get(reason, HANDED_OVER)


async def waiting_words(
    uow: UnitOfWork, agency: Agency, language: str, position: int | None, response: str
) -> tuple[str, dict[str, Any]]:
    """The response that says how long it takes, with what goes into it; nothing is promised that is not known."""
    if not is_open(agency, now()):
        opens = next_opening(agency, now())
        if opens is None:
            return NOTED, {}
        return f"{response}_closed", {"opens": opening_words(opens, language)}
    if response == response_for(Reason.CRISIS):
        return response, {}
    if position is None:
        return NOTED, {}
    if response == HANDED_OVER and (wait := await _usual_wait(uow, agency.id)):
        return "utter_handed_over_wait", {"position": position, "low": wait[0], "high": wait[1]}
    return response, {"position": position}


async def _usual_wait(uow: UnitOfWork, agency: str) -> tuple[int, int] | None:
    """A range in minutes around the median of the last pick-ups; None below five, to promise nothing."""
    picked = select(Case.requested_at, Case.taken_at).where(Case.agency == agency, Case.taken_at.is_not(None))
    rows = (await uow.session.execute(picked.order_by(Case.id.desc()).limit(SAMPLES))).all()
    if len(rows) < ENOUGH_SAMPLES:
        return None
    waits = sorted((taken - asked).total_seconds() / 60 for asked, taken in rows if taken)
    middle = waits[len(waits) // 2]
    return max(1, round(middle * 0.7)), max(2, round(middle * 1.5))
