"""A report that begins with its matter, however short it is told, has it; and no command is part of it."""

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.items import BeginItem, _with_more
from tests.actions.asked import bound, heard, turn  # noqa: F401


async def begun(text: str) -> dict[str, Any]:
    """What the form begins with."""
    tracker = turn("item_text", text, intent="report_problem", requested_slot=None)
    events = await BeginItem().run(CollectingDispatcher(), tracker, {})
    return {event["name"]: event["value"] for event in events}


@pytest.mark.parametrize(
    "text", ["se ha fundido la farola", "there is a broken street light", "farola fundida", "pothole again!"]
)
async def test_few_words_that_name_a_subject_and_say_something_of_it_are_the_matter(text: str) -> None:
    assert (await begun(text))["item_text"] == text


@pytest.mark.parametrize(
    "text",
    ["quiero avisar de un problema", "I want to report a pothole", "una queja del autobus", "hola, buenas tardes"],
)
async def test_who_only_says_what_it_is_about_is_asked_what_it_is(text: str) -> None:
    assert (await begun(text))["item_text"] is None


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("the text should say: deep pothole, two tyres already burst", "deep pothole, two tyres already burst"),
        ("pon: el banco del parque está roto", "el banco del parque está roto"),
    ],
)
@pytest.mark.parametrize("act", ["text", "add", "fix_text"])
def test_who_dictates_the_matter_has_what_she_dictates(act: str, text: str, matter: str) -> None:
    assert heard("item_text", text, act)["item_text"] == matter


def test_a_colon_in_a_story_dictates_nothing() -> None:
    text = "el conductor gritaba sin parar: aquí no sube nadie más"
    assert heard("item_text", text, "text")["item_text"] == text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("si el agua sale d la acera", "hay una fuga. el agua sale d la acera"),
        ("yes please, it comes out of the pavement", "hay una fuga. it comes out of the pavement"),
        ("sí, por favor", "hay una fuga"),
        ("/report_problem", "hay una fuga"),
    ],
)
def test_what_is_told_behind_the_yes_to_the_other_matter_is_added_to_it(said: str, told: str) -> None:
    assert _with_more("hay una fuga", said) == told
