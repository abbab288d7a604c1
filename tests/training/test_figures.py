"""Whoever writes examples reads which topics need some, and in what they are confused."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bot.commands import towns
from bot.commands.towns import read_advice
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.training.figures import Figure, read_figures

TOLD = {
    "pool": {"examples": 40, "held_back": 8, "right": 8, "taken_for": {}},
    "beach": {"examples": 30, "held_back": 6, "right": 3, "taken_for": {"faq/pool": 2, "out_of_scope": 1}},
    "ferry": {"examples": 12, "held_back": 2, "right": 2, "taken_for": {}},
}


def model_with(path: Path, told: dict[str, Any] | None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        if told is not None:
            words = json.dumps(told).encode()
            entry = tarfile.TarInfo("components/train_topics0/figures.json")
            entry.size = len(words)
            archive.addfile(entry, io.BytesIO(words))
    return path


def test_the_worst_comes_first(tmp_path: Path) -> None:
    figures = read_figures(model_with(tmp_path / "m.tar.gz", TOLD))
    assert [one.topic for one in figures] == ["beach", "ferry", "pool"]
    assert figures[0].share == 0.5


@pytest.mark.parametrize(
    ("topic", "advice"),
    [
        ("pool", ""),
        ("ferry", "write about 12 more examples"),
        ("beach", "write some that say in what it differs from pool"),
    ],
)
def test_the_advice_fits_what_is_wrong(topic: str, advice: str) -> None:
    assert Figure(topic, **TOLD[topic], middle=0.9).advice() == advice


def test_what_is_taken_for_nobodys_business_wants_other_words() -> None:
    lost = Figure("ferry", 40, 8, 2, {"out_of_scope": 4, "faq/pool": 2}, middle=0.9)
    assert lost.advice() == (
        "say it in more ways: it is often taken for nobody's business; write some that say in what it differs from pool"
    )


def test_only_what_needs_something_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_with(tmp_path / "m.tar.gz", TOLD)
    monkeypatch.setattr(towns, "model_path", lambda *_: model)
    settings = Settings(home=tmp_path)
    lines = list(read_advice(settings, all_topics=False, as_json=False))
    assert not any(line.startswith("pool") for line in lines) and any("differs from pool" in line for line in lines)
    everything = json.loads("".join(read_advice(settings, all_topics=True, as_json=True)))
    assert {one["topic"] for one in everything} == set(TOLD)


@pytest.mark.parametrize("told", [None, {}])
def test_a_model_without_figures_says_what_to_do(tmp_path: Path, told: dict[str, Any] | None) -> None:
    with pytest.raises(Problem, match="says nothing about its topics"):
        read_figures(model_with(tmp_path / "m.tar.gz", told))
