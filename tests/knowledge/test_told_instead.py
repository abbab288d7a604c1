"""A topic that an agency has no answer for is not left out and not answered with another town's price."""

import datetime as dt
import subprocess
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.render import render
from tests.towns import add_pinares, answered_by_pinares, copy_town


def pinares(town: Path, topics: str = "topics: []") -> Knowledge:
    """The demonstration with a second town in it, of the same region."""
    add_pinares(town)
    (town / "data/lookup/topics.yml").write_text(topics, encoding="utf-8")
    return Knowledge(town)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return copy_town(tmp_path / "town")


def said(knowledge: Knowledge, topic: str, agency: str, language: str = "es") -> str:
    return render(knowledge, f"utter_faq/{topic}", language, {}, agency).text


def test_a_second_town_never_gets_the_first_ones_price(town: Path) -> None:
    knowledge = pinares(town)
    assert "gratis" in said(knowledge, "bulky_waste", "aldealba")
    told = said(knowledge, "bulky_waste", "pinares")
    assert "gratis" not in told and "Ayuntamiento de Pinares" in told and "900 000 099" in told


def test_two_towns_answer_the_same_topic_with_their_own_prices(town: Path) -> None:
    answered_by_pinares(town)
    knowledge = pinares(town)
    assert "9 €" in said(knowledge, "bulky_waste", "pinares") and "9 €" not in said(
        knowledge, "bulky_waste", "aldealba"
    )


def test_what_the_region_or_the_state_does_is_answered_by_them_in_both_towns(town: Path) -> None:
    knowledge = pinares(town)
    for topic, charge in (("health_card", "riomar"), ("passport", "estado")):
        assert said(knowledge, topic, "pinares") == said(knowledge, topic, "aldealba")
        assert knowledge.in_charge(knowledge.topics[topic], "pinares") == charge
    assert knowledge.in_charge(knowledge.topics["bulky_waste"], "pinares") == "pinares"


def test_a_report_goes_to_the_town_that_is_talked_to_or_to_who_is_above_it(town: Path) -> None:
    knowledge = pinares(town)
    light, road = knowledge.subjects["street_lighting"], knowledge.subjects["regional_road"]
    assert [knowledge.in_charge(light, agency) for agency in ("aldealba", "pinares")] == ["aldealba", "pinares"]
    assert [knowledge.in_charge(road, agency) for agency in ("aldealba", "pinares")] == ["riomar", "riomar"]


def test_who_talks_to_the_region_of_a_single_town_is_led_to_that_town(town: Path) -> None:
    knowledge = Knowledge(town)
    assert knowledge.in_charge(knowledge.subjects["street_lighting"], "riomar") == "aldealba"
    assert knowledge.in_charge(knowledge.topics["bulky_waste"], "riomar") == "aldealba"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("off: true", "este servicio no existe aquí"),
        (
            'done_at: {name: {es: Consorcio del Agua, en: Water Board}, phone: "600 1"}',
            "se hace en: Consorcio del Agua",
        ),
    ],
)
def test_what_is_not_done_or_done_elsewhere_is_said_with_the_way_there(town: Path, entry: str, says: str) -> None:
    knowledge = pinares(town, f"topics:\n- {{id: water_supply, {entry}}}\n")
    assert says in said(knowledge, "water_supply", "aldealba")
    assert "600 1" in said(knowledge, "water_supply", "aldealba") or "off" in entry


def test_a_town_alone_says_at_which_level_a_thing_is_done(tmp_path: Path) -> None:
    from bot.knowledge.new_town import do_make

    do_make(tmp_path / "soto", "soto", {"es": "Ayuntamiento de Soto", "en": ""}, "Europe/Madrid")
    knowledge = Knowledge(tmp_path / "soto")
    assert "administración del Estado" in said(knowledge, "passport", "soto")
    assert "gobierno de la región" in said(knowledge, "health_card", "soto")
    assert "aún no tengo escrita la respuesta" in said(knowledge, "bulky_waste", "soto")
    assert "I have no written answer" in said(knowledge, "bulky_waste", "soto", "en")


def test_nothing_outside_the_demonstration_and_tests_names_it() -> None:
    from bot.settings import ROOT

    told = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = ("demo/", "tests/", "docs/goals/", "docs/img/", "docs/threat-model.md", "CHANGELOG.md", "reports/")
    searched = (name for name in names if not name.startswith(ours) and not name.endswith((".png", ".lock")))
    holding = [name for name in searched if (ROOT / name).is_file() and "aldealba" in _text(ROOT / name)]
    assert holding == []


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace").lower()


WEEK = {day: [["09:00", "14:00"]] for day in ("mon", "tue", "wed", "fri")} | {
    "thu": [["09:00", "14:00"], ["16:00", "18:30"]]
}
FESTIVE = [
    {"date": day, "name": {"es": "Fiesta", "en": "Holiday"}} for day in ("2026-12-06", "2026-12-08", "2027-01-06")
]


def test_the_opening_hours_are_an_answer_that_nobody_has_to_write(town: Path) -> None:
    address = {"es": "Plaza Mayor, 1", "en": "Plaza Mayor 1"}
    add_pinares(town, hours={"time_zone": "Europe/Madrid", "weekly": WEEK, "holidays": FESTIVE}, address=address)
    knowledge = Knowledge(town)
    knowledge.clock = lambda: dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    told = said(knowledge, "office_hours", "pinares")
    week = "lunes, martes, miércoles y viernes: 9:00–14:00; jueves: 9:00–14:00, 16:00–18:30"
    assert f"Horario: {week}; cerrado el martes 8 de diciembre" in told  # the 6th is a Sunday
    assert "Dónde: Plaza Mayor, 1" in told and "900 000 099" in told
    assert "Thursday: 9:00–14:00, 16:00–18:30" in said(knowledge, "office_hours", "pinares", "en")


def test_days_in_a_row_are_told_from_the_first_to_the_last(town: Path) -> None:
    weekly = {day: [["08:30", "15:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    add_pinares(town, hours={"weekly": weekly})
    assert "Horario: de lunes a viernes: 8:30–15:00\n" in said(Knowledge(town), "office_hours", "pinares")


def test_without_hours_its_office_knows_and_a_written_answer_goes_first(town: Path) -> None:
    knowledge = pinares(town)
    assert "aún no tengo escrita la respuesta" in said(knowledge, "office_hours", "pinares")
    assert "atiende en este horario" not in said(knowledge, "office_hours", "aldealba")
