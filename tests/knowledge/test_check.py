"""A file that does not pass is told with its line and what to write; what was served before goes on being served."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import select

from bot.commands.checks import FAIL, examine
from bot.conversation.writer import Writer
from bot.handoff.cases import Cases
from bot.health.readiness import read_parts, word_for
from bot.knowledge.knowledge import Knowledge, KnowledgeError
from bot.knowledge.knowledge_check import check_knowledge
from bot.services import Services
from bot.settings import ROOT, Settings
from bot.setup.problems import Problem
from bot.states import Reason
from bot.store.tables import Case
from bot.turns.assistant import Assistant
from bot.turns.lane import Lane
from bot.turns.turn import Turns
from tests.chat import Ana, chat_app
from tests.conftest import until
from tests.fakes import FakeEngine, says
from tests.towns import copy_whole

AGENCIES, TOPICS, WORDS = "lookup/agencies.yml", "lookup/topics.yml", "lookup/words.yml"
WASTE, PEOPLE = "responses/waste.yml", "responses/people.yml"
# id: the file, what stands there, what a town writes instead, and parts of the sentence that says so
SLIPS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "an hour without its zero": (AGENCIES, '"08:30"', '"8:30"', ("line 55", "riomar", "mon", 'write "08:30"')),
    "the hour 24": (AGENCIES, '"18:30"]]', '"24:00"]]', ("aldealba", "thu", 'write "23:59"')),
    "an hour in words": (AGENCIES, '"08:30"', '"half past eight"', ('write it as "08:00"',)),
    "hours the wrong way round": (AGENCIES, '["16:00", "18:30"]', '["18:30", "16:00"]', ("the earlier one first",)),
    "a day nobody knows": (AGENCIES, "      mon: [", "      lun: [", ("lun",)),
    "a city for a zone": (AGENCIES, "Europe/Madrid", "Madrid", ("line 18", 'write for example "Europe/Madrid"')),
    "a holiday the day first": (AGENCIES, '"2026-12-08"', '"8-12-2026"', ("line 32", 'write "2026-12-08"')),
    "a holiday that is none": (AGENCIES, '"2026-12-08"', '"2026-02-30"', ("is in no calendar",)),
    "a key misspelt": (AGENCIES, "    holidays:", "    holydays:", ('write "holidays"',)),
    "a colour that cannot be read": (AGENCIES, "#1F5A8A", "#FFD400", ("white letters", "write a darker colour")),
    "a colour that is none": (AGENCIES, "#1F5A8A", "navy", ('write it as "#1F5A8A"',)),
    "an agency without a name": (AGENCIES, "en: Aldealba City Council", 'en: ""', ('the words in "en" are missing',)),
    "a prefix twice": (AGENCIES, "prefix: RIO", "prefix: ALD", ('the prefix "ALD"',)),
    "a parent nobody knows": (AGENCIES, "parent: riomar", "parent: riomer", ('no agency "riomer"', "riomar")),
    "an agency renamed": (AGENCIES, "- id: riomar", "- id: rio_mar", ('the agency "riomar" is gone',)),
    "the agency of a topic": (TOPICS, "wedding_civil, level: local", "wedding_civil, agency: riomr",
        ('no agency "riomr"', "riomar")),
    "a topic without a label": (TOPICS, ', en: "Civil wedding"', "", ("wedding_civil", "title", 'write en: "…"')),
    "an answer's topic misspelt": (WASTE, "utter_faq/bulky_waste:", "utter_faq/bulki_waste:",
        ("line 45", "utter_faq/bulki_waste", 'write "utter_faq/bulky_waste"')),
    "an answer to nothing": (WASTE, "utter_faq/bulky_waste:", "utter_faq/a_parade:", ("a_parade", "no such topic")),
    "reviewed, the day first": (WASTE, 'reviewed: "2026-11-03"', 'reviewed: "20-11-2026"', ('write "2026-11-20"',)),
    "an answer of nobody": (WASTE, "agency: aldealba", "agency: aldea", ('no agency "aldea"',)),
    "an answer without words": (WASTE, "    text: |-", "    txt: |-", ('nobody knows "txt", write "text"',)),
    "a language nobody knows": (WASTE, "value: en", "value: eng", ('no language "eng"',)),
    "one answer twice": (WASTE, "value: en", "value: es", ("written twice",)),
    "no words for danger": (PEOPLE, "  utter_crisis:", "  utter_danger:", ('"utter_crisis" is missing',)),
    "a pattern of danger that is none": (WORDS, "crisis:\n- '", "crisis:\n- '(",
        ("words.yml", "line 9", "no regular expression")),
    "no patterns of danger": (WORDS, "crisis:\n", "crises:\n", ("crisis", "it is missing")),
    "no YAML": (WASTE, "responses:", "responses: [", ("responses/waste.yml, line",)),
}  # fmt: skip


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A knowledge folder of a town's own."""
    return copy_whole(tmp_path / "town")


def slip(town: Path, name: str) -> tuple[str, ...]:
    """Make one of SLIPS; what its sentence has to hold."""
    file, old, new, says_so = SLIPS[name]
    path = town / "data" / file
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new, 1), encoding="utf-8")
    return says_so


@pytest.mark.parametrize("name", SLIPS)
def test_what_does_not_pass_is_named_and_what_passed_goes_on(town: Path, name: str, logged: list[Any]) -> None:
    knowledge = Knowledge(town, "aldealba", town)
    served = dict(knowledge.agencies), dict(knowledge.topics), knowledge.text("utter_faq/bulky_waste", "es")
    says_so = slip(town, name)
    assert not knowledge.reload_if_changed()
    assert knowledge.problem is not None
    assert SLIPS[name][0] in knowledge.problem
    assert [part for part in says_so if part not in knowledge.problem] == []
    assert [entry["problem"] for entry in logged if entry["event"] == "knowledge.broken"] == [knowledge.problem]
    assert (dict(knowledge.agencies), dict(knowledge.topics)) == served[:2]
    assert knowledge.text("utter_faq/bulky_waste", "es") == served[2]


@pytest.mark.parametrize("name", sorted(SLIPS.keys() - {"an agency renamed"}))
def test_with_nothing_that_passed_before_nothing_is_served(town: Path, name: str) -> None:
    says_so = slip(town, name)
    with pytest.raises(KnowledgeError) as refused:
        Knowledge(town, library=town)
    assert [part for part in says_so if part not in str(refused.value)] == []


def test_what_is_mended_is_served_and_no_longer_told(town: Path) -> None:
    knowledge = Knowledge(town, "aldealba", town)
    path = town / "data" / AGENCIES
    good = path.read_text(encoding="utf-8")
    slip(town, "the hour 24")
    knowledge.reload_if_changed()
    path.write_text(good.replace("900 000 010", "900 000 011"), encoding="utf-8")
    assert knowledge.reload_if_changed()
    assert knowledge.problem is None
    assert knowledge.agencies["aldealba"].data["phone"] == "900 000 011"


@pytest.mark.parametrize("name", ["agencies", "topics", "words"])
def test_a_file_that_is_gone_changes_nothing(town: Path, name: str) -> None:
    knowledge = Knowledge(town, "aldealba", town)
    (town / "data" / "lookup" / f"{name}.yml").unlink()
    assert not knowledge.reload_if_changed()
    assert knowledge.problem and f"lookup/{name}.yml: this file is missing" in knowledge.problem
    assert knowledge.agencies and knowledge.topics and knowledge.words["crisis"]


@pytest.mark.parametrize("folder", ["lookup", "responses", "privacy"])
def test_a_folder_that_is_gone_changes_nothing(town: Path, folder: str) -> None:
    knowledge = Knowledge(town, "aldealba", town)
    (town / "data" / folder).rename(town / "elsewhere")
    assert not knowledge.reload_if_changed()
    assert knowledge.problem
    assert "112" in knowledge.text("utter_crisis", "es")
    (town / "elsewhere").rename(town / "data" / folder)
    knowledge.reload_if_changed()
    assert knowledge.problem is None


def test_what_nobody_thought_of_ends_no_reading(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge = Knowledge(town, "aldealba", town)
    slip(town, "the hour 24")
    monkeypatch.setattr("bot.knowledge.knowledge.check", lambda *_: {}["nobody thought of this"])
    assert not knowledge.reload_if_changed()
    assert knowledge.problem == "data: it cannot be used (KeyError)"


def test_an_agencys_own_words_go_before_the_common_ones(town: Path) -> None:
    (town / "data" / "responses" / "own.yml").write_text(
        "responses:\n  utter_crisis:\n  - condition:\n"
        "    - {type: slot, name: language, value: es}\n    - {type: slot, name: agency, value: riomar}\n"
        '    text: "112, o el 900 000 999 de Riomar."\n',
        encoding="utf-8",
    )
    knowledge = Knowledge(town, "aldealba", town)
    own, common = knowledge.answer("utter_crisis", "es", "riomar"), knowledge.answer("utter_crisis", "es", "aldealba")
    assert own and own.text.endswith("de Riomar.")
    assert common and "016" in common.text


async def serving(services: Services, engine: FakeEngine, knowledge: Knowledge) -> Services:
    """The same services on another folder."""
    writer = Writer(services.hub, knowledge)
    cases = Cases(writer, services.switch, services.secrets)
    turns = Turns(services.database, writer, cases, Assistant(engine, knowledge, services.switch))  # type: ignore[arg-type]
    lane = Lane(services.database, turns)
    return replace(services, knowledge=knowledge, writer=writer, cases=cases, lane=lane)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["an hour without its zero", "the hour 24", "a city for a zone", "an agency renamed",
                                  "an answer's topic misspelt", "reviewed, the day first", "a holiday the day first",
                                  "no words for danger", "no patterns of danger"])  # fmt: skip
async def test_danger_and_who_asks_for_a_person_are_answered_while_it_does_not_pass(
    services: Services, engine: FakeEngine, town: Path, name: str
) -> None:
    import asyncio

    knowledge = Knowledge(town, "aldealba", town)
    here = await serving(services, engine, knowledge)
    slip(town, name)
    knowledge.reload_if_changed()
    parts = await read_parts(here)
    assert (word_for(parts), parts["knowledge"]["ok"]) == ("degraded", False)
    running = asyncio.create_task(here.lane.run())
    for text, reason in (("me quiero morir", Reason.CRISIS), ("quiero una persona", Reason.ASKED)):
        engine.reply = says("utter_handed_over")
        transport = httpx.ASGITransport(chat_app(here))
        ana = Ana(httpx.AsyncClient(transport=transport, base_url="http://test"))
        await ana.arrives(agency="riomar")
        said = await ana.says(text=text)
        assert said and ("112" in said[0]["text"]) == (reason == Reason.CRISIS)
        assert not any("utter_" in message["text"] for message in said)

        async def opened(whose: str = ana.conversation) -> Case | None:
            async with here.database.read() as session:
                return (await session.scalars(select(Case).where(Case.conversation_id == whose))).one_or_none()

        assert (await until(opened)).reason == reason
    await here.lane.stop()
    await running


@pytest.mark.parametrize("name", ["an hour without its zero", "a holiday the day first", "an answer's topic misspelt"])
def test_it_is_not_started_and_the_doctor_says_the_same(tmp_path: Path, town: Path, name: str) -> None:
    for needed in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / needed, town / needed)
    for folder in ("nlu", "rules"):
        (town / "data" / folder).mkdir()
    says_so = slip(town, name)
    settings = Settings(home=tmp_path / "var", knowledge=town)
    with pytest.raises(Problem) as refused:
        check_knowledge(settings)
    assert [part for part in says_so if part not in refused.value.what] == []
    [finding] = [found for found in examine(settings) if found.check == "training data"]
    assert (finding.state, finding.says) == (FAIL, refused.value.what)


def test_an_agency_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        check_knowledge(Settings(home=tmp_path, VENTANILLA_AGENCY="villanueva"))  # type: ignore[call-arg]
    assert "VENTANILLA_AGENCY" in refused.value.what or "agency" in refused.value.what
    assert "villanueva" in refused.value.what and "aldealba, riomar, estado" in refused.value.what
