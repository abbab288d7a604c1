"""The engine names the parts of an answer, the counter says them: both cut every answer alike."""

import datetime as dt
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions import context
from actions.answers import IN_SHORT, Repeat, Rephrase, TellPart
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.knowledge.parts import parts_of
from bot.services import make_services
from bot.settings import ROOT, Settings
from bot.suggestions.own import OwnItems
from tests.fakes import FakeEngines
from tests.towns import copy_town

CUTS = """
import json, sys
from pathlib import Path
from engine.cards import Cards
from engine.shelves import folders
cards = Cards(folders())
asked = json.load(sys.stdin)
found = [[topic, language, cards.get(topic, language)] for topic, language in asked]
json.dump([[topic, language, card.title, [[part.name, part.words] for part in card.parts]]
           for topic, language, card in found if card], sys.stdout)
"""


@pytest.fixture(scope="module", autouse=True)
def bound(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The actions with services of their own; nothing here reads a table."""
    made = make_services(Settings(home=tmp_path_factory.mktemp("home")), FakeEngines(), "secret")
    own = OwnItems(made.items, made.secrets)
    context.bind(context.Context(made.database, made.knowledge, made.items, own))


def parts_in(topic: str, language: str) -> dict[str, str]:
    """The counter's parts of an answer by name."""
    answer = context.current().knowledge.answer(f"utter_faq/{topic}", language)
    assert answer is not None
    return {part.name: part.words for part in parts_of(answer)}


async def says(action: type[Action], parts: list[str] | None = None, topic: str = "pool", **slots: Any) -> Any:
    """The one thing that the action says; the slots that it sets stand in it as well."""
    [said] = await say_all(action, parts, topic, **slots)
    return said


async def say_all(action: type[Action], parts: list[str] | None = None, topic: str = "pool", **slots: Any) -> Any:
    """What the action says, in its order; `marks` are what the engine has noted beside the parts."""
    marks = slots.pop("marks", {})
    found = {"topic": topic, "parts": ",".join(parts or []), "unsaid": slots.pop("unsaid", None), **marks}
    entities = [{"entity": name, "value": value} for name, value in found.items() if value is not None]
    parsed = {"text": "x", "intent": {"name": "ask_part"}, "entities": entities}
    dispatcher = CollectingDispatcher()
    before = [{"event": "action", "name": name} for name in slots.pop("before", ())]
    tracker = Tracker("t", {"language": "es", **slots}, parsed, before, False, None, {}, "action_listen")
    events = await action().run(dispatcher, tracker, {})
    set_slots = {event["name"]: event["value"] for event in events}
    return [{**said, **set_slots} for said in dispatcher.messages]


def test_the_engine_and_the_counter_cut_every_answer_alike() -> None:
    python = ROOT / "engine" / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("the engine's environment is not here")
    knowledge = context.current().knowledge
    asked = [(topic, language) for topic in sorted(knowledge.topics) for language in LANGUAGES]
    done = subprocess.run([python, "-c", CUTS], cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    engine = {(topic, language): (title, dict(parts)) for topic, language, title, parts in json.loads(done.stdout)}
    assert len(engine) == len(asked) >= 2 * 73
    for topic, language in asked:
        assert engine[topic, language] == (knowledge.title_of(topic, language), parts_in(topic, language))


async def test_what_was_asked_for_is_said_first_and_the_whole_is_offered() -> None:
    parts = parts_in("swimming_pool", "es")
    fee = next(name for name in parts if name.startswith("fact:fee"))
    first = next(iter(parts))
    said = await says(TellPart, [fee, first], "swimming_pool")
    line, *others = said["parts"].split("\n")
    assert said["response"] == "utter_part" and said["topic_id"] == "swimming_pool"
    assert parts[fee] in line and line.index(":") < line.index(parts[fee]) and parts[first] in " ".join(others)
    assert said["buttons"][0]["payload"] == "/faq/swimming_pool"


@pytest.mark.parametrize("parts", [[], [""], ["fact:fee:00000000"], ["fact:fee"], ["../x"]])
async def test_a_part_that_was_edited_meanwhile_is_not_said_for_another_but_the_whole_is(parts: list[str]) -> None:
    assert (await says(TellPart, parts, "swimming_pool"))["response"] == "utter_faq/swimming_pool"


async def test_what_an_answer_does_not_say_is_owned_up_to_with_the_nearest_and_a_way_on() -> None:
    nearest, *others = parts_in("swimming_pool", "es")
    said = await says(TellPart, [nearest, *others[:1]], "swimming_pool", unsaid="1")
    told = json.dumps(said, ensure_ascii=False)
    assert said["response"] != "utter_part" and said["topic_id"] == "swimming_pool"
    assert parts_in("swimming_pool", "es")[nearest] in told and "/ask_human" in told


async def test_what_an_answer_does_not_say_is_not_met_with_something_farther_when_it_is_asked_again() -> None:
    nearest, other = list(parts_in("swimming_pool", "es"))[:2]
    told = {"parts_told": json.dumps([nearest]), "before": ["action_tell_part"]}
    said = await says(TellPart, [nearest, other], "swimming_pool", unsaid="1", **told)
    assert said["response"] == "utter_part_unsaid_more" and not said["parts"]


async def test_behind_what_may_not_be_what_was_asked_stands_who_knows_it() -> None:
    step = next(name for name in parts_in("swimming_pool", "es") if name.startswith("step"))
    said = await says(TellPart, [step], "swimming_pool")
    answer = context.current().knowledge.answer("utter_faq/swimming_pool", "es")
    assert answer and answer.custom["unit"] in said["ways"] and answer.custom["facts"]["phone"] in said["ways"]
    assert said["response"] == "utter_part_passage"


@pytest.mark.parametrize(
    ("marks", "response"),
    [
        ({}, "utter_part_passage"),
        ({"closed": "1"}, "utter_part_yes_no"),
        ({"perhaps": "1"}, "utter_part_perhaps"),
        ({"perhaps": "1", "closed": "1"}, "utter_part_perhaps"),
    ],
)
async def test_a_line_is_introduced_by_how_surely_it_says_what_was_asked(marks: dict[str, str], response: str) -> None:
    step = next(name for name in parts_in("swimming_pool", "es") if name.startswith("step"))
    assert (await says(TellPart, [step], "swimming_pool", marks=marks))["response"] == response


async def test_a_fact_of_which_it_is_not_sure_that_it_was_asked_for_is_told_with_a_doubt() -> None:
    fee = next(name for name in parts_in("cemetery", "es") if name.startswith("fact:fee"))
    assert (await says(TellPart, [fee], "cemetery", marks={"perhaps": "1"}))["response"] == "utter_part_perhaps"


async def test_two_matters_are_compared_title_by_title_with_both_whole_answers_offered() -> None:
    topics = ("bus_pass", "bike_share")
    first, second = (next(n for n in parts_in(topic, "es") if n.startswith("fact:fee")) for topic in topics)
    compared = {"against": "bike_share", "against_parts": second}
    one, other = await say_all(TellPart, [first], "bus_pass", marks=compared)
    knowledge = context.current().knowledge
    assert [said["title"] for said in (one, other)] == [knowledge.title_of(topic, "es") for topic in topics]
    assert [said["topic_id"] for said in (one, other)] == list(topics)
    assert parts_in("bus_pass", "es")[first] in one["parts"] and parts_in("bike_share", "es")[second] in other["parts"]
    assert not one["buttons"]
    assert [button["payload"] for button in other["buttons"]] == [f"/faq/{topic}" for topic in topics]


async def test_of_two_matters_the_one_whose_answer_does_not_say_it_says_so_with_who_knows() -> None:
    fee = next(n for n in parts_in("bus_pass", "es") if n.startswith("fact:fee"))
    _, other = await say_all(TellPart, [fee], "bus_pass", marks={"against": "office_hours"})
    assert other["response"] == "utter_part_compared_unsaid" and other["ways"] and other["topic_id"] == "office_hours"


@pytest.mark.parametrize(("before", "whole"), [("utter_faq", False), ("action_tell_part", True)])
async def test_a_whole_answer_is_not_said_twice_in_a_row(before: str, whole: bool) -> None:
    first = next(iter(parts_in("swimming_pool", "es")))
    said = await says(TellPart, [first], "swimming_pool", before=[before], marks={"again": "1"})
    assert (said["response"] == "utter_faq/swimming_pool") is whole and (whole or said["parts"])


async def test_a_line_that_was_told_just_now_stands_behind_a_new_one() -> None:
    old, new = [name for name in parts_in("swimming_pool", "es") if name.startswith("step")][:2]
    told = {"parts_told": json.dumps([old]), "before": ["action_tell_part"]}
    said = await says(TellPart, [old, new], "swimming_pool", **told)
    first, second = said["parts"].split("\n")
    assert (first, second) == (parts_in("swimming_pool", "es")[new], parts_in("swimming_pool", "es")[old])


async def test_a_fact_asked_for_twice_in_a_row_is_all_that_the_answer_says() -> None:
    fee = next(name for name in parts_in("swimming_pool", "es") if name.startswith("fact:fee"))
    told = {"parts_told": json.dumps([fee]), "before": ["action_tell_part"]}
    again = await says(TellPart, [fee], "swimming_pool", **told)
    assert again["response"] == "utter_part_all" and parts_in("swimming_pool", "es")[fee] in again["parts"]


async def test_who_asks_again_is_told_that_this_is_all_and_who_knows_more() -> None:
    step, fee = (
        next(n for n in parts_in("swimming_pool", "es") if n.startswith(kind)) for kind in ("step", "fact:fee")
    )
    first = await says(TellPart, [step, fee], "swimming_pool")
    told = {"parts_told": first["parts_told"], "before": ["action_tell_part", "action_listen"]}
    again = await says(TellPart, [step, fee], "swimming_pool", **told)
    assert again["response"] == "utter_part_all" and again["ways"] and "\n" not in again["parts"]
    assert "/ask_human" in json.dumps(again["buttons"])


@pytest.mark.parametrize("since", [["action_tell_part", "utter_faq"], ["utter_thank", "utter_greet", "utter_ack"]])
async def test_what_was_told_long_before_or_before_another_answer_is_told_again(since: list[str]) -> None:
    step = next(name for name in parts_in("swimming_pool", "es") if name.startswith("step"))
    again = await says(TellPart, [step], "swimming_pool", parts_told=json.dumps([step]), before=since)
    assert again["response"] == "utter_part_passage" and again["parts"]


async def test_a_fact_may_be_asked_for_twice() -> None:
    fee = next(name for name in parts_in("swimming_pool", "es") if name.startswith("fact:fee"))
    again = await says(TellPart, [fee], "swimming_pool", parts_told=json.dumps([fee]))
    assert again["response"] == "utter_part" and again["parts"]


async def test_the_last_answer_is_said_once_more_in_short_with_a_person() -> None:
    said = await says(Repeat, topics=json.dumps([["passport", "swimming_pool"], ["bus_pass"]]))
    assert said["topic_id"] == "swimming_pool" and said["buttons"][-1]["payload"] == "/ask_human"
    short = [words for name, words in parts_in("swimming_pool", "es").items() if name.rpartition(":")[0] in IN_SHORT]
    assert said["parts"].count("\n") == len(short) - 1 and all(words in said["parts"] for words in short)


@pytest.fixture
def riomar_words_its_own_pool(tmp_path: Path) -> Iterator[None]:
    """Knowledge in which one agency has an answer of its own about the pool."""
    copy_town(tmp_path / "town")
    own = """
  - condition: [{type: slot, name: language, value: es}, {type: slot, name: agency, value: riomar}]
    text: La piscina de Riomar está en la playa.
    custom: {steps: [Trae sandalias.], facts: {fee: 9 €}, related: [passport]}
"""
    for path in (tmp_path / "town" / "data" / "responses").glob("*.yml"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("  utter_faq/swimming_pool:\n", f"  utter_faq/swimming_pool:{own}"), "utf-8")
    before = context.current()
    context.bind(replace(before, knowledge=Knowledge(tmp_path / "town")))
    yield
    context.bind(before)


@pytest.mark.usefixtures("riomar_words_its_own_pool")
async def test_who_asks_an_agency_with_words_of_its_own_is_told_these() -> None:
    answer = context.current().knowledge.answer("utter_faq/swimming_pool", "es", "riomar")
    assert answer is not None
    own, common = {part.key: part for part in parts_of(answer)}, parts_in("swimming_pool", "es")
    asked = {"topic": "swimming_pool", "agency": "riomar"}
    topics = '[["swimming_pool"]]'
    assert "9 €" in (await says(TellPart, [own["fact:fee"].name], **asked))["parts"]
    fee = next(name for name in common if name.startswith("fact:fee"))
    assert (await says(TellPart, [fee], **asked))["response"] == "utter_faq/swimming_pool"
    assert "Trae sandalias" in (await says(Repeat, topics=topics, agency="riomar"))["parts"]
    payloads = [button["payload"] for button in (await says(Rephrase, topics=topics, agency="riomar"))["buttons"]]
    assert payloads == ["/faq/passport", "/ask_human"]
    assert "sandalias" not in (await says(Repeat, topics=topics, agency="aldealba"))["parts"]


@pytest.mark.parametrize("topics", [None, "[]", '[["gone"]]'])
async def test_without_an_answer_it_says_what_it_can_do(topics: str | None) -> None:
    assert (await says(Repeat, topics=topics))["response"] == "utter_capabilities"


async def test_who_meant_something_else_is_asked_for_other_words_and_then_offered_a_person() -> None:
    first = await says(Rephrase, topics='[["swimming_pool"]]')
    assert first["response"] == "utter_rephrase" and first["buttons"][-1]["payload"] == "/ask_human"
    assert json.loads(first["offered"]) == [[button["payload"], button["title"]] for button in first["buttons"]]
    assert next(payload for payload, _ in json.loads(first["offered"])) == "/faq/sports_court"
    again = await says(Rephrase, topics='[["swimming_pool"]]', misunderstood=2)
    assert (again["response"], again["asked"]) == ("utter_offer_person", "/ask_human")


async def test_a_deadline_is_told_with_how_it_stands_today_and_no_other_part_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(context.current().knowledge, "clock", lambda: moment)
    for language, over in (("es", "terminó el 5 de noviembre"), ("en", "period ended on 5 November")):
        names = {name.rpartition(":")[0]: name for name in parts_in("property_tax", language)}
        for key, told in (("fact:deadline", True), ("text:0", True), ("fact:phone", False), ("step:0", False)):
            said = (await says(TellPart, [names[key]], "property_tax", language=language))["parts"]
            assert (over in said.splitlines()[-1]) is told, (language, key)
