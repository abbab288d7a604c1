"""Which agency a message names, and what that changes."""

import pytest

from engine.agencies import NamedAgency, reweighed

HEARD = NamedAgency(NamedAgency.get_default_config())
RANKING = [
    {"name": "faq/appointment_book", "confidence": 0.5},
    {"name": "faq/doctor_appointment", "confidence": 0.3},
    {"name": "greet", "confidence": 0.1},
]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("una cita del Gobierno Regional", True),
        ("the central government office", True),
        ("cita en el ayuntamiento", False),
        ("el gobierno regional o el gobierno central", False),
        ("quiero una cita", False),
    ],
)
def test_one_agency_is_heard_and_no_more(text, named):
    assert (HEARD.named(text) is not None) is named


def test_topics_of_other_agencies_are_believed_less():
    weighed = reweighed(RANKING, HEARD.known.get().of_topic, "riomar", 0.3)
    assert next(entry["name"] for entry in weighed) == "faq/doctor_appointment"
    assert sum(entry["confidence"] for entry in weighed) == pytest.approx(0.9, abs=0.001)
