"""One turn of the assistant: guards, the engine, and what comes of it. Reads nothing and stores nothing."""

import asyncio
import contextlib
import functools
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.apart import apart
from bot.assistant.characters import usual_forms
from bot.assistant.guards import is_crisis
from bot.assistant.language import detect, foreign
from bot.assistant.memory import Asks
from bot.assistant.policy import outcome_of
from bot.assistant.switch import Switch
from bot.assistant.wire import EngineReply, EngineTurn, slots_of
from bot.conversation.states import Outcome, Reason
from bot.errors import EngineError, EngineRefused
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.render import Rendered, render
from bot.metrics import time_engine
from bot.tracing import span

log = structlog.get_logger()
LONG = 800  # characters; from here on a message keeps an engine busy for many times as long as the usual one
# Said by the hand-over itself, which knows the queue and the hours.
_SAID_BY_HANDOFF = frozenset({"utter_handed_over"})


@dataclass(frozen=True)
class Question:
    """A message with what the conversation remembers: `text` or `payload`, never both."""

    turn_id: str
    text: str | None
    payload: str | None
    language: str
    agency: str
    channel: str
    misunderstood: int
    state: dict[str, Any] | None
    location: tuple[float, float] | None = None


@dataclass(frozen=True)
class Line:
    """One thing to say: the response's name and its words."""

    response: str
    rendered: Rendered


@dataclass(frozen=True)
class Reply:
    """What a turn came to. `handoff` is set when a person is to take over."""

    outcome: Outcome
    language: str
    lines: list[Line] = field(default_factory=list)
    topic: str | None = None
    ranking: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] | None = None
    active_form: str | None = None
    handoff: Reason | None = None
    engine_ms: float | None = None
    tries: int = 0


class Assistant:
    """Answers questions with the words that staff wrote."""

    def __init__(self, engine: Asks, knowledge: Knowledge, switch: Switch) -> None:
        self._engine = engine
        self._knowledge = knowledge
        self._switch = switch
        self._one_long = asyncio.Lock()

    async def answer(self, question: Question) -> Reply:
        """The reply to one message; an engine that fails twice leads to a person, never to silence."""
        language, heard = question.language, None
        if question.text:
            async with self._in_turn(question.text):
                language, heard, danger = await apart(functools.partial(self._listen, language), question.text)
            if danger:
                return self._crisis(question, language)
        if self.is_off(question.agency):
            return _person(question, language, Reason.ASSISTANT_OFF)
        try:
            return await self._ask(question, language, None if _form_of(question.state) else heard)
        except EngineError as error:
            if isinstance(error, EngineRefused) and question.payload:
                # A button outlives the model that offered it; its topic may be gone from this one.
                log.warning("engine.refused_button", problem=str(error))
                return self._button_gone(question, language)
            log.error("engine.failed", problem=str(error))
            said = self._line("utter_engine_failed", language)
            return replace(_person(question, language, Reason.ASSISTANT_ERROR), lines=[said], tries=2)

    def _in_turn(self, text: str) -> contextlib.AbstractAsyncContextManager[None]:
        """Long messages wait for one another, so that short ones find an engine that is free."""
        return self._one_long if len(text) > LONG else contextlib.nullcontext()

    async def _measured(self, turn: EngineTurn) -> EngineReply:
        with time_engine(), span("engine", message=turn.turn_id):
            return await self._engine.ask(turn)

    def _listen(self, language: str, text: str) -> tuple[str, str | None, bool]:
        """What needs no engine: the language to answer in, a third one that is spoken, and whether there is danger."""
        text = usual_forms(text)
        heard = foreign(text)
        # A third language is answered in the one that the conversation has.
        language = language if heard else detect(text, language, self._knowledge)
        return language, heard, is_crisis(text, self._knowledge.words)

    def is_off(self, agency: str) -> bool:
        """Whether somebody has switched the assistant off for this agency: people answer instead."""
        return self._switch.off(agency) is not None

    async def _ask(self, question: Question, language: str, heard: str | None) -> Reply:
        has_location = question.channel == "telegram"
        slots = slots_of(language, question.agency, question.misunderstood, has_location=has_location, heard=heard)
        text = usual_forms(question.text) if question.text else question.text
        turn = EngineTurn(question.turn_id, text, question.payload, slots, question.state)
        async with self._in_turn(question.text or ""):
            made = await self._measured(turn)
        language = str(made.slots.get("language") or language)
        names = [item["response"] for item in made.say]
        outcome = outcome_of(names, made.active_form is not None)
        lines = [self._line("utter_form_gone", language)] if made.form_gone else []
        if heard and heard != ((question.state or {}).get("slots") or {}).get("heard"):
            lines.append(self._line("utter_foreign", language))
        lines += [
            self._line(item["response"], language, item.get("args"))
            for item in made.say
            if item["response"] not in _SAID_BY_HANDOFF
        ]
        handoff = _reason(outcome, question.misunderstood)
        state: dict[str, Any] | None = made.state
        active_form = made.active_form
        if handoff and _form_of(question.state) and not made.form_gone:
            # Calling a person ends no form: staff see how far it got, and the assistant goes on there afterwards.
            state, active_form = question.state, _form_of(question.state)
        return Reply(
            outcome=outcome,
            language=language,
            lines=lines,
            topic=made.topic,
            ranking=made.ranking,
            entities=made.entities,
            state=state,
            active_form=active_form,
            handoff=handoff,
            engine_ms=made.milliseconds,
            tries=made.tries,
        )

    def _button_gone(self, question: Question, language: str) -> Reply:
        return Reply(
            outcome=Outcome.CLARIFIED,
            language=language,
            lines=[self._line("utter_button_gone", language)],
            state=question.state,
            active_form=_form_of(question.state),
        )

    def _crisis(self, question: Question, language: str) -> Reply:
        return Reply(
            outcome=Outcome.CRISIS,
            language=language,
            lines=[self._line("utter_crisis", language)],
            state=question.state,
            active_form=_form_of(question.state),
            handoff=Reason.CRISIS,
        )

    def _line(self, response: str, language: str, args: dict[str, Any] | None = None) -> Line:
        return Line(response, render(self._knowledge, response, language, args))


def _person(question: Question, language: str, reason: Reason) -> Reply:
    """A person takes over where the dialogue stands; a form that was begun is kept."""
    return Reply(
        outcome=Outcome.HANDED_OVER,
        language=language,
        state=question.state,
        active_form=_form_of(question.state),
        handoff=reason,
    )


def _form_of(state: dict[str, Any] | None) -> str | None:
    return (state or {}).get("active_form")


def _reason(outcome: Outcome, misunderstood: int) -> Reason | None:
    if outcome == Outcome.CRISIS:
        return Reason.CRISIS
    if outcome == Outcome.HANDED_OVER:
        return Reason.NOT_UNDERSTOOD if misunderstood >= 2 else Reason.ASKED
    return None
