"""Who asks for the other language gets the last answer again in it, by words and by the button."""

import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.dialogue import ChangeLanguage
from bot.services import Services
from tests.actions.test_parts import bound  # noqa: F401 - the fixture
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen

TOPICS = json.dumps([["water_supply"], ["bus_pass"]])


async def said_to(words: str, **slots: Any) -> tuple[list[str], str]:
    dispatcher = CollectingDispatcher()
    parsed = {"text": words, "intent": {"name": "change_language"}, "entities": []}
    tracker = Tracker("t", {"language": "es", "topics": TOPICS, **slots}, parsed, [], False, None, {}, "action_listen")
    [event] = await ChangeLanguage().run(dispatcher, tracker, {})
    return [str(message["response"]) for message in dispatcher.messages], str(event["value"])


@pytest.mark.parametrize(
    ("words", "slots", "language", "again"),
    [
        ("can you say that in english please", {}, "en", True),
        ("puede hablar español?", {"language": "en"}, "es", True),
        ("en español, por favor", {}, "es", False),
        ("in english please", {"topics": None}, "en", False),
        ("in english please", {"requested_slot": "item_place"}, "en", False),
    ],
)
async def test_the_last_answer_comes_again_in_the_language_that_was_asked_for(
    words: str, slots: dict[str, Any], language: str, again: bool
) -> None:
    expected = ["utter_language_changed", *(["utter_faq/water_supply"] if again else [])]
    assert await said_to(words, **slots) == (expected, language)


@pytest.mark.parametrize(("pressed", "said"), [("lang.en", 2), ("lang.es", 1)])
async def test_the_button_does_the_same(working: Services, engine: FakeEngine, pressed: str, said: int) -> None:
    ana = citizen(working)
    await ana.arrives(language="es")
    engine.reply = says("utter_faq/water_supply", slots={"topics": TOPICS})
    await ana.says(text="no sale agua del grifo")
    told = await ana.says(button=pressed)
    assert len(told) == said and (said == 1 or "no water" in told[1]["text"])
