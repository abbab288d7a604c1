"""Who says again what was asked agrees to it, and a report that was laid aside is sent in plain words."""

from __future__ import annotations

from typing import Any, Dict, Optional

import pytest

from engine.acts import DANGER
from engine.agreeing import agreed
from engine.labels import labelled
from engine.reading import Reading
from engine.request import EMPTY
from engine.situation import Situation
from tests.engine.heard import alone

ASKED = Situation(asked='/withdraw{"value": "ALD-2026-000001-K"}', filed=True, later=True)
WAITING = Situation(people="waiting", later=True)
DRAFT = {**EMPTY, "slots": {"item_kind": "report", "item_text": "no light"}}


def pressed(
    text: str, label: str, situation: Situation, state: Dict[str, Any] = EMPTY, reference: bool = False
) -> Optional[str]:
    """The payload that the message stands for; None when it is read as it is."""
    own = alone(text, {label: 0.9})
    if reference:
        own = {**own, "entities": [{"entity": "reference", "value": "ALD-2026-000002-X"}]}
    before = Reading([labelled(own, label.replace("act/", ""), 0.9)])

    def press(payload: str) -> Dict[str, Any]:
        return {"payload": payload}

    return agreed(before, own, situation, state, press).parsed[0].get("payload")


@pytest.mark.parametrize(("text", "label"), [("si quitala", "act/withdraw"), ("yes take it away", "cancel")])
def test_who_says_again_what_was_asked_agrees_to_it(text: str, label: str) -> None:
    assert pressed(text, label, ASKED) == ASKED.asked


@pytest.mark.parametrize(
    ("text", "label"),
    [("no la quites", "act/withdraw"), ("don't cancel it", "cancel"), ("¿qué horario tiene?", "faq/pool")],
)
def test_what_says_no_or_something_else_agrees_to_nothing(text: str, label: str) -> None:
    assert pressed(text, label, ASKED) is None


def test_danger_is_danger_whatever_is_sent_with_it() -> None:
    own = alone("send it. he is hitting me", {"act/send": 0.9})
    heard = Reading([labelled(own, DANGER, 0.95)])
    assert agreed(heard, own, WAITING, DRAFT, lambda payload: {"payload": payload}) is heard


def test_who_names_another_reference_does_not_agree_to_this_one() -> None:
    assert pressed("retira ALD-2026-000002-X", "act/withdraw", ASKED, reference=True) is None


@pytest.mark.parametrize(
    ("text", "label", "does"),
    [
        ("enviar", "act/send", "send"),
        ("send it", "act/send", "send"),
        ("si", "affirm", "show"),
        ("make the report", "report_problem", "show"),
    ],
)
def test_a_report_that_was_laid_aside_is_sent_or_shown(text: str, label: str, does: str) -> None:
    assert pressed(text, label, WAITING, DRAFT) == f'/draft{{"value": "{does}"}}'


@pytest.mark.parametrize("text", ["no lo envíes", "do not send it"])
def test_a_report_that_is_not_to_be_sent_is_not(text: str) -> None:
    assert pressed(text, "act/send", WAITING, DRAFT) is None


@pytest.mark.parametrize("situation", [Situation(later=True), Situation(people="waiting", slot="item_place")])
def test_only_what_was_laid_aside_is_sent_so(situation: Situation) -> None:
    assert pressed("enviar", "act/send", situation, DRAFT) is None
    assert pressed("enviar", "act/send", WAITING) is None


OFFERED = Situation(asked='/report_problem{"slot": "item_more", "value": "next"}', filed=True, later=True)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("si el agua sale d la acera en el mismo sitio", "faq/pool"),
        ("yes please, same street", "act/place"),
        ("vale, prepáralo", "faq/gym"),
    ],
)
def test_who_says_yes_to_the_other_matter_and_more_gets_it(text: str, label: str) -> None:
    assert pressed(text, label, OFFERED) == OFFERED.asked


def test_yes_and_a_question_is_the_question() -> None:
    assert pressed("sí, ¿y cuánto cuesta la piscina?", "faq/pool", OFFERED) is None


@pytest.mark.parametrize(
    ("text", "label", "then"),
    [
        ("No, eso era para que entiendan. ¿Lo ha leído ya alguien?", "check_status", ["check_status"]),
        ("no, just change my number", "act/fix_filed", ["fix_filed"]),
        ("no gracias", "deny", []),
        ("nope, cancel that", "cancel", []),
    ],
)
def test_who_says_no_to_the_other_matter_leaves_it_and_the_rest_is_read(text: str, label: str, then: list) -> None:
    own = alone(text, {label: 0.9})
    before = Reading([labelled(own, label.replace("act/", ""), 0.9)])
    read = agreed(before, own, OFFERED, EMPTY, lambda payload: {"payload": payload}).parsed
    assert read[0].get("payload") == '/draft{"value": "other"}'
    assert [one["intent"]["name"] for one in read[1:]] == then


@pytest.mark.parametrize(
    ("acts", "label"),
    [
        ({"act/fix_filed": 0.5, "act/add_filed": 0.2}, "fix_filed"),
        ({"check_status": 0.45, "act/number": 0.1}, "check_status"),
    ],
)
def test_what_is_not_understood_after_filing_is_about_what_was_filed_where_that_is_likely(
    acts: Dict[str, float], label: str
) -> None:
    own = alone("y eso qué", acts)
    read = agreed(Reading([labelled(own, "nlu_fallback", 0.2)]), own, OFFERED, EMPTY, lambda payload: None)
    assert read.parsed[0]["intent"]["name"] == label
