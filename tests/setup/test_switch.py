"""`./ventanilla assistant off | on | status`: it works whoever is serving, and when nobody is."""

import pytest

from bot.commands.switch import lines_of, read_switch, turn_off, turn_on
from bot.settings import Settings
from bot.setup.problems import Problem


def test_it_says_how_it_stands(settings: Settings) -> None:
    assert lines_of(read_switch(settings)) == ["The assistant is on."]
    assert turn_off(settings, "", "wrong fees").startswith("The assistant is off for all agencies.")
    [line] = lines_of(read_switch(settings))
    assert line.startswith("The assistant is off for all agencies since 20") and line.endswith(": wrong fees")
    assert "by operator:" in line
    assert turn_on(settings, "") == "The assistant is on again for all agencies."
    assert read_switch(settings) == []


def test_one_agency_alone_and_what_is_still_off(settings: Settings) -> None:
    turn_off(settings, "riomar", "")
    turn_off(settings, "", "")
    assert turn_on(settings, "") == "The assistant is on again for all agencies. It is still off for riomar."
    assert turn_on(settings, "aldealba") == "It was not off for aldealba. It is still off for riomar."


def test_an_agency_that_does_not_exist_is_named_with_those_that_do(settings: Settings) -> None:
    with pytest.raises(Problem, match="There is no agency aldebarán"):
        turn_off(settings, "aldebarán", "")


def test_a_database_that_cannot_be_used_is_one_sentence(settings: Settings) -> None:
    if settings.database_url:
        pytest.skip("SQLite's file")
    (settings.home / "ventanilla.db").write_bytes(b"not a database" * 100)
    with pytest.raises(Problem) as problem:
        read_switch(settings)
    assert problem.value.exit_code == 8
