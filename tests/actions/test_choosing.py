"""Whether new words replace the text, are added, or go again: answered in any words; a nod answers none of three."""

import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.asking import AskConfirm, AskContact, AskPlace
from actions.item_form import read
from tests.actions.asked import LAMP, bound, said, turn  # noqa: F401

NEW = "En mi portal no se ve"
BOTH = f"{LAMP}. {NEW}"
OPEN = json.dumps({"unsure": f"{len(LAMP)}/{len(BOTH)}"})


def answer(text: str, act: str) -> tuple[dict[str, Any], list[str]]:
    """What is noted, and said, when `text` answers whether "En mi portal no se ve" replaces the text."""
    tracker = turn("item_confirm", text, act, item_text=BOTH, told=OPEN)
    filled, says = read(tracker)
    return {**tracker.slots, **filled}, says


@pytest.mark.parametrize("act", ["fix_text", "say", "add", "text", "place", "yes", "no", "leave_out", "change"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("que valga solo lo último", NEW),
        ("solo lo nuevo", NEW),
        ("quédate con lo de ahora", NEW),
        ("borra lo de antes", NEW),
        ("keep the new one", NEW),
        ("just the last bit please", NEW),
        ("instead of what was there", NEW),
        ("forget the old one", NEW),
        ("la primera opción", NEW),
        ("option 1", NEW),
        ("oh no, keep both please", BOTH),
        ("las dos cosas", BOTH),
        ("put them together", BOTH),
        ("la segunda opción", BOTH),
        ("no no, lo primero que puse déjalo", LAMP),
        ("mejor lo de antes", LAMP),
        ("olvida lo nuevo", LAMP),
        ("keep the old one", LAMP),
        ("what I wrote before", LAMP),
        ("back to the original", LAMP),
    ],
)
def test_the_answer_is_heard_in_other_words_and_never_written_into_the_report(text: str, left: str, act: str) -> None:
    noted, _ = answer(text, act)
    assert noted["item_text"] == left and not noted.get("item_confirm")


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("👍", "yes"),
        ("sí", "yes"),
        ("ok", "ack"),
        ("vale, perfecto", "ack"),
        ("no", "no"),
        ("the first one", "say"),
        ("la segunda", "place"),
        ("don't add it", "add"),
        ("que no lo sustituya", "fix_text"),
    ],
)
def test_what_answers_none_of_three_is_asked_again_and_nothing_is_sent_or_written(text: str, act: str) -> None:
    noted, says = answer(text, act)
    assert says == ["utter_item_unsure_again"]
    assert noted["item_text"] == BOTH and not noted.get("item_confirm")


def test_who_says_send_sends_it_as_it_is_shown() -> None:
    assert answer("envíalo así", "send")[0]["item_confirm"] == "send"


@pytest.mark.parametrize("asks", [AskPlace, AskContact, AskConfirm])
async def test_while_it_is_open_the_form_asks_nothing_else_and_shows_no_other_buttons(asks: type[AskPlace]) -> None:
    told = turn("item_confirm", "hola", item_text=BOTH, told=OPEN)
    now = {"event": "slot", "name": "told", "value": OPEN}
    for events, responses in (([{"event": "user"}, now], []), ([now, {"event": "user"}], ["utter_item_unsure"])):
        tracker = Tracker(
            "turn", told.slots, told.latest_message, events, False, None, told.active_loop, "action_listen"
        )
        dispatcher = CollectingDispatcher()
        await asks().run(dispatcher, tracker, {})
        assert [message["response"] for message in dispatcher.messages] == responses


async def test_once_the_text_has_changed_the_form_asks_its_own_again() -> None:
    told = turn("item_confirm", "hola", item_text=f"{BOTH}. Y huele", told=OPEN)
    tracker = Tracker("turn", told.slots, told.latest_message, [], False, None, told.active_loop, "action_listen")
    dispatcher = CollectingDispatcher()
    await AskPlace().run(dispatcher, tracker, {})
    assert [message["response"] for message in dispatcher.messages] == ["utter_ask_item_place"]


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("cambia el texto, la farola la rompieron unos chavales", "la farola la rompieron unos chavales"),
        ("no, cámbialo, la farola la rompieron unos chavales", "la farola la rompieron unos chavales"),
        ("change it, the lamp was broken on sunday by some kids", "the lamp was broken on sunday by some kids"),
        ("pues mejor así, la farola la rompieron unos chavales", "la farola la rompieron unos chavales"),
    ],
)
async def test_the_order_that_raises_the_question_is_no_part_of_what_is_put(text: str, new: str) -> None:
    assert read(turn("item_confirm", text, "fix_text"))[0]["item_text"] == f"{LAMP}. {new}"
    assert await said("item_confirm", text, "fix_text") == ["utter_item_unsure"]


@pytest.mark.parametrize("act", ["fix_text", "text", "say", "add"])
@pytest.mark.parametrize("lead", ["el texto:", "no, el texto así:", "the text:", "text:"])
def test_a_text_that_is_named_and_dictated_replaces_the_text(lead: str, act: str) -> None:
    assert read(turn("item_confirm", f"{lead} {NEW}", act))[0]["item_text"] == NEW
