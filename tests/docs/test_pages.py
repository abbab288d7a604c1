"""What the pages say is true where a program can tell: their links, the settings, the commands."""

import re
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.cli import app
from bot.settings import ROOT, Settings
from bot.setup.reading import outside_name
from tests.docs.pages import Page, pages, problem_of

_COMMAND = re.compile(r"\./ventanilla ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+))?")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_and_image_leads_somewhere(page: Page) -> None:
    assert [problem for link in page.links() if (problem := problem_of(page, link))] == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = Page(ROOT / "docs" / "made_up.md")
    assert problem_of(page, "nowhere.md") == "docs/made_up.md: nowhere.md is not there"
    assert problem_of(page, "../README.md#no-such-heading") is not None
    assert problem_of(page, "../../elsewhere.md") is not None
    assert problem_of(page, "../README.md#first-steps") is None


def test_the_table_of_settings_is_the_settings() -> None:
    rows = [row for row in Page(ROOT / "docs" / "settings.md").rows() if row[0].startswith("`")]
    told = {row[1].strip("`"): (row[0].strip("`"), row[2].strip("`–")) for row in rows}
    known = {name: (outside_name(name), default_of(field)) for name, field in Settings.model_fields.items()}
    assert told == known
    assert all(row[3] for row in rows)


def test_every_command_that_a_page_names_exists() -> None:
    known = commands()
    named = {(page.name, named_in(match)) for page in pages() for match in _COMMAND.finditer(page.text)}
    assert {(page, command) for page, command in named if command not in known} == set()


def test_the_readme_names_every_command() -> None:
    readme = Page(ROOT / "README.md").text
    assert {command for command in commands() if f"`./ventanilla {command}" not in readme} == set()


def commands() -> set[str]:
    """The commands of `./ventanilla`, those of a group with the group's name before them."""
    own = {name_of(command) for command in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        own |= {f"{group.name} {name_of(command)}" for command in group.typer_instance.registered_commands}
    return own


def name_of(command: typer.models.CommandInfo) -> str:
    """How a command is called."""
    assert command.callback is not None
    return str(command.name or command.callback.__name__)


def named_in(match: re.Match[str]) -> str:
    """The command in `./ventanilla user add …` or `./ventanilla rasa shell`."""
    groups = {str(group.name) for group in app.registered_groups}
    first, second = match.groups()
    return f"{first} {second}" if first in groups else str(first)


def default_of(field: FieldInfo) -> str:
    """A default as the table writes it: a path below the checkout, nothing for an empty one."""
    value = field.default
    if value == {}:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value.relative_to(ROOT).as_posix() if isinstance(value, Path) else str(value)
