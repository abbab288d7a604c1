"""Look-up lists of a town are read again when they change, and a slip in one takes nothing away."""

from pathlib import Path

import pytest

from engine import shelves
from engine.shelves import Fresh, agencies_of, read_entries

TOPICS = "topics: [{id: beach, level: local, title: {es: Playa}}]\n"


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setattr(shelves, "LOOK_AGAIN", 0.0)
    (tmp_path / "lookup").mkdir()
    (tmp_path / "lookup" / "topics.yml").write_text(TOPICS, encoding="utf-8")
    return tmp_path


def topics(town: Path) -> Fresh:
    return Fresh([town / "lookup" / "topics.yml"], lambda: read_entries("topics", [town]), [])


def test_what_changed_is_read_again_and_a_slip_keeps_what_was_read(town):
    read, file = topics(town), town / "lookup" / "topics.yml"
    assert [one["id"] for one in read.get()] == ["beach"]
    file.write_text("topics: [", encoding="utf-8")
    assert [one["id"] for one in read.get()] == ["beach"]
    file.write_text("topics: [{id: harbour}]\n", encoding="utf-8")
    assert [one["id"] for one in read.get()] == ["harbour"]


def test_an_engine_that_starts_with_a_slip_serves_without_that_list(town):
    (town / "lookup" / "topics.yml").write_text("topics: [", encoding="utf-8")
    read = topics(town)
    assert read.get() == []
    (town / "lookup" / "topics.yml").write_text(TOPICS, encoding="utf-8")
    assert [one["id"] for one in read.get()] == ["beach"]


def test_a_file_that_could_not_be_read_is_tried_again_though_it_looks_the_same(town):
    refused = []

    def read():
        if not refused:
            refused.append(True)
            raise OSError(5, "Input/output error")
        return ["beach"]

    fresh = Fresh([town / "lookup" / "topics.yml"], read, [])
    assert (fresh.get(), fresh.get()) == ([], ["beach"])


def test_of_two_entries_with_one_id_the_towns_says_what_differs(town, tmp_path):
    own = tmp_path / "own"
    (own / "lookup").mkdir(parents=True)
    (own / "lookup" / "topics.yml").write_text("topics: [{id: beach, agency: port}]\n", encoding="utf-8")
    [beach] = read_entries("topics", [town, own])
    assert (beach["agency"], beach["title"]) == ("port", {"es": "Playa"})


def test_who_is_in_charge_is_named_or_of_the_topics_level_or_the_first():
    agencies = [{"id": "town", "level": "local"}, {"id": "realm", "level": "state"}]
    known = [{"id": "a", "level": "state"}, {"id": "b", "level": "regional"}, {"id": "c", "agency": "realm"}]
    assert agencies_of(known, agencies) == {"a": "realm", "b": "town", "c": "realm"}
