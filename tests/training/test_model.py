"""The model is named by what it was trained on; only a change of that trains again."""

import shutil
import sys
from pathlib import Path

import pytest

from bot.knowledge.yaml_check import check_yaml
from bot.setup.problems import Problem
from bot.training import model
from bot.training.model import cache_of, ensure_model, fingerprint, remove_old
from tests.towns import copy_town

TRAINS = """
import os, sys, pathlib
folder, name = (sys.argv[sys.argv.index(o) + 1] for o in ("--out", "--fixed-model-name"))
here = pathlib.Path(__file__).parent
if (here / "fail").exists():
    pathlib.Path(folder, "half").touch()
    sys.exit("ValueError: a bad rule")
haste = b" in haste" if os.environ.get("IN_HASTE") else b""
pathlib.Path(folder, name + ".tar.gz").write_bytes(b"model" + haste)
with open(here / "trainings", "a") as count: count.write("x")
"""


@pytest.fixture
def knowledge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "knowledge"
    for name in ("nlu", "rules", "responses", "lookup"):
        (folder / "data" / name).mkdir(parents=True)
        (folder / "data" / name / "waste.yml").write_text('version: "3.1"\n')
    for name in ("config.yml", "domain.yml", "town.yml", "data/lookup/agencies.yml"):
        (folder / name).write_text("a: 1\n")
    (folder / "train.py").write_text(TRAINS)
    (folder / "engine").mkdir()
    (folder / "engine" / "acts.py").write_text("")
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {folder / "train.py"} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(model, "python_of", lambda root, env: program)
    return folder


def trainings(knowledge: Path) -> int:
    count = knowledge / "trainings"
    return len(count.read_text()) if count.exists() else 0


def test_a_model_is_trained_once(knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = ensure_model(tmp_path, knowledge, knowledge)
    assert first == ensure_model(tmp_path, knowledge, knowledge)
    assert first.read_bytes() == b"model" and trainings(knowledge) == 1
    said = capsys.readouterr().err
    assert "Training the model: about 200 s" in said and "done in" in said


@pytest.mark.parametrize("changed", ["config.yml", "domain.yml", "data/nlu/waste.yml", "engine/acts.py"])
def test_another_training_file_asks_for_another_model(knowledge: Path, changed: str) -> None:
    before = fingerprint(knowledge, knowledge)
    (knowledge / changed).write_text("a: 2\n")
    assert fingerprint(knowledge, knowledge) != before


@pytest.mark.parametrize(
    ("name", "before", "after", "asks"),
    [
        ("topics", "topics: [{id: beach, title: {es: Playa}}]", "topics: [{id: beach, title: {es: Playas}}]", True),
        ("agencies", "agencies: [{id: a, area: {es: Vega}}]", "agencies: [{id: a, area: {es: Soto}}]", True),
        ("topics", "topics: [{id: c, title: {es: A}}]", "topics: [{id: c, title: {es: A}}, {id: b, off: true}]", False),
        ("agencies", "agencies: [{id: a, phone: '1'}]", "agencies: [{id: a, phone: '2'}]", False),
        ("districts", "districts: []", "districts: [{id: north}]", False),
    ],
    ids=["a title", "the place's name", "a topic that is off", "a telephone number", "a district"],
)  # fmt: skip
def test_of_the_look_up_lists_only_what_is_learned_asks_for_another_model(
    knowledge: Path, name: str, before: str, after: str, asks: bool
) -> None:
    (knowledge / f"data/lookup/{name}.yml").write_text(before)
    first = fingerprint(knowledge, knowledge)
    (knowledge / f"data/lookup/{name}.yml").write_text(after)
    assert (fingerprint(knowledge, knowledge) != first) is asks


def test_an_edited_answer_asks_for_no_training(knowledge: Path) -> None:
    before = fingerprint(knowledge, knowledge)
    (knowledge / "data/responses/waste.yml").write_text("responses: {}\n")
    assert fingerprint(knowledge, knowledge) == before


def test_a_failed_training_is_one_sentence_and_leaves_nothing(knowledge: Path, tmp_path: Path) -> None:
    (knowledge / "fail").touch()
    with pytest.raises(Problem, match="ValueError: a bad rule") as raised:
        ensure_model(tmp_path, knowledge, knowledge)
    assert raised.value.exit_code == 2
    assert list((tmp_path / "models").iterdir()) == []


def test_a_full_disk_while_training_is_said(knowledge: Path, tmp_path: Path) -> None:
    (knowledge / "train.py").write_text("import sys; sys.exit('OSError: [Errno 28] No space left on device')")
    with pytest.raises(Problem, match="the disk is full"):
        ensure_model(tmp_path, knowledge, knowledge)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\n b: 2\n", 2), ('a: "x\nb: 1\n', 1), ("a:\n\t- b\n", 2), ("- a\n", 1), ("a: 1\na: 2\n", 2)],
)
def test_broken_yaml_is_named_by_file_and_line(knowledge: Path, tmp_path: Path, text: str, line: int) -> None:
    (knowledge / "data/nlu/waste.yml").write_text(text)
    with pytest.raises(Problem, match=rf"data/nlu/waste\.yml, line {line}: ") as raised:
        ensure_model(tmp_path, knowledge, knowledge)
    assert raised.value.exit_code == 2 and trainings(knowledge) == 0


def test_text_that_is_not_utf_8_is_named_by_file_and_line(knowledge: Path) -> None:
    (knowledge / "domain.yml").write_bytes(b"a: 1\nb: \xf1\n")
    with pytest.raises(Problem, match=r"domain\.yml, line 2: not UTF-8"):
        check_yaml(knowledge, knowledge)


def test_a_missing_folder_of_training_data_is_named(knowledge: Path) -> None:
    shutil.rmtree(knowledge / "data/rules")
    with pytest.raises(Problem, match="data/rules is missing"):
        check_yaml(knowledge, knowledge)


def test_old_models_go_and_the_one_in_use_stays(tmp_path: Path) -> None:
    used = tmp_path / "0.tar.gz"
    for number in range(6):
        (tmp_path / f"{number}.tar.gz").touch()
    remove_old(used, copies=2)
    assert used.exists() and len(list(tmp_path.glob("*.tar.gz"))) <= 3


def test_what_an_older_engine_learned_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "topics.py").write_text("OLD = 1\n")
    old = cache_of(tmp_path, tmp_path)
    old.mkdir(parents=True)
    assert cache_of(tmp_path, tmp_path) == old and old.is_dir()
    (tmp_path / "engine" / "topics.py").write_text("NEW = 1\n")
    assert cache_of(tmp_path, tmp_path) != old and not old.exists()


def test_a_training_that_was_stopped_says_so(knowledge: Path, tmp_path: Path) -> None:
    (knowledge / "train.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(Problem, match=r"it was stopped \(SIGKILL: perhaps there was too little memory\)"):
        ensure_model(tmp_path, knowledge, knowledge)


def test_the_first_answer_of_a_towns_own_topic_is_learned_and_later_changes_only_go_live(tmp_path: Path) -> None:
    town = copy_town(tmp_path / "town")
    (town / "data/lookup/topics.yml").write_text("topics:\n- {id: snow, title: {es: Nieve, en: Snow}}\n", "utf-8")
    unanswered, answers = fingerprint(town), town / "data/responses/snow.yml"
    answers.write_text("responses:\n  utter_faq/snow:\n  - text: Quitamos la nieve.\n", "utf-8")
    answered = fingerprint(town)
    answers.write_text("responses:\n  utter_faq/snow:\n  - text: Quitamos nieve y hielo.\n", "utf-8")
    assert unanswered != answered == fingerprint(town)
