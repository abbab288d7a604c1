"""A town that is spoken to in a further language: its words are optional until they are begun, and complete then."""

from pathlib import Path

import pytest

from bot.services import Services
from tests.desk.clerk import Clerk
from tests.studio.conftest import SET_UP, git
from tests.studio.form import open_form
from tests.towns import speak

TOPIC = "bulky_waste"
ADDRESS = f"/studio/answers/{TOPIC}"
CATALAN = {"ca.text": "Truca i ho recollim.", "ca.source_title": "Ordenança", "ca.unit": "Neteja"}


@pytest.fixture
def knowledge(knowledge: Path) -> Path:
    """The demonstration, in Catalan as well."""
    speak(knowledge, "es", "en", "ca")
    git(knowledge, *SET_UP, "commit", "--quiet", "--all", "--message", "Catalan")
    return knowledge


async def saves(ada: Clerk, **changes: str) -> int:
    """The form opened, changed and sent; the status."""
    fields = await open_form(ada, TOPIC)
    return (await ada.http.post(ADDRESS, data=fields | changes)).status_code


async def test_an_answer_may_be_written_in_it_and_taken_back(ada: Clerk, services: Services, knowledge: Path) -> None:
    assert await saves(ada, **{"es.text": "Llama al 900 000 016."}) == 303
    assert "value: ca" not in (knowledge / "data/responses/waste.yml").read_text("utf-8")
    assert await saves(ada, **CATALAN) == 303
    said = services.knowledge.answer(f"utter_faq/{TOPIC}", "ca", "aldealba")
    assert said and (said.language, said.text) == ("ca", CATALAN["ca.text"])
    fields = await open_form(ada, TOPIC)
    assert await saves(ada, **{name: "" for name in fields if name.startswith("ca.")}) == 303
    said = services.knowledge.answer(f"utter_faq/{TOPIC}", "ca", "aldealba")
    assert said and said.language == "es"


async def test_what_is_begun_in_it_has_to_be_complete(ada: Clerk) -> None:
    assert await saves(ada, **{"ca.fee": "gratis"}) >= 400
    assert "Català" in (await ada.opens(ADDRESS)).text
