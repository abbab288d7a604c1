"""Giving a report up in words is asked about, with nothing else below; what sends it is never written into it."""

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.asking import AskConfirm, AskContact, AskPlace, AskText
from actions.items import NONE
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard


@pytest.mark.parametrize("act", ["say", "greet", "add", "text", "ack", "presence"])
@pytest.mark.parametrize("asked", ["item_place", "item_contact", "item_confirm"])
@pytest.mark.parametrize(
    "text",
    [
        "actually nah forget it my mates will laugh",
        "dejalo que me estas mareando con tanta pregunta",
        "Mire, déjelo estar, no quiero perjudicar a nadie",
        "oh well, drop it, it is not worth it",
        "bueno olvidalo, ya lo arreglo yo",
        "leave it, I will ring them myself",
    ],
)
def test_giving_it_up_in_words_is_asked_about_and_stays_out_of_the_report(asked: str, text: str, act: str) -> None:
    assert answered(asked, text, act) == ["utter_item_ask_cancel"]
    noted = heard(asked, text, act)
    assert (noted["item_text"], noted["asked"]) == (LAMP, "/cancel")


@pytest.mark.parametrize("text", ["mire, sabe que, dejelo estar", "nah scrap that"])
@pytest.mark.parametrize("act", ["skip", "no"])
def test_where_a_contact_is_asked_for_giving_it_all_up_is_no_refusal_of_the_contact(text: str, act: str) -> None:
    assert answered("item_contact", text, act) == ["utter_item_ask_cancel"]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("déjalo así", "say"),
        ("leave it as it is", "say"),
        ("leave it at the corner", "place"),
        ("someone had to leave it there", "add"),
        ("they forgot it and the lamp is off", "add"),
    ],
)
def test_what_stays_as_it_is_is_not_given_up(text: str, act: str) -> None:
    assert "utter_item_ask_cancel" not in answered("item_place", text, act)


@pytest.mark.parametrize("asks", [AskText, AskPlace, AskContact, AskConfirm])
async def test_below_the_question_whether_it_is_given_up_the_form_asks_nothing(asks: type[AskText]) -> None:
    told = turn("item_confirm", "dejalo")
    told.slots["asked"] = "/cancel"
    tracker = Tracker("turn", told.slots, told.latest_message, [], False, None, told.active_loop, "action_listen")
    dispatcher = CollectingDispatcher()
    await asks().run(dispatcher, tracker, {})
    assert dispatcher.messages == []


@pytest.mark.parametrize("act", ["presence", "readback", "nothing"])
def test_whether_something_was_sent_is_answered_though_it_is_hardly_heard(act: str) -> None:
    text = "¿No se ha enviado nada, verdad?"
    clauses: Clauses = [("¿No se ha enviado nada,", "status", 0.41, 0.05), ("verdad?", "yes", 0.32, 0.29)]
    assert answered("item_confirm", text, act, clauses) == ["utter_item_not_sent"]


def test_a_place_with_the_wish_to_send_it_leads_to_the_summary() -> None:
    text = "calle del Andén 22. mándelo ya que tengo prisa"
    clauses: Clauses = [("calle del Andén 22.", "place", 0.96, 1.0), ("mándelo ya que tengo prisa", "send", 0.94, 0.06)]
    noted = heard("item_place", text, "send", clauses, street="calle del Andén 22")
    assert (noted["item_place"], noted["item_contact"]) == ("calle del Andén 22.", NONE)
    assert noted["item_text"] == LAMP and not noted.get("item_confirm")


def test_what_may_give_it_up_and_surely_sends_it_is_shown_once_more() -> None:
    text = "no email, nothing, I said send it!!"
    clauses: Clauses = [
        ("no email,", "skip", 0.9, 0.06),
        ("nothing,", "skip", 0.5, 0.04),
        ("I said send it!!", "send", 0.8, 0.1),
    ]
    assert answered("item_confirm", text, "perhaps_cancel", clauses) == []
    assert not heard("item_confirm", text, "perhaps_cancel", clauses).get("asked")


def test_who_may_want_a_person_is_asked_and_what_she_tells_is_noted() -> None:
    told = "que venga alguien a verlo ya, por favor"
    assert answered("item_text", told, "perhaps_person")[-1] == "utter_item_ask_person"
    noted = heard("item_text", told, "perhaps_person")
    assert (noted["item_text"], noted["asked"]) == (told, "/ask_human")
    elsewhere = heard("item_place", "yes, tell whoever has to fix it", "perhaps_person")
    assert "item_place" not in elsewhere and elsewhere["asked"] == "/ask_human"
