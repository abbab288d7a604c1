"""A folder from before a town's data stood apart is brought up to date by one command, and answers as it did."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.commands.towns import do_bring_up, do_check
from bot.knowledge.knowledge import Knowledge, read_yaml
from bot.knowledge.yaml_check import check_yaml
from bot.settings import ROOT, Settings
from bot.setup.problems import Problem
from tests.towns import DEMO

FIRST = {"local": "aldealba", "regional": "riomar", "state": "estado"}
SET_UP = ("-c", "user.name=Town", "-c", "user.email=town@example.org", "-c", "commit.gpgsign=false")


def write(path: Path, contents: Any) -> None:
    yaml = YAML()
    yaml.width = 4_096
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(contents, file)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The whole data in one folder, as it was, with what a town had changed in it, under version control."""
    folder = tmp_path / "old"
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copytree(DEMO / "data", folder / "data", dirs_exist_ok=True, ignore=shutil.ignore_patterns("words.yml"))
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, folder)
    for kind in ("topics", "subjects"):
        contents = read_yaml(folder / f"data/lookup/{kind}.yml")
        for entry in contents[kind]:
            entry["agency"] = FIRST[entry.pop("level")]
        write(folder / f"data/lookup/{kind}.yml", contents)
    for path in (folder / "data/nlu").glob("*.yml"):
        path.write_text(path.read_text("utf-8").replace("{town}", "Aldealba").replace("{region}", "Riomar"), "utf-8")
    _changes(folder)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, *SET_UP, "commit", "--quiet", "--message", "Ours")
    return folder


def _changes(folder: Path) -> None:
    """A topic of its own, one deleted, one in other hands, another price, other words, an example more."""
    topics = read_yaml(folder / "data/lookup/topics.yml")
    kept = [entry for entry in topics["topics"] if entry["id"] != "bike_share"]
    next(entry for entry in kept if entry["id"] == "swimming_pool")["agency"] = "riomar"
    kept.append({"id": "beach_towels", "agency": "aldealba", "title": {"es": "Toallas", "en": "Towels"}})
    write(folder / "data/lookup/topics.yml", {"topics": kept})
    waste = folder / "data/responses/waste.yml"
    waste.write_text(waste.read_text("utf-8").replace("gratis hasta 5 piezas", "7 € hasta 5 piezas"), "utf-8")
    own = 'version: "3.1"\nresponses:\n  utter_faq/beach_towels:\n  - text: Desde las 8.\n    condition:\n'
    own += "    - {type: slot, name: language, value: es}\n"
    (folder / "data/responses/own.yml").write_text(own, "utf-8")
    mobility = folder / "data/responses/mobility.yml"
    found = re.search(r"\n  utter_faq/bike_share:.*?(?=\n  utter_)", mobility.read_text("utf-8"), re.DOTALL)
    assert found
    mobility.write_text(mobility.read_text("utf-8").replace(found[0], ""), "utf-8")
    nlu = 'version: "3.1"\nnlu:\n- intent: faq/beach_towels\n  examples: |\n    - cuándo pongo la toalla\n'
    (folder / "data/nlu/own.yml").write_text(nlu, "utf-8")
    items = folder / "data/responses/items.yml"
    items.write_text(items.read_text("utf-8").replace("¿Lo envío?", "¿Lo mando ya?"), "utf-8")


def test_every_answer_stays_and_only_the_towns_own_is_kept(old: Path) -> None:
    before = Knowledge(old, library=old)
    said = {
        (topic, language): before.answer(f"utter_faq/{topic}", language)
        for topic in before.topics
        for language in ("es", "en")
    }
    lines = list(do_bring_up(old))
    after = Knowledge(old)
    for (topic, language), answer in said.items():
        now = after.answer(f"utter_faq/{topic}", language)
        assert answer and now and (now.text, now.custom) == (answer.text, answer.custom), topic
        assert after.topics[topic].agency == before.topics[topic].agency, topic
    assert after.topics["bike_share"].off and "beach_towels" in after.topics
    assert {name: after.subjects[name].agency for name in after.subjects} == {
        n: s.agency for n, s in before.subjects.items()
    }
    assert lines[0] == "topics: 3 of the town's own or different" and "examples: 1 of the town's own" in lines
    assert not (old / "config.yml").exists() and not (old / "data/rules").exists()
    assert "¿Lo mando ya?" in str(read_yaml(old / "data/responses/items.yml"))
    do_check(Settings(home=old.parent / "var", knowledge=old))


def test_it_is_one_commit_and_the_one_before_has_everything(old: Path) -> None:
    list(do_bring_up(old))
    assert git(old, "status", "--porcelain") == ""
    assert git(old, "log", "--format=%s").splitlines() == ["The town's own data stands apart (format 1)", "Ours"]
    assert "data/rules/" in git(old, "ls-tree", "-r", "--name-only", "HEAD~1")


def test_again_there_is_nothing_to_do(old: Path) -> None:
    list(do_bring_up(old))
    assert "nothing to do" in next(iter(do_bring_up(old)))


def test_a_folder_from_before_is_refused_with_the_command_that_mends_it(old: Path) -> None:
    with pytest.raises(Problem) as refused:
        check_yaml(old)
    assert "./ventanilla knowledge upgrade" in refused.value.mend


def test_what_would_not_pass_is_left_as_it_is(old: Path) -> None:
    path = old / "data/lookup/agencies.yml"
    path.write_text(path.read_text("utf-8").replace('"09:00"', '"9:00"'), "utf-8")
    before = sorted(str(one) for one in old.rglob("*"))
    with pytest.raises(Problem, match='write "09:00"'):
        list(do_bring_up(old))
    assert sorted(str(one) for one in old.rglob("*")) == before


@pytest.mark.parametrize(("told", "says"), [("format: 9\n", "install a newer product"), (None, "no folder of a town")])
def test_a_folder_that_cannot_be_brought_up_is_told(tmp_path: Path, told: str | None, says: str) -> None:
    if told:
        (tmp_path / "town.yml").write_text(told)
    with pytest.raises(Problem, match=says):
        list(do_bring_up(tmp_path))
