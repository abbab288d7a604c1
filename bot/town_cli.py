"""The commands of `./ventanilla` about a town's folder, thin: each calls one function of bot/commands/towns.py."""

from pathlib import Path
from typing import Annotated

import typer

from bot.setup.reading import read_settings

knowledge = typer.Typer(help="The town's folder: check, fill and bring it up to date.", no_args_is_help=True)


def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", resolve_path=True)],
    agency: Annotated[str, typer.Option("--id", help="The agency's short name, as pinares.")],
    name_es: Annotated[str, typer.Option("--name-es", help="What it is called in Spanish.")] = "",
    name_en: Annotated[str, typer.Option("--name-en", help="What it is called in English.")] = "",
    zone: Annotated[str, typer.Option(help="The time zone that its office is in.")] = "Europe/Madrid",
    languages: Annotated[
        str, typer.Option(help="What it is spoken to in, the first one first, as es,en,ca.")
    ] = "es,en",
) -> None:
    """Make the folder of a new town: it serves at once, with the library's topics and opening hours to adapt."""
    from bot.commands.towns import do_new

    do_new(folder, agency, {"es": name_es, "en": name_en}, zone, [one.strip() for one in languages.split(",")])
    print(f"Made {folder}. Next:")
    print(f"  export VENTANILLA_KNOWLEDGE={folder}")
    print("  ./ventanilla knowledge import FILE    your topics and answers, one row each (docs/adopt/import.md)")
    print("  ./ventanilla start                    serves; the opening hours stand in data/lookup/agencies.yml")


@knowledge.command("check")
def check_town() -> None:
    """Check the town's folder as a whole; what is wrong, with file, line and what to write."""
    from bot.commands.towns import do_check

    settings = read_settings()
    do_check(settings)
    print(f"{settings.knowledge} passes.")


@knowledge.command("import")
def import_sheet(
    file: Annotated[
        Path, typer.Argument(help="A CSV or XLSX file; or a saved web page, for drafts.", resolve_path=True)
    ],
    agency: Annotated[str, typer.Option(help="Whose answers they are; without it, the agency that opens.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change and write nothing.")] = False,
) -> None:
    """Take topics, answers and examples from a sheet: all rows, or none when one is wrong."""
    from bot.commands.towns import do_import

    for line in do_import(read_settings(), file, agency, dry_run):
        print(line)


@knowledge.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, .csv or .xlsx.", resolve_path=True)],
    agency: Annotated[str, typer.Option(help="Whose answers; without it, the agency that opens.")] = "",
) -> None:
    """Write all topics with the agency's answers as a sheet, which can be imported again."""
    from bot.commands.towns import do_export

    print(f"{do_export(read_settings(), file, agency)} topics in {file}")


@knowledge.command()
def missing(
    language: Annotated[str, typer.Argument(help="The language's code, as ca.")],
) -> None:
    """List what is not written in a language yet: titles, names, answers."""
    from bot.commands.towns import read_missing

    for line in read_missing(read_settings(), language):
        print(line)


@knowledge.command()
def figures(
    all_topics: Annotated[bool, typer.Option("--all", help="Also topics that need nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Say how well each topic is told apart since the last training, and which examples would help."""
    from bot.commands.towns import read_advice

    for line in read_advice(read_settings(), all_topics=all_topics, as_json=as_json):
        print(line)


@knowledge.command()
def upgrade(
    folder: Annotated[Path, typer.Argument(help="The folder of an earlier version.", resolve_path=True)],
) -> None:
    """Make a town's folder of one from before: what is the town's own is kept, in one commit."""
    from bot.commands.towns import do_bring_up

    for line in do_bring_up(folder):
        print(line)
