"""A form that was left for a day: what is open is said before it is asked, and nothing is sent by a nod."""

from collections.abc import Iterator
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions import context
from actions.asking import AskConfirm, AskContact, AskPlace, AskText
from actions.item_form import ValidateItemForm
from actions.items import NONE
from bot.knowledge.languages import LANGUAGES
from bot.services import make_services
from bot.settings import Settings
from bot.suggestions.own import OwnItems
from tests.actions.asked import BIN, LAMP, turn
from tests.fakes import FakeEngines

ASKS: dict[str, type[Action]] = {
    "item_text": AskText,
    "item_place": AskPlace,
    "item_contact": AskContact,
    "item_confirm": AskConfirm,
}
ASKED = [{"event": "user"}]
BEGUN = [*ASKED, {"event": "action", "name": "action_begin_item"}]


@pytest.fixture(scope="module", autouse=True)
def bound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """The actions with services of their own; the turns whose form was left are what a test says."""
    left: set[str] = set()

    async def was_left(turn_id: str) -> bool:
        return turn_id in left

    made = make_services(Settings(home=tmp_path_factory.mktemp("home")), FakeEngines(), "secret")
    own = OwnItems(made.items, made.secrets)
    context.bind(context.Context(made.database, made.knowledge, made.items, own, was_left))
    yield left


@pytest.fixture
def left(bound: set[str]) -> Iterator[None]:
    """She comes back after a day."""
    bound.add("turn")
    yield
    bound.clear()


async def asks(asked: str, events: list[dict[str, Any]] = ASKED, text: str = "hola", **more: Any) -> list[Any]:
    """What is said when the form asks."""
    told = turn(asked, text, **more)
    tracker = Tracker("turn", told.slots, told.latest_message, events, False, None, told.active_loop, "action_listen")
    dispatcher = CollectingDispatcher()
    await ASKS[asked]().run(dispatcher, tracker, {})
    return dispatcher.messages


def offered(said: dict[str, Any]) -> list[str]:
    """The buttons of what is said, the same in both languages."""
    wordings = [context.current().knowledge.answer(said["response"], language) for language in LANGUAGES]
    [payloads] = {tuple(button.payload for button in wording.buttons) for wording in wordings if wording}
    return list(payloads)


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
async def test_what_is_open_is_said_before_it_is_asked_with_the_ways_on(asked: str) -> None:
    first, question = await asks(asked)
    assert first["response"] == "utter_item_left" and first["matter"] == LAMP
    assert offered(first) == ['/choose{"slot": "item_confirm", "value": "send"}', "/cancel"]
    assert question["response"].startswith("utter_ask_item")


@pytest.mark.usefixtures("left")
async def test_where_nothing_was_told_yet_it_cannot_be_sent() -> None:
    first, question = await asks("item_text")
    assert first["response"] == "utter_item_left_empty"
    assert offered(first) == ["/cancel"]
    assert question["response"] == "utter_ask_item_text_report"


@pytest.mark.usefixtures("left")
async def test_the_summary_says_it_all_by_itself() -> None:
    first, question = await asks("item_confirm")
    assert (first["response"], question["response"]) == ("utter_item_left_unsent", "utter_ask_item_confirm")
    assert not offered(first), "the summary has them"


@pytest.mark.usefixtures("left")
async def test_a_form_that_begins_now_was_not_left() -> None:
    assert [said["response"] for said in await asks("item_place", BEGUN)] == ["utter_ask_item_place"]


@pytest.mark.parametrize("asked", list(ASKS))
async def test_who_goes_on_at_once_is_only_asked(asked: str) -> None:
    assert len(await asks(asked)) == 1


async def validated(asked: str, text: str, act: str, **more: Any) -> dict[str, Any]:
    """The slots that are set."""
    events = await ValidateItemForm().run(CollectingDispatcher(), turn(asked, text, act, **more), {})
    return {event["name"]: event["value"] for event in events}


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize(("text", "act"), [("sí", "yes"), ("vale", "ack"), ("mándalo", "send")])
async def test_after_a_day_no_nod_sends_what_she_does_not_see(text: str, act: str) -> None:
    assert await validated("item_confirm", text, act) == {"item_confirm": None}


@pytest.mark.parametrize(("text", "act"), [("sí", "yes"), ("vale", "ack"), ("mándalo", "send")])
async def test_at_once_it_is_sent(text: str, act: str) -> None:
    assert await validated("item_confirm", text, act) == {"item_confirm": "send"}


@pytest.mark.usefixtures("left")
async def test_what_she_writes_then_is_kept_as_ever() -> None:
    assert BIN in str((await validated("item_contact", BIN, "add"))["item_text"])


@pytest.mark.parametrize("asked", ["item_place", "item_contact", "item_confirm"])
async def test_sending_it_as_it_is_leaves_open_what_was_not_told(asked: str) -> None:
    pressed = {"slot": "item_confirm", "value": "send"}
    filled = await validated(asked, "/choose", "", intent="choose", **pressed)
    place = {"item_place": NONE} if asked == "item_place" else {}
    contact = {} if asked == "item_confirm" else {"item_contact": NONE}
    assert filled == {"item_confirm": "send", **place, **contact}


@pytest.mark.usefixtures("left")
async def test_after_a_day_words_that_name_no_place_are_no_answer_to_a_question_of_yesterday() -> None:
    filled = await validated("item_place", "además parpadea la de la esquina", "place")
    assert "parpadea" in str(filled["item_text"]) and "item_place" not in filled
    filled = await validated("item_place", "calle Alameda 3", "place", street="calle Alameda 3")
    assert filled["item_place"] == "calle Alameda 3"


async def test_at_once_they_are_the_answer() -> None:
    assert (await validated("item_place", "al lado de la fuente", "place"))["item_place"] == "al lado de la fuente"
