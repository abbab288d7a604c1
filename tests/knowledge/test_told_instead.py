"""A topic that an agency has no answer for is not left out and not answered with another town's price."""

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
