"""Training, going back and starting decide which model is served; counters elsewhere follow the database."""

import sys
from pathlib import Path

import pytest

from bot.commands import releasing
from bot.commands.releasing import do_go_back, do_train, do_use, lines_of, prepare_release, read_releases
from bot.replicas.releases import Releases, ask, wanted
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.store import migrate
from bot.training import model
from bot.training.model import fingerprint
from tests.training.test_model import TRAINS


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation whose training takes no time."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    knowledge = tmp_path / "knowledge"
    for name in ("nlu", "lookup"):
        (knowledge / "data" / name).mkdir(parents=True)
    for name in ("town.yml", "data/lookup/agencies.yml"):
        (knowledge / name).write_text("a: 1\n")
    (tmp_path / "train.py").write_text(TRAINS)
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path / "train.py"} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(model, "python_of", lambda root, env: program)
    settings = Settings(home=tmp_path / "var", knowledge=knowledge)
    migrate.upgrade(settings)
    return settings


def learn(settings: Settings, what: str) -> str:
    """Change the training data; the name of the model that fits."""
    examples = f'version: "3.1"\nnlu:\n- intent: faq/waste\n  examples: |\n    - {what}\n'
    (settings.knowledge / "data/nlu/waste.yml").write_text(examples)
    return fingerprint(settings.knowledge)


def served(settings: Settings) -> str:
    release = wanted(read_releases(settings))
    assert release is not None
    return release.name


def test_the_first_start_serves_by_words_alone_until_the_whole_is_learned(installed: Settings) -> None:
    name = learn(installed, "bins")
    release, path, learns = prepare_release(installed)
    assert release.name == f"{name}-words" == served(installed) and path.read_bytes() == b"model in haste"
    assert release.trained_on["topics"] == 74 and release.trained_on["examples"] > 38_000
    assert learns
    assert do_train(installed, force=False).read_bytes() == b"model" and served(installed) == name
    assert prepare_release(installed)[2] is False


def test_a_start_with_the_trained_model_at_hand_learns_nothing(installed: Settings) -> None:
    name = learn(installed, "bins")
    model.ensure_model(installed.home, installed.knowledge)
    release, path, learns = prepare_release(installed)
    assert (release.name, path.read_bytes(), learns) == (name, b"model", False)


def test_a_start_with_new_training_data_goes_on_with_the_model_before(installed: Settings) -> None:
    before = learn(installed, "bins")
    do_train(installed, force=False)
    name = learn(installed, "more bins")
    release, _, learns = prepare_release(installed)
    assert (release.name, learns) == (before, True)
    do_train(installed, force=False)
    assert served(installed) == name


def test_a_model_of_another_engine_is_not_gone_on_with(installed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    learn(installed, "bins")
    do_train(installed, force=False)
    name = learn(installed, "more bins")
    monkeypatch.setattr(releasing, "engine_state", lambda: "an upgrade")
    assert prepare_release(installed)[0].name == f"{name}-words"


def test_a_start_keeps_the_older_model_that_was_gone_back_to_and_says_so(
    installed: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    old = learn(installed, "bins")
    do_train(installed, force=False)
    new = learn(installed, "more bins")
    do_train(installed, force=False)
    do_go_back(installed)
    assert served(installed) == old
    capsys.readouterr()
    assert prepare_release(installed)[0].name == old
    assert f"./ventanilla model use {new}" in capsys.readouterr().err


def test_going_back_twice_is_going_forward_again(installed: Settings) -> None:
    learn(installed, "bins")
    do_train(installed, force=False)
    new = learn(installed, "more bins")
    do_train(installed, force=False)
    do_go_back(installed)
    do_go_back(installed)
    assert served(installed) == new


def test_a_node_without_the_file_takes_it_from_the_database(installed: Settings, tmp_path: Path) -> None:
    learn(installed, "bins")
    do_train(installed, force=False)
    elsewhere = installed.model_copy(
        update={"home": tmp_path / "elsewhere", "database_url": f"sqlite+aiosqlite:///{installed.home}/ventanilla.db"}
    )
    assert prepare_release(elsewhere)[1].read_bytes() == b"model"
    assert len((installed.knowledge.parent / "trainings").read_text()) == 1


def test_a_model_is_named_by_the_beginning_of_its_name(installed: Settings) -> None:
    old = learn(installed, "bins")
    do_train(installed, force=False)
    learn(installed, "more bins")
    do_train(installed, force=False)
    do_use(installed, old[:6])
    assert served(installed) == old


@pytest.mark.parametrize("name", ["nothing", ""])
def test_a_name_that_is_none_or_several_is_refused_with_those_that_are(installed: Settings, name: str) -> None:
    known = []
    for what in ("bins", "more bins"):
        known.append(learn(installed, what))
        do_train(installed, force=False)
    with pytest.raises(Problem, match="no model called") as raised:
        do_use(installed, name)
    assert all(name in raised.value.mend for name in known)


def test_with_one_model_there_is_nothing_to_go_back_to(installed: Settings) -> None:
    learn(installed, "bins")
    do_train(installed, force=False)
    with pytest.raises(Problem, match="no model called before"):
        do_go_back(installed)


def test_training_again_without_a_change_releases_nothing(installed: Settings) -> None:
    learn(installed, "bins")
    do_train(installed, force=False)
    do_train(installed, force=False)
    assert [one.number for one in read_releases(installed)] == [1]


def test_a_refusal_by_the_counter_is_what_the_command_says(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = learn(installed, "bins")
    monkeypatch.setattr(releasing, "serving", lambda settings: True)
    monkeypatch.setattr(releasing, "LOOK", 0.0)

    release = Releases.do_release

    async def released_and_refused(self: Releases, *parts: object, **more: object) -> int:
        number = await release(self, *parts, **more)  # type: ignore[arg-type]
        await self.do_refuse(number, "no such slot")
        return number

    monkeypatch.setattr(Releases, "do_release", released_and_refused)
    with pytest.raises(Problem, match=f"{name} could not be used \\(no such slot\\)") as raised:
        do_train(installed, force=False)
    assert raised.value.exit_code == 7
    assert "refused: no such slot" in "\n".join(lines_of(installed))


def test_the_list_says_which_serves_and_which_fits(installed: Settings) -> None:
    learn(installed, "bins")
    do_train(installed, force=False)
    old = learn(installed, "more bins")
    do_train(installed, force=False)
    ask(installed, lambda releases: releases.do_mark_served(2))
    do_go_back(installed)
    first, second = lines_of(installed)
    assert "74 topics, " in first and "released, not served yet" in first
    assert second.startswith(old) and "fits the training data" in second


def test_a_whole_name_is_that_model_though_another_begins_with_it(installed: Settings) -> None:
    name = learn(installed, "bins")
    prepare_release(installed)
    do_train(installed, force=False)
    do_go_back(installed)
    assert served(installed) == f"{name}-words"
    do_use(installed, name)
    assert served(installed) == name
