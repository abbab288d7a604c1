"""What is done with a message is decided without a table: a situation goes in, a decision comes out."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.knowledge.render import Rendered
from bot.states import Outcome, Reason, State
from bot.turns.decision import Decider, Decision, Way
from bot.turns.reply import CRISIS, Line, Question, Reply
from bot.turns.situation import Situation

FORM = {"active_form": "item_form"}


@dataclass
class Assistant:
    """Says what it is told, and notes what it was asked."""

    outcome: Outcome | Exception = Outcome.ANSWERED
    danger: bool = False
    off: bool = False
    asked: list[Question] = field(default_factory=list)

    def is_off(self, _agency: str) -> bool:
        return self.off

    async def answer(self, question: Question) -> Reply:
        self.asked.append(question)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return Reply(self.outcome, question.language)

    async def hears_danger(self, _question: Question) -> bool:
        return self.danger

    def numbers(self, _agency: str, _language: str, response: str = CRISIS, said: str | None = None) -> Line:
        return Line(response, Rendered("112"))


async def decide(assistant: Assistant, state: State = State.ASSISTANT, pressed: str | None = None) -> Decision:
    question = Question("t_1", "hola", pressed, "es", "sede", "web", 0, FORM)
    decider = Decider(assistant, lambda *_: None)  # type: ignore[arg-type]
    return await decider.decide(Situation("c_1", state, question, pressed, FORM, "item_form"))


@pytest.mark.parametrize(
    ("state", "way"),
    [
        (State.ASSISTANT, Way.REPLY),
        (State.WAITING_STAFF, Way.MEANWHILE),
        (State.STAFF, Way.PEOPLE),
        (State.CLOSED, Way.PEOPLE),
    ],
)
async def test_who_has_the_conversation_decides_the_way(state: State, way: Way) -> None:
    assistant = Assistant()
    assert (await decide(assistant, state)).way is way
    assert bool(assistant.asked) is (way is not Way.PEOPLE)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("pressed", "way"), [("system.forget_yes", Way.DATA), ("lang.en", Way.BUTTON), ("system.end", Way.BUTTON)]
)
async def test_a_button_of_the_page_works_at_any_time_and_asks_nobody(state: State, pressed: str, way: Way) -> None:
    assistant = Assistant(danger=True, off=True)
    decision = await decide(assistant, state, pressed)
    assert (decision.way, decision.reply, assistant.asked) == (way, None, [])


async def test_asking_for_a_person_is_a_message_like_another() -> None:
    assert (await decide(Assistant(), pressed="system.person")).way is Way.REPLY


async def test_while_the_assistant_is_off_what_is_written_to_people_is_left_to_them() -> None:
    assistant = Assistant(off=True)
    decision = await decide(assistant, State.WAITING_STAFF)
    assert (decision, assistant.asked) == (Decision(Way.PEOPLE), [])


@pytest.mark.parametrize(
    ("assistant", "state"),
    [
        (Assistant(outcome=Outcome.CRISIS), State.WAITING_STAFF),
        (Assistant(danger=True), State.STAFF),
        (Assistant(danger=True), State.CLOSED),
        (Assistant(danger=True, off=True), State.WAITING_STAFF),
    ],
)
async def test_danger_among_people_gets_its_numbers_and_the_dialogue_stays(assistant: Any, state: State) -> None:
    decision = await decide(assistant, state)
    assert decision.way is Way.PEOPLE and decision.reply
    assert (decision.reply.outcome, decision.reply.handoff) == (Outcome.CRISIS, Reason.CRISIS)
    assert [line.response for line in decision.reply.lines] == [CRISIS]
    assert (decision.reply.state, decision.reply.active_form) == (FORM, "item_form")


async def test_whatever_breaks_in_the_assistant_calls_a_person() -> None:
    decision = await decide(Assistant(outcome=RuntimeError("broken")))
    assert decision.way is Way.REPLY and decision.reply
    assert (decision.reply.outcome, decision.reply.handoff) == (Outcome.ERROR, Reason.ASSISTANT_ERROR)
