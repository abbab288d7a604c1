"""What is said to the clerk beside what is told is answered, and what is told is kept; clauses as the engine reads."""

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.item_form import read
from actions.items import BeginItem
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard, spans

RATS: Clauses = [("hay ratas en el parque,", "text", 0.98, 0.99), ("bueno dejalo", "cancel", 0.68, 0.0)]
FOX: Clauses = [
    ("there's a dead fox on the road,", "topic", 0.48, 0.99),
    ("actually never mind", "cancel", 0.83, 0.0),
]
PERSON: Clauses = [
    ("hay una farola rota en mi portal.", "text", 0.95, 0.98),
    ("quiero hablar con alguien de verdad", "person", 0.99, 0.0),
]
ASKS = {"cancel": ("utter_item_ask_cancel", "/cancel"), "person": ("utter_item_ask_person", "/ask_human")}


def text_of(clauses: Clauses) -> str:
    return " ".join(words for words, *_ in clauses)


@pytest.mark.parametrize("asked", ["item_text", "item_place", "item_contact", "item_confirm"])
@pytest.mark.parametrize("clauses", [RATS, FOX, PERSON])
def test_who_wants_a_person_or_to_give_up_beside_what_she_tells_is_asked_and_it_is_kept(
    clauses: Clauses, asked: str
) -> None:
    noted = heard(asked, text_of(clauses), "text", clauses)
    response, agreed = ASKS[clauses[-1][1]]
    assert clauses[0][0].rstrip(",.") in noted["item_text"] and noted.get("item_confirm") is None
    assert response in answered(asked, text_of(clauses), "text", clauses) and noted["asked"] == agreed


async def test_a_report_that_begins_with_a_wish_for_a_person_asks_whether_to_call_one() -> None:
    text = text_of(PERSON)
    tracker = turn("item_text", text, intent="report_problem", requested_slot=None, clauses=spans(text, PERSON))
    dispatcher = CollectingDispatcher()
    events = await BeginItem().run(dispatcher, tracker, {})
    filled = {event["name"]: event["value"] for event in events}
    assert filled["item_text"] == "hay una farola rota en mi portal." and filled["asked"] == "/ask_human"
    assert "utter_item_ask_person" in [message["response"] for message in dispatcher.messages]


@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
@pytest.mark.parametrize("act", ["hold", "readback", "nothing"])
def test_who_says_wait_and_asks_what_is_noted_is_told(act: str, asked: str) -> None:
    clauses: Clauses = [("espera,", "hold", 0.91, 0.01), ("¿qué has puesto?", "readback", 0.97, 0.02)]
    assert "utter_item_noted" in answered(asked, text_of(clauses), act, clauses)


@pytest.mark.parametrize("act", ["readback", "place", "hold"])
@pytest.mark.parametrize("asked", ["item_text", "item_place", "item_contact"])
def test_a_place_before_a_wish_to_hear_it_again_is_noted(asked: str, act: str) -> None:
    clauses: Clauses = [("Olmo street 3,", "place", 0.4, 0.98), ("read it back to me please", "readback", 0.91, 0.01)]
    noted = heard(asked, text_of(clauses), act, clauses, street="Olmo street 3")
    assert "Olmo street 3" in noted["item_place"]
    assert "utter_item_noted" in answered(asked, text_of(clauses), act, clauses, street="Olmo street 3")


def test_where_the_summary_comes_next_it_is_not_read_out_before() -> None:
    clauses: Clauses = [("600 123 456.", "contact", 0.95, 1.0), ("repiteme como queda", "readback", 0.98, 0.0)]
    assert answered("item_contact", text_of(clauses), "contact", clauses) == []
    assert heard("item_contact", text_of(clauses), "contact", clauses)["item_contact"] == "600 123 456"


@pytest.mark.parametrize(
    ("behind", "act", "says"),
    [
        ("no no espera", "no", ["utter_item_hold"]),
        ("wait a second", "hold", ["utter_item_hold"]),
        ("mejor cancela", "cancel", ["utter_item_ask_cancel"]),
    ],
)
@pytest.mark.parametrize("whole", ["send", "yes", "ack"])
def test_who_takes_back_her_yes_in_the_same_breath_has_not_sent_it(
    whole: str, behind: str, act: str, says: list[str]
) -> None:
    clauses: Clauses = [("sí, envíalo.", "send", 0.99, 0.0), (behind, act, 0.77, 0.02)]
    assert heard("item_confirm", text_of(clauses), whole, clauses).get("item_confirm") is None
    assert answered("item_confirm", text_of(clauses), whole, clauses) == says


def test_a_yes_with_nothing_to_change_is_a_yes() -> None:
    clauses: Clauses = [("envíalo,", "send", 1.0, 0.0), ("no hay nada que cambiar", "change", 0.92, 0.01)]
    assert heard("item_confirm", text_of(clauses), "send", clauses)["item_confirm"] == "send"


def test_who_hesitates_and_then_says_yes_has_sent_it() -> None:
    clauses: Clauses = [("espera,", "hold", 0.87, 0.0), ("si,", "yes", 0.99, 0.0), ("envialo", "send", 1.0, 0.0)]
    assert read(turn("item_confirm", text_of(clauses), "send", clauses=spans(text_of(clauses), clauses))) == (
        {"item_confirm": "send"},
        [],
    )


def test_who_sends_it_and_wants_a_person_has_sent_it_and_is_asked() -> None:
    clauses: Clauses = [("envíalo.", "send", 0.99, 0.0), ("y luego pásame con alguien", "person", 0.9, 0.0)]
    noted = heard("item_confirm", text_of(clauses), "send", clauses)
    assert (noted["item_confirm"], noted["asked"], noted["item_text"]) == ("send", "/ask_human", LAMP)


@pytest.mark.parametrize("asked", ["item_text", "item_contact"])
def test_what_tells_the_matter_and_was_taken_for_a_question_is_noted_and_not_answered(asked: str) -> None:
    clauses: Clauses = [
        ("hola la farola no va desde hace 1 semana", "status", 0.81, 0.18),
        ("y apesta a quemado", "add", 0.64, 0.86),
    ]
    more = {"item_text": None} if asked == "item_text" else {}
    assert text_of(clauses) in heard(asked, text_of(clauses), "text", clauses, **more)["item_text"]
    assert "utter_item_not_sent" not in answered(asked, text_of(clauses), "text", clauses, **more)


@pytest.mark.parametrize("asked", ["item_text", "item_place", "item_contact", "item_confirm"])
def test_a_wish_for_a_person_that_names_the_matter_is_asked_about_all_the_same(asked: str) -> None:
    clauses: Clauses = [PERSON[0], ("quiero hablar con alguien de lo de la farola", "person", 0.99, 0.0)]
    assert "utter_item_ask_person" in answered(asked, text_of(clauses), "text", clauses)


async def test_a_short_matter_begins_a_report_without_the_question_beside_it() -> None:
    clauses: Clauses = [("la farola no luce.", "text", 0.9, 0.9), ("¿quién lee esto?", "aside", 0.97, 0.0)]
    text = text_of(clauses)
    tracker = turn("item_text", text, intent="report_problem", requested_slot=None, clauses=spans(text, clauses))
    dispatcher = CollectingDispatcher()
    events = await BeginItem().run(dispatcher, tracker, {})
    assert {event["name"]: event["value"] for event in events}["item_text"] == "la farola no luce."
    assert "utter_item_about" in [message["response"] for message in dispatcher.messages]
