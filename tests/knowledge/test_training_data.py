"""The training data as it stands in the checkout: nothing that a citizen may meet lacks its words, source or pair."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import STATUS
from bot.knowledge.editing import problems_of
from bot.knowledge.files import find_file, read_fields
from bot.knowledge.knowledge import LANGUAGES, Knowledge, read_yaml
from bot.knowledge.owned import own
from bot.settings import ROOT
from bot.turns.danger import danger_in, is_crisis
from bot.web.texts import Texts
from tests.towns import DEMO

KNOWLEDGE = Knowledge(DEMO)
ENOUGH = 28
SPANISH = re.compile(r"[áéíóúñ¿¡]|\b(el|la|los|las|de|que|para|un|una|mi|me|se|en|y|por|con)\b", re.IGNORECASE)
LINE = re.compile(r"^\s*-\s+(.+)$", re.MULTILINE)
PYTHON = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").glob("*.py")]


def examples() -> dict[str, list[str]]:
    """Examples by intent, as they stand under data/nlu."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in read_yaml(path).get("nlu") or ():
            if intent := entry.get("intent"):
                found.setdefault(intent, []).extend(LINE.findall(str(entry.get("examples") or "")))
    return found


def responses() -> Iterator[tuple[Path, str, list[str]]]:
    """File, name and languages of every response."""
    for _, path in KNOWLEDGE.shelves.files("responses"):
        for name, variations in read_yaml(path)["responses"].items():
            yield path, name, [one["condition"][0]["value"] for one in variations]


def test_there_are_topics_of_each_agency() -> None:
    assert len(KNOWLEDGE.topics) >= 73
    assert {topic.agency for topic in KNOWLEDGE.topics.values()} == set(KNOWLEDGE.agencies)


@pytest.mark.parametrize("topic", sorted(KNOWLEDGE.topics))
def test_a_topic_has_examples_a_title_and_a_whole_answer_in_both_languages(topic: str) -> None:
    written = examples()[f"faq/{topic}"]
    assert len(written) == len(set(written)) >= ENOUGH * len(LANGUAGES)
    assert set(KNOWLEDGE.topics[topic].title) == set(LANGUAGES)
    fields = read_fields(find_file(KNOWLEDGE, topic), own(KNOWLEDGE, topic, KNOWLEDGE.topics[topic].agency))
    assert problems_of(fields, KNOWLEDGE) == {}


@pytest.mark.parametrize("intent", sorted(intent for intent in examples() if not intent.startswith("faq/")))
def test_a_dialogue_act_has_examples(intent: str) -> None:
    enough = ENOUGH if intent.startswith("act/choose_") else ENOUGH * len(LANGUAGES)  # "the second": few ways to say it
    assert len(set(examples()[intent])) >= enough


def test_no_example_of_a_dialogue_act_stands_twice() -> None:
    counted = {intent: Counter(written) for intent, written in examples().items()}
    twice = {intent: [text for text, times in counts.items() if times > 1] for intent, counts in counted.items()}
    assert {intent: texts for intent, texts in twice.items() if texts} == {}


@pytest.mark.parametrize("intent", sorted(intent for intent in examples() if not intent.startswith("faq/")))
def test_a_dialogue_act_is_written_in_both_languages(intent: str) -> None:
    """Many short examples have no word that tells: the shares are not near a half."""
    written = examples()[intent]
    assert 0.15 < sum(bool(SPANISH.search(text)) for text in written) / len(written) < 0.85


def test_every_response_is_written_once_in_each_language() -> None:
    wrong = [f"{path.name}: {name}" for path, name, found in responses() if sorted(found) != sorted(LANGUAGES)]
    assert wrong == []
    for folder in (ROOT, DEMO):
        names = [name for path, name, _ in responses() if path.is_relative_to(folder / "data")]
        assert len(names) == len(set(names)) > 50


def test_every_response_that_the_program_names_is_written() -> None:
    written = {name for _, name, _ in responses()}
    sources = "".join(path.read_text("utf-8") for path in PYTHON)
    named = set(re.findall(r'"(utter_[a-z_/]+[a-z])"', sources))  # some are beginnings, completed by a kind or state
    assert {name for name in named if not any(one.startswith(name) for one in written)} == set()


def test_every_refusal_has_its_sentence_in_the_chat_or_at_the_desk() -> None:
    written = {name for _, name, _ in responses()}
    desk = Texts(ROOT / "bot" / part / "texts" for part in ("desk", "studio"))
    forms = {"sign_in_wrong", "second_factor_wrong", "password_wrong"}  # said beside their field
    known = {c for c in STATUS if f"utter_system/{c}" in written or desk.has(f"error.{c}") or desk.has(f"sign_in.{c}")}
    assert set(STATUS) - known - forms == set()


@pytest.mark.parametrize("response", ["utter_welcome", "utter_help", "utter_crisis", "utter_handed_over"])
def test_english_is_not_spanish(response: str) -> None:
    words = KNOWLEDGE.text(response, "en").split()
    assert len(SPANISH.findall(" ".join(words))) <= len(words) * 0.1


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("mi hermano dice que se va a tirar por el balcón", True),
        ("im goin to do somthing bad to myslef tonite", True),
        ("I've said my goodbyes and found someone to take the cat", True),
        ("aiuda m sta siguiendo un xico dsd l instituto", True),
        ("hes hittin me plz hlp", True),
        ("my daughter took loads of paracetamol", True),
        ("I'll kill myself some day", True),
        ("my neighbours are trapped on the third floor", True),
        ("a man is trapped in his car", True),
        ("hay gente atrapada en el ascensor", True),
        ("hay un hombre atrapado en el coche", True),
        ("someone parked across my drive and my car is trapped", False),
        ("el vecino ha dejado mi coche atrapado", False),
        ("olor a gas muy fuerte", True),
        ("My mum has had a stroke, I think. Who do I ring?", True),
        ("at least two tenants on the second floor remain unaccounted for", True),
        ("se ha quedado enganchado al cable de la luz", True),
        ("no me siento capaz de garantizar mi propia seguridad", True),
        ("manga larga en agosto para que no vean lo que él me hace", True),
        ("Solo quería despedirme de alguien, aunque sea de un ordenador.", True),
        ("been stung by wasps, throat closing", True),
        ("a mi abuela le ha dado un infarto en febrero, ¿cómo pido la dependencia?", False),
        ("¿Hay charla sobre prevención del suicidio en la biblioteca?", False),
        ("la web es un suicidio", False),
        ("I'm on the roof garden committee", False),
        ("Is the domestic violence awareness exhibition still open?", False),
        ("I've cut myself a copy of the key", False),
        ("I took 2 paracetamol, is the health centre open", False),
        ("is there a talk on suicide prevention", False),
        ("voy a tirar un sofá", False),
        ("quiero saltar a la piscina", False),
    ],
)
def test_the_rules_hear_danger_and_not_idioms(text: str, danger: bool) -> None:
    assert is_crisis(text, KNOWLEDGE.words) is danger


@pytest.mark.parametrize(
    "text",
    [
        "meee quieroooo mataaaar",
        "NO QUIEROOO VIVIIIR",
        "i want to kiiillll myself",
        "me.quiero.matar",
        "mi_marido_me_pega",
        "qu13r0 m0r1r",
        "m3 qu1er0 m4t4r",
        "ⓜⓔ ⓠⓤⓘⓔⓡⓞ ⓜⓐⓣⓐⓡ",
        "🄼🄴 🅀🅄🄸🄴🅁🄾 🄼🄰🅃🄰🅁",
        "🅼🅴 🆀🆄🅸🅴🆁🅾 🅼🅰🆃🅰🆁",
        "me quiero m a t a r",
        "m e  q u i e r o  m a t a r",
        "m e q u i e r o m a t a r",
        "q.u.i.e.r.o m.o.r.i.r",
        "s-u-i-c-i-d-i-o",
    ],
)
def test_the_rules_hear_danger_however_it_is_typed(text: str) -> None:
    assert is_crisis(text, KNOWLEDGE.words)


@pytest.mark.parametrize(
    "text",
    [
        "holaaaa quierooo tirar un sofaaa",
        "necesito el modelo 4-1-3-0 del padrón",
        "¿a b c d e? ¿qué letra de DNI toca?",
        "www.ayuntamiento.es/quiero_pagar",
        "ⓠⓤⓘⓔⓡⓞ una cita",
        "muuuchas graciaaas",
    ],
)
def test_odd_spelling_alone_is_no_danger(text: str) -> None:
    assert not is_crisis(text, KNOWLEDGE.words)


def test_what_is_no_danger_as_it_stands_is_none_when_it_is_read_loosely() -> None:
    """Of all messages that people wrote to measure by, none becomes an alarm by the looser reading."""
    folder = ROOT / "tests" / "understanding"
    lines = [json.loads(line) for path in sorted(folder.rglob("*.jsonl")) for line in path.open(encoding="utf-8")]
    texts = {str(line["text"]) for line in lines if line.get("label") != "crisis"}
    assert len(texts) > 1_000
    assert [text for text in texts if danger_in(text, KNOWLEDGE.words) not in (None, text)] == []
