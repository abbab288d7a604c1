"""The commands of `./ventanilla` about models, thin: each calls one function of bot/commands/releasing.py."""

from typing import Annotated

import typer

from bot.settings import Settings
from bot.setup.reading import read_settings

model = typer.Typer(help="The models that are kept, and which of them is served.", no_args_is_help=True)


def with_tables() -> Settings:
    """The settings, once the home and the database are there."""
    from bot.commands.serve import migrate
    from bot.setup.home import prepare_home

    settings = read_settings()
    prepare_home(settings.home)
    migrate(settings)
    return settings


@model.callback()
def models() -> None:
    """The models that are kept, and which of them is served."""


@model.command("list")
def list_models() -> None:
    """List the models that are kept, the latest first."""
    from bot.commands.releasing import lines_of

    for line in lines_of(with_tables()):
        print(line)


@model.command()
def use(name: Annotated[str, typer.Argument(help="Its name, or the beginning of it.")]) -> None:
    """Serve a model that is kept; a running counter changes to it in seconds."""
    from bot.commands.releasing import do_use

    do_use(with_tables(), name)


@model.command()
def back() -> None:
    """Serve the model that was served before this one."""
    from bot.commands.releasing import do_go_back

    do_go_back(with_tables())
