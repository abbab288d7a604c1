"""Which language a message is in: ours is kept until another is clear, and a third is told from ours."""

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.settings import ROOT
from bot.turns.language import detect, foreign


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(ROOT)


@pytest.mark.parametrize(
    ("text", "current", "language"),
    [
        ("¿cuándo pasa el camión de la basura?", "en", "es"),
        ("when do you empty the bins", "es", "en"),
        ("ok", "en", "en"),
        ("DNI", "es", "es"),
        ("🙂", "en", "en"),
    ],
)
def test_a_conversation_keeps_its_language_until_another_is_clear(
    knowledge: Knowledge, text: str, current: str, language: str
) -> None:
    assert detect(text, current, knowledge) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("je voudrais inscrire mon fils à l'école", "fr"),
        ("cum îmi înscriu copilul la școală?", "ro"),
        ("أريد موعدا مع الطبيب", "ar"),
        ("кто вчера выиграл, реал или барса?", "ru"),  # nearly as likely Bulgarian: another script is enough
        ("quiero empadronarme", None),
        ("perdi a mi gatto", None),
        ("ibi due date", None),
        ("🦆🦆🦆", None),
        ("???", None),
    ],
)
def test_a_third_language_is_told_from_ours(text: str, language: str | None) -> None:
    assert foreign(text) == language
