"""The answers, cut into parts that can be said alone, and read again when somebody has edited them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import cards
from engine.cards import FACTS, Card, Cards, Part

POOL = """
responses:
  utter_faq/pool:
  - condition: [{type: slot, name: language, value: es}]
    text: Abre en junio. ¿Cuánto dura? Tres meses.
    custom:
      steps: [Trae gorro., Paga en la puerta.]
      facts: {fee: 3 €, documents: [DNI, bono], hours: ""}
      related: [gym]
  - condition: [{type: slot, name: language, value: en}]
    text: It opens in June.
    custom: {facts: {fee: €3}}
  utter_faq/gym:
  - text: Always open.
  - condition: [{type: slot, name: agency, value: elsewhere}]
    text: Closed on Mondays.
    custom: {facts: {fee: 9 €}}
  utter_greet:
  - text: Hello.
"""
TITLES = "topics:\n- {id: pool, title: {es: Piscina, en: Swimming pool}}\n"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cards:
    """The cards of a small town, which looks at its files each time it is asked."""
    monkeypatch.setattr(cards, "LOOK_AGAIN", 0.0)
    for folder in ("responses", "lookup"):
        (tmp_path / folder).mkdir()
    (tmp_path / "responses" / "leisure.yml").write_text(POOL, encoding="utf-8")
    (tmp_path / "lookup" / "topics.yml").write_text(TITLES, encoding="utf-8")
    return Cards((tmp_path,))


def edit(known: Cards, before: str, after: str) -> None:
    """Somebody writes `after` for `before` in the answers."""
    path = known.folders[0] / "responses" / "leisure.yml"
    path.write_text(path.read_text("utf-8").replace(before, after), encoding="utf-8")
    stamp = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(stamp, stamp))


def got(known: Cards, topic: str = "pool", language: str = "es") -> Card:
    card = known.get(topic, language)
    assert card is not None
    return card


def test_an_answer_is_cut_into_sentences_steps_and_facts(known: Cards) -> None:
    card = got(known)
    assert [(part.key, part.words) for part in card.parts] == [
        ("text:0", "Abre en junio."),
        ("text:1", "¿Cuánto dura?"),
        ("text:2", "Tres meses."),
        ("step:0", "Trae gorro."),
        ("step:1", "Paga en la puerta."),
        ("fact:fee", "3 €"),
        ("fact:documents", "DNI, bono"),
    ]
    assert (card.title, card.related) == ("Piscina", ("gym",))
    assert [part.kind for part in card.parts] == ["text"] * 3 + ["step"] * 2 + ["fact:fee", "fact:documents"]


@pytest.mark.parametrize(
    ("topic", "language", "title"),
    [("pool", "en", "Swimming pool"), ("gym", "en", "gym"), ("gym", "es", "gym"), ("nothing", "es", "")],
)
def test_an_answer_has_a_title_and_is_found_in_another_language_when_there_is_no_other(
    known: Cards, topic: str, language: str, title: str
) -> None:
    assert known.title(topic, language) == title
    assert (known.get(topic, language) is None) == (not title)


def test_what_one_agency_words_for_itself_is_not_taken_for_the_answer_of_all(known: Cards) -> None:
    assert [part.words for part in got(known, "gym").parts] == ["Always open."]


def test_what_is_no_answer_is_none(known: Cards) -> None:
    assert known.get("greet", "es") is None


def test_an_edited_answer_is_read_again_and_its_old_part_is_not_found(known: Cards) -> None:
    before = {part.key: part.name for part in got(known).parts}
    edit(known, "3 €", "4 €")
    after = {part.key: part.name for part in got(known).parts}
    assert before["fact:fee"] not in after.values()
    assert {key for key in before if before[key] == after[key]} == set(before) - {"fact:fee"}


def test_a_step_put_before_the_others_changes_their_names(known: Cards) -> None:
    before = {part.name for part in got(known).parts if part.kind == "step"}
    edit(known, "[Trae gorro.", "[Dúchate., Trae gorro.")
    assert not before & {part.name for part in got(known).parts}


def test_an_answer_that_was_taken_away_is_gone(known: Cards) -> None:
    assert got(known)
    (known.folders[0] / "responses" / "leisure.yml").unlink()
    assert known.get("pool", "es") is None


def test_a_slip_in_a_file_keeps_the_last_good_answers_and_is_told_once_with_its_file(
    known: Cards, caplog: pytest.LogCaptureFixture
) -> None:
    before = got(known)
    edit(known, "facts: {fee: 3 €", "facts: fee: {3 €")
    assert [got(known), got(known)] == [before] * 2
    [told] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "leisure.yml" in told.getMessage() and "line 8" in told.getMessage()
    edit(known, "facts: fee: {3 €", "facts: {fee: 4 €")
    assert "4 €" in [part.words for part in got(known).parts]


@pytest.mark.parametrize(
    "instead",
    ["- just a list\n", "responses: 3\n", "responses: {utter_faq/pool: 3}\n", "responses: {utter_faq/pool: [x]}\n"],
)
def test_what_is_yaml_and_no_answers_keeps_the_last_good_ones(known: Cards, instead: str) -> None:
    before = got(known)
    edit(known, POOL, instead)
    assert got(known) == before


def test_one_file_with_a_slip_at_the_start_leaves_the_answers_of_the_others(known: Cards) -> None:
    (known.folders[0] / "responses" / "broken.yml").write_text("responses: {", encoding="utf-8")
    assert got(known).title == "Piscina"


def test_the_files_are_looked_at_once_in_a_while_and_not_for_every_message(
    known: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert got(known)
    monkeypatch.setattr(cards, "LOOK_AGAIN", 3600.0)
    edit(known, "3 €", "4 €")
    assert "3 €" in [part.words for part in got(known).parts]


def test_a_topic_without_a_list_of_titles_still_has_its_answer(known: Cards) -> None:
    (known.folders[0] / "lookup" / "topics.yml").unlink()
    assert got(known).title == "pool"


def test_two_parts_of_the_same_words_have_names_of_their_own() -> None:
    assert Part("text:0", "a").name != Part("text:1", "a").name
    assert Part("fact:fee", "a").name == Part("fact:fee", "a").name
    assert all(Part(f"fact:{fact}", "a").kind == f"fact:{fact}" for fact in FACTS)
