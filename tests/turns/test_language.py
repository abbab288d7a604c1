"""Which language a message is in: ours is kept until another is clear, and a third is told from ours."""

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.settings import ROOT
from bot.turns.language import before_of, detect, foreign, spoken


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(ROOT / "demo")


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


ES, EN = "hola, quiero saber cuándo pasa el camión", "hello, i would like to know the opening hours"


def played(knowledge: Knowledge, page: str, *turns: str | tuple[str, str]) -> list[str]:
    """The language of each reply; a pair is a message and the language that it asks for."""
    language, kept, heard = page, None, []
    for turn in turns:
        text, asked = turn if isinstance(turn, tuple) else (turn, "")
        language, kept = spoken(text, language, knowledge, kept)
        language = asked or language
        heard.append(language)
    return heard


@pytest.mark.parametrize(
    ("page", "turns", "languages"),
    [
        ("es", [EN, "when do you open on saturday mornings"], "en en"),
        (
            "es",
            [ES, "is there a bullrun or fireworks? james wants to know", "y las fiestas cuándo son este año"],
            "es es es",
        ),
        ("es", [ES, "ok and who do we call to book the room", "what do we need to bring with us"], "es es en"),
        ("en", [EN, "calle del doctor Fleming esquina con Mayor", "thank you, and how do i get there"], "en en en"),
        ("en", [EN, "perdona, no entiendo lo que me dices", "¿me lo puedes explicar en español?"], "en en es"),
        ("es", [ES, ("can you say that in english please", "en"), "y qué fechas hay en junio, un sábado"], "es en en"),
        ("es", [ES, ("¿puede contestar en inglés a mi marido?", "en"), "what papers do i need to bring"], "es en en"),
        ("es", [ES, "who do we call to book the room", "ok", "and what do we need to bring with us"], "es es es en"),
        ("es", ["escríbeme a Ana.Ruiz@correo.example", "es urgente, por favor, mi calle está a oscuras"], "es es"),
        ("en", ["write to juan.perez@correo.example", "it is about ALD-2026-000001-K, please"], "en en"),
        ("es", ["ok", "when do you open on saturday mornings"], "es en"),
        ("es", [ES, "Parking Old Town", "Ok thanks", "my name is Karen"], "es es es es"),
    ],
)
def test_the_language_changes_when_asked_or_after_two_clear_messages(
    knowledge: Knowledge, page: str, turns: list[str | tuple[str, str]], languages: str
) -> None:
    assert played(knowledge, page, *turns) == languages.split()


def test_who_began_with_a_button_is_answered_in_the_language_of_her_first_words(knowledge: Knowledge) -> None:
    pressed = {"v": 1, "slots": {}, "active_form": None, "requested_slot": None, "events": [{"intent": "faq"}]}
    assert spoken("when do you open on saturday mornings", "es", knowledge, before_of(pressed))[0] == "en"
    assert spoken("Calle Mayor", "en", knowledge, before_of(pressed))[0] == "en"
