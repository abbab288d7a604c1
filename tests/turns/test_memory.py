"""What the engine said before is said again without asking it, where that is the same for everybody."""

from dataclasses import replace
from typing import Any

import pytest

from bot.replicas.wire import EngineReply, EngineTurn
from bot.turns.memory import Memory
from tests.fakes import FakeEngine, says

SLOTS = {"language": "es", "agency": "aldealba", "misunderstood": 0, "has_location": False}


def reply(*actions: str, **slots: str) -> EngineReply:
    said = says("utter_faq/bulky_waste", slots=slots)
    return replace(said, state={**said.state, "events": [{"intent": "faq", "actions": list(actions)}]})


def turn(text: str | None = "¿el sofá?", state: dict[str, Any] | None = None, **also: Any) -> EngineTurn:
    return EngineTurn("t_1", text, also.pop("payload", None), {**SLOTS, **also}, state)


@pytest.fixture
def engine() -> FakeEngine:
    made = FakeEngine()
    made.reply = reply("utter_faq")
    return made


async def test_the_same_question_in_the_same_situation_is_asked_once(engine: FakeEngine) -> None:
    memory = Memory(engine, lambda: "m", 10)
    first = await memory.ask(turn())
    second = await memory.ask(replace(turn(), turn_id="t_2"))
    assert len(engine.asked) == 1
    assert (second.say, second.state, second.tries) == (first.say, first.state, 0)


@pytest.mark.parametrize(
    "other",
    [
        turn("¿y la nevera?"),
        turn(None, payload="/faq/bulky_waste"),
        turn(language="en"),
        turn(misunderstood=1),
        turn(state={"v": 1, "slots": {}, "active_form": None, "events": [{"intent": "greet", "actions": []}]}),
    ],
)
async def test_another_question_or_situation_is_asked(engine: FakeEngine, other: EngineTurn) -> None:
    memory = Memory(engine, lambda: "m", 10)
    await memory.ask(turn())
    await memory.ask(other)
    assert len(engine.asked) == 2


@pytest.mark.parametrize(
    "said",
    [
        reply("utter_faq", "action_begin_item"),  # it has changed something
        reply(),
        replace(reply("utter_faq"), entities=[{"entity": "phone", "value": "600 000 000"}]),
        replace(reply("utter_faq"), state={**reply("utter_faq").state, "active_form": "item_form"}),
        reply("utter_faq", item_contact="ana@aldealba.example"),  # it is hers alone
    ],
)
async def test_what_acted_or_is_personal_is_never_remembered(engine: FakeEngine, said: EngineReply) -> None:
    if not said.state["events"][-1]["actions"]:
        said = replace(said, state={**said.state, "events": []})
    engine.reply = said
    memory = Memory(engine, lambda: "m", 10)
    await memory.ask(turn())
    await memory.ask(turn())
    assert len(engine.asked) == 2


async def test_another_model_is_asked_afresh(engine: FakeEngine) -> None:
    model = "a"
    memory = Memory(engine, lambda: model, 10)
    await memory.ask(turn())
    model = "b"
    await memory.ask(turn())
    assert len(engine.asked) == 2


async def test_of_too_many_the_least_used_goes_and_nothing_is_kept_when_switched_off(engine: FakeEngine) -> None:
    memory = Memory(engine, lambda: "m", 2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await memory.ask(turn(text))
    assert [asked.text for asked in engine.asked] == ["a", "b", "c", "b"]
    off = Memory(engine, lambda: "m", 0)
    await off.ask(turn("d"))
    await off.ask(turn("d"))
    assert [asked.text for asked in engine.asked][-2:] == ["d", "d"]
