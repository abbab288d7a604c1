"""What the form hears in a citizen's words: an answer, a correction, a skip, or something that is not meant for it."""

from typing import Any

import pytest
from rasa_sdk.interfaces import Tracker

from actions import context
from actions.item_form import CORRECTED, read
from actions.items import NONE
from bot.services import Services


@pytest.fixture(autouse=True)
def bound(services: Services) -> None:
    """The actions with the services of the test."""
    context.bind(context.Context(services.database, services.knowledge, services.items))


def heard(asked: str, text: str, intent: str = "nlu_fallback", confidence: float = 0.9, **slots: Any) -> dict[str, Any]:
    """What the form fills from `text`, when `asked` is its question and the engine took the text for `intent`."""
    street = slots.pop("street", None)
    entities = [{"entity": "street", "value": street}] if street else []
    parsed = {"text": text, "intent": {"name": intent, "confidence": confidence}, "entities": entities}
    filled = {"requested_slot": asked, "item_kind": "report", "language": "es", "agency": "aldealba", **slots}
    return read(Tracker("turn", filled, parsed, [], False, None, {"name": "item_form"}, "item_form"))


@pytest.mark.parametrize("asked", ["item_contact", "item_confirm"])
@pytest.mark.parametrize("text", ["envíalo", "send it", "Enviar.", "sí, envíalo"])
def test_send_is_never_taken_for_giving_up(asked: str, text: str) -> None:
    filled = heard(asked, text, "cancel", 0.99)
    assert filled == ({"item_contact": NONE} if asked == "item_contact" else {"item_confirm": "send"})


@pytest.mark.parametrize("text", ["cancelar", "déjalo", "no lo envíes", "never mind"])
def test_the_words_for_giving_up_give_up_however_unsure_the_engine_is(text: str) -> None:
    assert heard("item_contact", text, "cancel", 0.01) == {}


def test_what_only_resembles_giving_up_loses_nothing() -> None:
    assert heard("item_contact", "bueno pues nada más", "cancel", 0.3) == {"item_kind": "report"}


@pytest.mark.parametrize("text", ["no quiero dejar nada", "no quiero dejar contacto", "no contact please"])
@pytest.mark.parametrize("intent", ["cancel", "my_data", "deny", "nlu_fallback"])
def test_a_no_to_the_contact_is_no_more_than_that(text: str, intent: str) -> None:
    assert heard("item_contact", text, intent, 0.9) == {"item_contact": NONE}


@pytest.mark.parametrize("text", ["no", "me da igual", "por aquí", "da igual", "skip", "enviar"])
def test_the_contact_can_be_skipped_in_words(text: str) -> None:
    assert heard("item_contact", text, "out_of_scope") == {"item_contact": NONE}


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("ana@example.org", "ana@example.org"),
        ("llámame al 600 123 456", "600 123 456"),
        ("+34 600123456 gracias", "+34 600123456"),
    ],
)
@pytest.mark.parametrize("intent", ["nlu_fallback", "affirm", "my_data", "cancel"])
def test_a_contact_is_found_in_a_sentence_whatever_it_was_taken_for(text: str, contact: str, intent: str) -> None:
    assert heard("item_contact", text, intent) == {"item_contact": contact}


def test_a_street_instead_of_a_contact_corrects_the_place() -> None:
    filled = heard("item_contact", "Calle del Andén", street="Calle del Andén")
    assert filled[CORRECTED] and filled["item_place"] == "Calle del Andén"


@pytest.mark.parametrize("text", ["no, en la calle Mayor 3", "perdón, calle Mayor 3", "quería decir calle Mayor 3"])
def test_a_correction_in_free_words_replaces_the_place_and_a_location(text: str) -> None:
    filled = heard("item_contact", text, "deny", street="calle Mayor 3", item_lat=40.4, item_lon=-3.7)
    assert filled[CORRECTED]
    assert (filled["item_place"], filled["item_lat"], filled["item_lon"]) == ("calle Mayor 3", None, None)


@pytest.mark.parametrize("text", ["¿cuánto cuesta el IBI?", "qué necesito para empadronarme"])
def test_a_question_is_not_an_answer(text: str) -> None:
    assert heard("item_place", text, "faq") == {}


@pytest.mark.parametrize("intent", ["ask_human", "check_status", "change_language"])
def test_a_request_of_its_own_is_not_an_answer(intent: str) -> None:
    assert heard("item_place", "quiero otra cosa", intent) == {}


def test_danger_is_heard_at_any_confidence() -> None:
    assert heard("item_place", "ayuda", "crisis", 0.01) == {}


@pytest.mark.parametrize("text", ["hola", "gracias", "quiero hacer una sugerencia"])
def test_what_says_nothing_is_no_suggestion(text: str) -> None:
    assert heard("item_text", text, "greet") == {}


def test_the_matter_brings_its_subject_place_and_agency() -> None:
    text = "hay una farola rota en la calle Mayor 3"
    filled = heard("item_text", text, "report_problem", street="calle Mayor 3")
    assert filled["item_text"] == text
    assert (filled["item_subject"], filled["item_agency"]) == ("street_lighting", "aldealba")
    assert filled["item_place"] == "calle Mayor 3"


def test_yes_to_a_question_for_words_asks_again_and_says_nothing_else() -> None:
    assert heard("item_contact", "sí", "affirm") == {"item_kind": "report"}
