"""Words to the clerk are no part of a report, and its questions are answered beside."""

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.items import NONE, BeginItem
from actions.words import content_words
from tests.actions.asked import LAMP, bound, turn  # noqa: F401
from tests.actions.form import Clauses, answered, heard, spans

STOP: Clauses = [
    ("en la parada del molino,", "place", 0.95, 1.0),
    ("la de al lado del colegio.", "place", 0.85, 0.99),
    ("y esto a quien le llega?", "aside", 0.98, 0.0),
]
TOLD: Clauses = [
    ("en la plaza,", "place", 0.93, 1.0),
    ("ya os lo he dicho,", "cancel", 0.27, 0.04),
    ("delante del 14", "place", 0.91, 1.0),
]
PHONE: Clauses = [
    ("tengo q dar telefono?", "aside", 0.98, 0.0),
    ("600 123 456", "contact", 0.96, 1.0),
    ("y q me contesteis en serio", "presence", 0.29, 0.15),
]
READS: Clauses = [("next to the school,", "place", 0.9, 0.99), ("who reads this?", "aside", 0.77, 0.1)]


def text_of(clauses: Clauses) -> str:
    return " ".join(words for words, *_ in clauses)


@pytest.mark.parametrize(
    ("clauses", "act", "place"),
    [
        (STOP, "place", "en la parada del molino, la de al lado del colegio."),
        (TOLD, "place", "en la plaza, delante del 14"),
        (READS, "aside", "next to the school"),
    ],
)
def test_words_to_the_clerk_are_no_part_of_the_place(clauses: Clauses, act: str, place: str) -> None:
    assert heard("item_place", text_of(clauses), act, clauses)["item_place"] == place


def test_words_to_the_clerk_beside_a_contact_are_no_part_of_the_report() -> None:
    noted = heard("item_contact", text_of(PHONE), "contact", PHONE)
    assert (noted["item_text"], noted["item_contact"]) == (LAMP, "600 123 456")


@pytest.mark.parametrize(("clauses", "asked"), [(STOP, "item_place"), (PHONE, "item_contact"), (READS, "item_place")])
def test_a_question_beside_what_is_told_is_answered(clauses: Clauses, asked: str) -> None:
    assert "utter_item_about" in answered(asked, text_of(clauses), clauses[0][1], clauses)


def test_a_story_keeps_what_may_belong_to_it() -> None:
    clauses: Clauses = [
        ("el camión pasó de largo.", "text", 0.9, 1.0),
        ("qué vergüenza.", "nothing", 0.4, 0.2),
        ("gracias", "thank", 0.95, 0.01),
    ]
    assert (
        heard("item_text", text_of(clauses), "text", clauses)["item_text"] == "el camión pasó de largo. qué vergüenza."
    )


@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
def test_a_no_with_something_to_add_answers_the_question_for_the_contact_alone(asked: str) -> None:
    clauses: Clauses = [("no,", "no", 0.9, 0.0), ("pero añade que hay cristales", "add", 0.9, 1.0)]
    noted = heard(asked, text_of(clauses), "add", clauses)
    assert "hay cristales" in noted["item_text"]
    assert noted.get("item_contact") == (NONE if asked == "item_contact" else None)


@pytest.mark.parametrize("act", ["fix_place", "place"])
def test_the_no_of_a_correction_is_not_the_answer_to_the_question(act: str) -> None:
    clauses: Clauses = [("no,", "no", 0.9, 0.0), ("en la calle Mayor", act, 0.9, 1.0)]
    noted = heard("item_contact", text_of(clauses), act, clauses, item_place="calle Olmo 3", street="calle Mayor")
    assert "calle Mayor" in noted["item_place"] and noted.get("item_contact") is None


def test_who_wants_to_leave_no_contact_says_so_beside_a_correction_too() -> None:
    clauses: Clauses = [("no hace falta,", "skip", 0.9, 0.0), ("es en la calle Mayor", "fix_place", 0.9, 1.0)]
    noted = heard(
        "item_contact", text_of(clauses), "fix_place", clauses, item_place="calle Olmo 3", street="calle Mayor"
    )
    assert "calle Mayor" in noted["item_place"] and noted["item_contact"] == NONE


def test_a_place_with_a_shrug_is_a_place() -> None:
    clauses: Clauses = [("pues no se,", "no", 0.4, 0.04), ("por el parque.", "place", 0.62, 0.94)]
    clauses = [*clauses, ("¿hace falta decirlo?", "skip", 0.95, 0.01)]
    assert heard("item_place", text_of(clauses), "skip", clauses)["item_place"] == "por el parque."


def test_a_place_among_words_to_the_clerk_is_a_place_whatever_was_asked() -> None:
    clauses: Clauses = [("I told you,", "status", 0.32, 0.06), ("Alameda street.", "place", 0.77, 0.99)]
    clauses = [*clauses, ("does anybody read this?", "presence", 0.51, 0.13)]
    noted = heard("item_contact", text_of(clauses), "say", clauses, street="Alameda street")
    assert (noted["item_text"], noted["item_place"]) == (LAMP, "Alameda street")


def test_an_addition_and_send_it_is_shown_once_more() -> None:
    clauses: Clauses = [("añade que hay cristales.", "add", 0.99, 1.0), ("y mandalo ya", "send", 0.99, 0.0)]
    noted = heard("item_confirm", text_of(clauses), "send", clauses)
    assert (noted["item_text"], noted.get("item_confirm")) == (f"{LAMP}. hay cristales.", None)


@pytest.mark.parametrize("asked", ["item_place", "item_contact", "item_confirm"])
def test_who_asks_whether_it_was_sent_is_told_the_truth(asked: str) -> None:
    clauses: Clauses = [("did you send it yes or no", "status", 0.93, 0.0)]
    assert answered(asked, text_of(clauses), "readback", clauses) == ["utter_item_not_sent"]
    assert heard(asked, text_of(clauses), "readback", clauses).get("item_confirm") is None


def test_clauses_that_are_damaged_are_one_that_tells() -> None:
    tracker = turn("item_place", "en la plaza", "place", clauses="[[0, 3")
    from actions.item_form import read

    assert read(tracker)[0]["item_place"] == "en la plaza"


async def test_what_leads_up_to_a_report_is_no_part_of_it() -> None:
    clauses: Clauses = [
        ("madre mia que no.", "no", 0.91, 0.02),
        ("hay una farola fundida en mi portal", "text", 0.9, 0.96),
    ]
    text = text_of(clauses)
    tracker = turn("item_text", text, intent="report_problem", clauses=spans(text, clauses))
    events = await BeginItem().run(CollectingDispatcher(), tracker, {})
    filled = {event["name"]: event["value"] for event in events}
    assert filled["item_text"] == "hay una farola fundida en mi portal" and content_words(filled["item_text"])


@pytest.mark.parametrize(
    "clauses",
    [
        [("hola la farola no va desde hace 1 semana", "status", 0.81, 0.18), ("y apesta a quemado", "add", 0.64, 0.86)],
        [("el suelo de mi portal se hunde", "status", 0.9, 0.1), ("y apesta", "add", 0.6, 0.9)],
    ],
)
async def test_a_report_begins_with_all_that_is_told_though_a_clause_was_taken_for_a_question(clauses: Clauses) -> None:
    text = text_of(clauses)
    tracker = turn("item_text", text, intent="report_problem", clauses=spans(text, clauses))
    events = await BeginItem().run(CollectingDispatcher(), tracker, {})
    assert {event["name"]: event["value"] for event in events}["item_text"] == text
