"""To danger there is a human sentence first, then the number that fits what was told; all the others follow."""

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.services import Services
from bot.settings import ROOT
from bot.turns.danger import fitting_first
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen

NUMBERS = ("112", "016", "024")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(ROOT / "demo")


def order(text: str) -> list[str]:
    return [line[:3] for line in text.splitlines() if line[:3] in NUMBERS]


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("debo dos meses y ya no le veo sentido a nada, para q seguir", "024"),
        ("no puedo mas con todo esto", "024"),
        ("no le veo sentido a nada, me van a echar del piso", "024"),
        ("me he quedado sin ganas de levantarme por las mañanas", "024"),
        ("some days i dont see the point of carrying on", "024"),
        ("me tome todas las pastillas", "024"),
        ("mi marido me grita y me empuja", "016"),
        ("my ex keeps threatening me outside the house", "016"),
        ("tengo una orden de alejamiento y esta abajo", "016"),
        ("hay fuego en el contenedor de mi calle", "112"),
        ("there is a live cable hanging in the street", "112"),
        ("", "112"),
    ],
)
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_number_that_fits_is_first_and_none_is_left_out(
    knowledge: Knowledge, said: str, first: str, language: str
) -> None:
    text = knowledge.text("utter_crisis", language)
    sorted_text = fitting_first(text, said, knowledge.words)
    assert order(sorted_text)[0] == first and sorted(order(sorted_text)) == sorted(NUMBERS)
    assert sorted(sorted_text.splitlines()) == sorted(text.splitlines())
    assert sorted_text.splitlines()[0] == text.splitlines()[0], "the human sentence comes first"
    assert not text[:1].isdigit()


def test_numbers_that_cannot_be_sorted_are_said_all_the_same(knowledge: Knowledge) -> None:
    text = knowledge.text("utter_crisis", "es")
    assert fitting_first(text, "me quiero morir", {"crisis_lines": {"024": ["("]}}) == text


@pytest.mark.parametrize("waits", [False, True])
async def test_she_reads_it_so_whether_or_not_she_waits(working: Services, engine: FakeEngine, waits: bool) -> None:
    ana = citizen(working)
    await ana.arrives(language="es")
    if waits:
        engine.reply = says("utter_handed_over")
        await ana.says(text="una persona, por favor")
    engine.reply = says("utter_crisis")
    said = await ana.says(text="ya no le veo sentido a la vida, ni ganas")
    assert order(said[0]["text"]) == ["024", "112", "016"] and said[0]["text"].startswith("Siento")
