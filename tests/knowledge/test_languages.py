"""A further language is a folder of words: all of the citizen's side is there; what a town has not written is told."""

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest

from bot.channels.web.words import OURS, names_of, say
from bot.commands.towns import do_import, do_new, read_missing
from bot.handoff.hours import opening_words
from bot.knowledge.knowledge import LANGUAGES, Knowledge, KnowledgeError, read_yaml
from bot.knowledge.languages import known_languages
from bot.knowledge.last_resort import render_surely
from bot.knowledge.missing import missing_in
from bot.knowledge.render import as_day, render
from bot.settings import ROOT, Settings
from bot.setup.problems import Problem
from bot.training.model import fingerprint
from bot.turns.language import detect, foreign, spoken
from tests.towns import copy_town, speak

FURTHER = [language for language in known_languages(ROOT) if language not in LANGUAGES]
ALL = (*LANGUAGES, "ca")
WIDGET = ROOT / "bot/channels/web/static"
PLACEHOLDER = re.compile(r"\{\w+\}")
NAMES = {"es": "Ayuntamiento de Pinares", "en": "Pinares Council"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, spoken to in Catalan as well."""
    return speak(copy_town(tmp_path_factory.mktemp("town") / "demo"), *ALL)


@pytest.fixture
def knowledge(town: Path) -> Knowledge:
    """What that town says."""
    return Knowledge(town, "aldealba")


@pytest.mark.parametrize("language", FURTHER)
def test_a_further_language_has_all_that_the_library_says(language: str) -> None:
    pack = ROOT / "data/languages" / language
    for path in (ROOT / "data/responses").glob("*.yml"):
        ours, theirs = (read_yaml(one)["responses"] for one in (path, pack / "responses" / path.name))
        assert ours.keys() - theirs.keys() == set(), path.name
        for name, variations in ours.items():
            said, worded = variations[0], theirs[name][0]
            assert [b["payload"] for b in said.get("buttons", ())] == [b["payload"] for b in worded.get("buttons", ())]
            assert set(PLACEHOLDER.findall(said["text"])) == set(PLACEHOLDER.findall(worded["text"])), name
    assert read_yaml(OURS).keys() == read_yaml(pack / "pages.yml").keys()
    widgets = [json.loads(path.read_text("utf-8")) for path in (WIDGET / "texts.es.json", pack / "widget.json")]
    assert widgets[0].keys() == widgets[1].keys()
    assert read_yaml(ROOT / "bot/knowledge/texts/last_resort.yml").keys() == read_yaml(pack / "last_resort.yml").keys()
    assert read_yaml(ROOT / "data/reading/questions.yml").keys() == read_yaml(pack / "reading/questions.yml").keys()


@pytest.mark.parametrize("language", FURTHER)
def test_nothing_but_the_towns_own_is_missing_in_a_further_language(language: str, knowledge: Knowledge) -> None:
    missing = {kind for kind, _ in missing_in(knowledge, language)}
    assert missing <= {"answers", "agencies", "districts", "responses"}
    assert {name for kind, name in missing_in(knowledge, language) if kind == "responses"} <= {"utter_welcome"}


def test_a_town_speaks_what_it_names_and_others_speak_as_before(knowledge: Knowledge) -> None:
    assert (knowledge.languages, Knowledge(ROOT / "demo", "aldealba").languages) == (ALL, LANGUAGES)
    assert knowledge.topics["passport"].title["ca"] == "Passaport"
    assert names_of(knowledge) == {"es": "Español", "en": "English", "ca": "Català"}
    assert say("chat.send", "ca") == "Enviar" and say("chat.title", "ca", agency="X") == "Pregunta a X"


def test_what_a_town_has_not_said_in_a_language_is_said_in_another_with_a_line_about_it(knowledge: Knowledge) -> None:
    told = render(knowledge, "utter_faq/passport", "ca", agency="aldealba")
    assert told.text.startswith("De moment aquesta resposta només està en Español.\n")
    assert "solo en" not in render(knowledge, "utter_faq/passport", "es", agency="aldealba").text
    assert knowledge.agencies["aldealba"].name["ca"] == "Ayuntamiento de Aldealba"


def test_danger_is_answered_in_the_language_whatever_breaks(knowledge: Knowledge) -> None:
    assert "perill" in render_surely(knowledge, "utter_crisis", "ca").text


def test_each_language_writes_days_as_it_does(knowledge: Knowledge) -> None:
    opens = dt.datetime(2026, 4, 11, 9, 0)
    assert [opening_words(opens, language) for language in ALL] == [
        "sábado 11 de abril, 09:00", "Saturday 11 April, 09:00", "dissabte 11 d’abril, 09:00"
    ]  # fmt: skip
    assert [as_day(opens.date(), language) for language in ALL] == ["11/04/2026", "11 Apr 2026", "11/04/2026"]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("vull empadronar-me, què necessito?", "ca"),
        ("quan passen a recollir els mobles vells", "ca"),
        ("quiero empadronarme, qué necesito?", "es"),
        ("when do you collect old furniture", "en"),
    ],
)
def test_a_message_is_told_to_be_in_one_of_the_towns_languages(knowledge: Knowledge, said: str, language: str) -> None:
    assert [detect(said, current, knowledge) for current in ALL] == [language] * 3
    assert foreign(said, knowledge.languages) is None


def test_catalan_is_a_third_language_where_the_town_does_not_speak_it() -> None:
    assert foreign("vull empadronar-me al poble, què necessito?") == "ca"


def test_a_conversation_leaves_its_language_for_two_messages_in_another(knowledge: Knowledge) -> None:
    language, kept = spoken("quiero renovar el pasaporte", "es", knowledge, None)
    language, kept = spoken("i quant de temps triguen a fer-ho?", language, knowledge, kept)
    assert spoken("i puc anar-hi amb la meva filla petita?", language, knowledge, kept)[0] == "ca"


@pytest.mark.parametrize(
    ("languages", "says"),
    [
        ("[es, de]", 'there is no language "de", there are: es, en, ca'),
        ("catalan", "a list of codes is expected here, as [es, en]"),
        ("[]", "a list of codes is expected here, as [es, en]"),
    ],
)
def test_a_language_that_nobody_has_described_is_refused_in_words(tmp_path: Path, languages: str, says: str) -> None:
    town = copy_town(tmp_path / "demo")
    with (town / "town.yml").open("a", encoding="utf-8") as file:
        file.write(f"languages: {languages}\n")
    with pytest.raises(KnowledgeError, match=re.escape(says)) as told:
        Knowledge(town, "aldealba")
    assert str(told.value).startswith("town.yml, line 4: languages")


def test_a_new_town_is_filled_in_three_languages_from_a_sheet(tmp_path: Path) -> None:
    do_new(tmp_path / "pinares", "pinares", NAMES, "Europe/Madrid", ["ca", "es", "en"])
    settings = Settings(home=tmp_path / "var", knowledge=tmp_path / "pinares")
    sheet = tmp_path / "topics.csv"
    sheet.write_text(
        "topic,title_ca,title_es,answer_ca,answer_es,fee_ca\nbulky_waste,,,Truca i passem.,Llama y pasamos.,5 euros\n"
        "snow_plan,Pla de neu,Plan de nieve,Traiem la neu.,,\n",
        encoding="utf-8",
    )
    lines = list(do_import(settings, sheet, "", False))
    assert "first answer here (ca+es)" in lines[0] and "new topic (ca)" in lines[1]
    knowledge = Knowledge(settings.knowledge, "pinares")
    assert knowledge.languages[0] == "ca" and knowledge.topics["snow_plan"].title["ca"] == "Pla de neu"
    said = {language: render(knowledge, "utter_faq/snow_plan", language, agency="pinares").text for language in ALL}
    assert said["ca"].startswith("Traiem la neu.") and said["es"].startswith("Esta respuesta está solo en Català")
    assert render(knowledge, "utter_faq/bulky_waste", "ca", agency="pinares").text.startswith("Truca i passem.")


def test_what_is_not_written_in_a_language_is_listed(tmp_path: Path, town: Path) -> None:
    lines = list(read_missing(Settings(home=tmp_path, knowledge=town), "ca"))
    assert "answers: passport" in lines and "agencies: aldealba" in lines and "topics: passport" not in lines
    assert lines[-1].startswith(f"{len(lines) - 1} things")
    with pytest.raises(Problem, match="xx"):
        list(read_missing(Settings(home=tmp_path, knowledge=town), "xx"))


def test_a_language_is_learned_only_where_a_town_has_chosen_it(tmp_path: Path) -> None:
    town = copy_town(tmp_path / "demo")
    before = fingerprint(town)
    assert fingerprint(speak(town, *LANGUAGES)) == before != fingerprint(speak(town, *ALL))
    shutil.rmtree(town / "data/responses")  # answers go live without training
    assert fingerprint(speak(town, *LANGUAGES)) == before
