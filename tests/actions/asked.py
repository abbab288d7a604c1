"""A turn in the form: what it had asked and was told before, what is written now, and what comes of it."""

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions import context
from actions.acts import ACTS
from actions.item_form import ValidateItemForm, read
from actions.words import content_words
from bot.services import make_services
from bot.settings import Settings
from bot.suggestions.own import OwnItems
from bot.text import plain
from tests.fakes import FakeEngines

LAMP = "La farola no luce desde hace 3 semanas"
BIN = "El contenedor de la esquina huele muy mal"
SLOTS = ("item_text", "item_place", "item_contact", "item_confirm")
NOTED = {"item_text": LAMP, "item_place": "Calle Mayor 14", "item_contact": "600 123 456"}
ABOUT = {"item_subject": "street_lighting", "item_agency": "aldealba"}
TELLING = ("say", "text", "add", "place", "contact", "fix_text", "fix_place", "fix_contact", "two")
COMMANDS = tuple(act for act in ACTS if act not in TELLING)
SPEAKING = ("nothing", "thank", "ack", "greet", "presence", "aside", "hold", "readback", "perhaps_cancel")


@pytest.fixture(scope="module", autouse=True)
def bound(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The actions with services of their own; the form reads no table, so that all tests may share them."""
    made = make_services(Settings(home=tmp_path_factory.mktemp("home")), FakeEngines(), "secret")
    own = OwnItems(made.items, made.secrets)
    context.bind(context.Context(made.database, made.knowledge, made.items, own))


def noted_before(asked: str) -> dict[str, Any]:
    """What she has told when the form asks for `asked`."""
    told = dict(list(NOTED.items())[: SLOTS.index(asked)])
    return {**told, **ABOUT} if told else {}


def turn(asked: str, text: str, act: str = "say", intent: str = "form", **more: Any) -> Tracker:
    """`text` at the question `asked`; `more` are slots, or entities and a ranking that the engine has found."""
    names = ("street", "district", "agency", "slot", "value", "lat", "lon", "clauses")
    found = {"act": act if intent == "form" else None, **{name: more.pop(name, None) for name in names}}
    entities = [{"entity": name, "value": value} for name, value in found.items() if value is not None]
    ranking = [{"name": name, "confidence": 0.9} for name in more.pop("ranking", [])]
    parsed = {"text": text, "intent": {"name": intent}, "entities": entities, "intent_ranking": ranking}
    slots = {"requested_slot": asked, "item_kind": "report", "language": "es", "agency": "aldealba"}
    filled = {**slots, **noted_before(asked), **more}
    return Tracker("turn", filled, parsed, [], False, None, {"name": "item_form"}, "action_listen")


def heard(asked: str, text: str, act: str = "say", **more: Any) -> dict[str, Any]:
    """What the form fills."""
    return read(turn(asked, text, act, **more))[0]


def after(asked: str, text: str, act: str = "say", **more: Any) -> dict[str, Any]:
    """All that is noted once the form has heard it."""
    tracker = turn(asked, text, act, **more)
    return {**tracker.slots, **read(tracker)[0]}


async def said(asked: str, text: str, act: str = "say", **more: Any) -> list[str]:
    """The responses that are said before the form goes on."""
    dispatcher = CollectingDispatcher()
    await ValidateItemForm().run(dispatcher, turn(asked, text, act, **more), {})
    return [message["response"] for message in dispatcher.messages]


def waits(asked: str, text: str, act: str = "say", **more: Any) -> bool:
    """Whether nothing was noted or lost, and the form asks the same again."""
    before, now = turn(asked, text, act, **more).slots, after(asked, text, act, **more)
    same = all(now.get(slot) == before.get(slot) for slot in (*SLOTS, "item_more", "item_subject", "item_agency"))
    return same and now.get(asked) is None


def keeps(words: str, noted: dict[str, Any]) -> bool:
    """Whether everything that `words` say stands in what is noted."""
    there = plain(" ".join(str(value) for value in noted.values() if isinstance(value, str)))
    return all(word in there for word in content_words(words))
