"""One turn of the assistant: guards, the engine, and what comes of it. Reads nothing and stores nothing."""

import asyncio
import contextlib
import functools
from dataclasses import replace
from typing import Any

import structlog

from bot.apart import apart
from bot.characters import usual_forms
from bot.errors import EngineError, EngineRefused
from bot.handoff.switch import Switch
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_resort import render_surely
from bot.knowledge.render import name_of, render
from bot.metrics import time_engine
from bot.replicas.wire import EngineReply, EngineTurn, slots_of
from bot.states import Outcome, Reason, with_slot
from bot.tracing import span
from bot.turns.danger import danger_in, fitting_first
from bot.turns.language import Spoken, before_of, foreign, spoken, with_spoken
from bot.turns.memory import Asks
from bot.turns.policy import outcome_of
from bot.turns.reply import CRISIS, WARNED, Line, Question, Reply

log = structlog.get_logger()
NAMES = ("item_place", "item_contact")  # questions of the form that are answered with names
IN_DANGER = "/crisis"  # what the button of danger says: as sure as the rule, and heard without the engine
NOT_FOUND = "utter_not_found"
LISTEN_SECONDS = 2.0  # for the engine's judgement of what is written to people; the rule does not wait for it
LONG = 800  # characters; from here on a message keeps an engine busy for many times as long as the usual one
# Said by the hand-over itself, which knows the queue and the hours.
_SAID_BY_HANDOFF = frozenset({"utter_handed_over"})


class Assistant:
    """Answers questions with the words that staff wrote."""

    def __init__(self, engine: Asks, knowledge: Knowledge, switch: Switch) -> None:
        self._engine = engine
        self._knowledge = knowledge
        self._switch = switch
        self._one_long = asyncio.Lock()

    async def answer(self, question: Question) -> Reply:
        """The reply to one message; an engine that fails twice leads to a person, never to silence."""
        question = _in_usual_forms(question)
        language, heard, danger, told = question.language, None, None, before_of(question.state)
        if question.text:
            async with self._in_turn(question.text):
                listen = functools.partial(self._listen, question)
                language, told, heard, danger = await apart(listen, question.text)
        alarmed = danger is not None or question.payload == IN_DANGER
        question = replace(question, text=danger or question.text, state=with_spoken(question.state, None))
        reply = await self._reply(question, language, heard, alarmed=alarmed)
        return replace(reply, state=with_spoken(reply.state, told))

    async def _reply(self, question: Question, language: str, heard: str | None, *, alarmed: bool) -> Reply:
        if self.is_off(question.agency):
            if alarmed:
                return self._rule_alone(question, language, "switched off")
            if await self._judges(question, alarmed=False):
                return self._crisis(question, language)
            return _person(question, language, Reason.ASSISTANT_OFF)
        try:
            async with asyncio.timeout(LISTEN_SECONDS if alarmed else None):
                return await self._ask(question, language, None if _form_of(question.state) else heard, alarmed=alarmed)
        except (EngineError, TimeoutError) as error:
            if alarmed:  # the rule works without the engine, which has the last word when it comes in time
                return self._rule_alone(question, language, type(error).__name__)
            if isinstance(error, EngineError):
                return self._without_engine(question, language, error)
            raise
        except Exception:
            if not alarmed:
                raise
            log.exception("turn.failed")
            return self._crisis(question, language)

    def _rule_alone(self, question: Question, language: str, problem: str) -> Reply:
        log.warning("danger.rule_alone", problem=problem)
        return self._crisis(question, language)

    def _without_engine(self, question: Question, language: str, error: EngineError) -> Reply:
        """What is said when the engine has failed twice, or refused a button that a person pressed."""
        if isinstance(error, EngineRefused) and question.payload:
            # A button outlives the model that offered it; its topic may be gone from this one.
            log.warning("engine.refused_button", problem=str(error))
            return self._button_gone(question, language)
        log.error("engine.failed", problem=str(error))
        said = self._line("utter_engine_failed", language)
        return replace(_person(question, language, Reason.ASSISTANT_ERROR), lines=[said], tries=2)

    async def hears_danger(self, question: Question) -> bool:
        """Whether a message to people tells of danger: the rule says so, or else the engine, if it answers in time.

        The engine is asked as at the beginning of a dialogue and only for its judgement: what it would say is not said.
        """
        if not question.text:
            return question.payload == IN_DANGER
        question = _in_usual_forms(question)
        text = question.text or ""
        async with self._in_turn(text):
            danger = await apart(functools.partial(danger_in, words=self._knowledge.words), text)
        if danger and self.is_off(question.agency):
            log.warning("danger.rule_alone", problem="switched off")
            return True
        return await self._judges(replace(question, text=danger or text), alarmed=danger is not None)

    async def _judges(self, question: Question, *, alarmed: bool) -> bool:
        """Whether the engine hears danger; what the rule says (`alarmed`) when it does not answer in time."""
        if not question.text:
            return alarmed
        slots = slots_of(
            question.language, question.agency, 0, has_location=False, alarmed=alarmed, people=question.people
        )
        try:
            async with asyncio.timeout(LISTEN_SECONDS):
                made = await self._engine.ask(EngineTurn(question.turn_id, question.text, None, slots, None))
        except (EngineError, TimeoutError) as error:
            log.warning("danger.rule_alone", problem=type(error).__name__)
            return alarmed
        return outcome_of([item["response"] for item in made.say], False) == Outcome.CRISIS

    def _in_turn(self, text: str) -> contextlib.AbstractAsyncContextManager[None]:
        """Long messages wait for one another, so that short ones find an engine that is free."""
        return self._one_long if len(text) > LONG else contextlib.nullcontext()

    async def _measured(self, turn: EngineTurn) -> EngineReply:
        with time_engine(), span("engine", message=turn.turn_id):
            return await self._engine.ask(turn)

    def _listen(self, question: Question, text: str) -> tuple[str, Spoken | None, str | None, str | None]:
        """What needs no engine: the language to answer in, what is kept of it, a third one, and danger by the rule."""
        danger = danger_in(text, self._knowledge.words)
        return *self._language(question, text), danger

    def _language(self, question: Question, text: str) -> tuple[str, Spoken | None, str | None]:
        """No failure here keeps an answer back."""
        before = before_of(question.state)
        if (question.state or {}).get("requested_slot") in NAMES:
            return question.language, before, None  # a place, a name or a contact speaks no language
        try:
            heard = foreign(text, self._knowledge.languages)
            if heard:  # a third language is answered in the one that the conversation has
                return question.language, before, heard
            return *spoken(text, question.language, self._knowledge, before), None
        except Exception:
            log.exception("language.not_told")
            return question.language, before, None

    def is_off(self, agency: str) -> bool:
        """Whether somebody has switched the assistant off for this agency: people answer instead."""
        return self._switch.off(agency) is not None

    async def _ask(self, question: Question, language: str, heard: str | None, *, alarmed: bool) -> Reply:
        slots = slots_of(
            language,
            question.agency,
            question.misunderstood,
            has_location=question.channel == "telegram",
            heard=heard,
            alarmed=alarmed,
            people=question.people,
        )
        turn = EngineTurn(question.turn_id, question.text, question.payload, slots, question.state)
        async with self._in_turn(question.text or ""):
            made = await self._measured(turn)
        language = str(made.slots.get("language") or language)
        made = self._written(made, language, question.agency)
        names = [item["response"] for item in made.say]
        outcome = outcome_of(names, made.active_form is not None)
        lines = [self._line("utter_form_gone", language)] if made.form_gone else []
        if heard and heard != ((question.state or {}).get("slots") or {}).get("heard"):
            ours = ", ".join(name_of(self._knowledge, one) for one in self._knowledge.languages)
            lines.append(self._line("utter_foreign", language, {"languages": ours}))
        lines += [
            self._line(item["response"], language, item.get("args"), question.agency, question.text)
            for item in made.say
            if item["response"] not in _SAID_BY_HANDOFF
        ]
        handoff = _reason(outcome, question.misunderstood)
        state: dict[str, Any] | None = made.state
        active_form = made.active_form
        if handoff and _form_of(question.state) and not made.form_gone:
            # Calling a person ends no form: staff see how far it got, and the assistant goes on there afterwards.
            state, active_form = question.state, _form_of(question.state)
        if outcome == Outcome.CRISIS:
            state = with_slot(state, WARNED, True)
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
            intent=made.intent,
        )

    def _written(self, made: EngineReply, language: str, agency: str) -> EngineReply:
        """The reply without what nobody wrote: a model may know a topic that the files do not have any more."""
        missing = [item for item in made.say if not self._is_written(item["response"], language, agency)]
        if not missing:
            return made
        log.error("engine.says_what_nobody_wrote", responses=[item["response"] for item in missing])
        known = [item for item in made.say if item not in missing]
        return replace(made, say=known or [{"response": NOT_FOUND, "args": {}}], topic=None)

    def _is_written(self, response: str, language: str, agency: str) -> bool:
        """The numbers and the words of a hand-over are found elsewhere."""
        if response == CRISIS or response in _SAID_BY_HANDOFF:
            return True
        return self._knowledge.answer(response, language, agency) is not None

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
            lines=[self.numbers(question.agency, language, said=question.text)],
            state=with_slot(question.state, WARNED, True),
            active_form=_form_of(question.state),
            handoff=Reason.CRISIS,
        )

    def numbers(self, agency: str, language: str, response: str = CRISIS, said: str | None = None) -> Line:
        """The emergency numbers as the agency says them, whatever has become of its words; the fitting one first."""
        made = render_surely(self._knowledge, response, language, agency)
        return Line(response, replace(made, text=fitting_first(made.text, said or "", self._knowledge.words)))

    def _line(
        self,
        response: str,
        language: str,
        args: dict[str, Any] | None = None,
        agency: str = "",
        said: str | None = None,
    ) -> Line:
        if response == CRISIS:
            return self.numbers(agency, language, said=said)
        return Line(response, render(self._knowledge, response, language, args, agency))


def _in_usual_forms(question: Question) -> Question:
    """As rules and engine read it."""
    return replace(question, text=usual_forms(question.text)) if question.text else question


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
