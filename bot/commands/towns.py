"""A town's folder from the command line: made, checked, filled from a sheet, written to one, brought up to date."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from bot.knowledge.faq_page import read_faq_page
from bot.knowledge.files import alone
from bot.knowledge.importing import Plan, lines_of, plan, row_of
from bot.knowledge.knowledge import Knowledge, KnowledgeError, read_yaml
from bot.knowledge.knowledge_check import check_knowledge, read_knowledge
from bot.knowledge.languages import LANGUAGES, known_languages, languages_of
from bot.knowledge.missing import missing_in
from bot.knowledge.new_town import NewTownError, do_make
from bot.knowledge.sheet import SheetError, read_sheet, write_sheet
from bot.knowledge.upgrading import UpgradeError, do_upgrade
from bot.knowledge.writing import do_write
from bot.knowledge.yaml_check import check_yaml
from bot.settings import Settings
from bot.setup.home import prepare_home
from bot.setup.problems import Problem
from bot.training.figures import lines_of as figure_lines
from bot.training.figures import read_figures
from bot.training.model import model_path
from bot.turns.language import detect

PAGES = (".html", ".htm")


def do_new(folder: Path, agency: str, names: dict[str, str], zone: str, languages: Sequence[str] = LANGUAGES) -> None:
    """Make a town's folder. Raises Problem when that is not possible."""
    try:
        do_make(folder, agency, names, zone, languages)
    except (NewTownError, KnowledgeError, OSError) as error:
        raise Problem("new_town", reason=str(error)) from None


def do_check(settings: Settings) -> None:
    """Raise Problem with all that is wrong in the town's folder."""
    check_yaml(settings.knowledge)
    check_knowledge(settings)


def read_missing(settings: Settings, language: str) -> Iterator[str]:
    """What is not there in a language, a line each. Raises Problem for a language that nobody has described."""
    knowledge = read_knowledge(settings)
    known = known_languages(knowledge.shelves.library)
    if language not in known:
        raise Problem("no_language", name=language, names=", ".join(known))
    count = 0
    for kind, name in missing_in(knowledge, language):
        count += 1
        yield f"{kind}: {name}"
    yield f"{count} things are not there in {language}; they are given in another language until they are."


def read_advice(settings: Settings, *, all_topics: bool, as_json: bool) -> Iterator[str]:
    """How well each topic is told apart, and what would help. Raises Problem where nothing was trained yet."""
    model = model_path(settings.home, settings.knowledge)
    if not model.is_file():
        raise Problem("no_figures", model=model.name, reason="it is not trained yet")
    figures = [one for one in read_figures(model) if all_topics or one.advice()]
    if as_json:
        told = [{**asdict(one), "share": round(one.share, 3), "advice": one.advice()} for one in figures]
        yield json.dumps(told, ensure_ascii=False, indent=1)
    elif figures:
        yield from figure_lines(figures)
    else:
        yield "Every topic is told apart well."


def do_import(settings: Settings, file: Path, agency: str, dry_run: bool) -> Iterator[str]:
    """Import a sheet, or turn a saved page into one; what was done. Raises Problem, with nothing written."""
    if file.suffix.lower() in PAGES:
        yield from _page(file, languages_of(settings.knowledge))
        return
    check_yaml(settings.knowledge)
    knowledge = read_knowledge(settings)
    agency = agency or settings.agency
    if agency not in knowledge.agencies:
        raise Problem("no_agency", name=agency, names=", ".join(knowledge.agencies))
    try:
        made = plan(knowledge, read_sheet(file, knowledge.languages), agency)
    except (SheetError, OSError) as error:
        raise Problem("sheet_wrong", reason=str(error)) from None
    if made.wrong:
        raise Problem("sheet_wrong", reason="\n  ".join(["nothing was written:", *map(str, made.wrong)]))
    yield from lines_of(made, knowledge)
    if dry_run:
        yield f"{len(made.changes)} rows would be imported; nothing was written."
        return
    changed = _written(settings, knowledge, made, agency, file)
    names = ", ".join(path.relative_to(knowledge.root).as_posix() for path in changed) or "nothing was new"
    yield f"{len(made.changes)} rows imported: {names}."
    if any(path.parent.name == "nlu" for path in changed) or any(change.new for change in made.changes):
        yield "What is new is learned by ./ventanilla train (minutes; also while it serves), or after the next start."


def _written(settings: Settings, knowledge: Knowledge, made: Plan, agency: str, file: Path) -> list[Path]:
    prepare_home(settings.home)
    try:
        with alone(settings.home):
            return do_write(knowledge, made, agency, f"Imported {file.name}: {len(made.changes)} topics")
    except BlockingIOError:
        raise Problem("sheet_wrong", reason="an answer is being saved just now; nothing was written") from None
    except (KnowledgeError, OSError) as error:
        raise Problem("sheet_wrong", reason=f"nothing was written: {error}") from None


def _page(file: Path, languages: tuple[str, ...]) -> Iterator[str]:
    """The questions of a page as drafts: a sheet to look through, not an import."""
    try:
        rows = read_faq_page(file, languages)
    except (SheetError, OSError) as error:
        raise Problem("sheet_wrong", reason=str(error)) from None
    sheet = file.with_suffix(".csv")
    if sheet.exists():
        raise Problem("sheet_wrong", reason=f"{sheet} is there already; move it away, nothing was written")
    write_sheet(sheet, rows, languages)
    yield f"{len(rows)} questions found. They are drafts in {sheet}: look them through, then import that file."


def do_export(settings: Settings, file: Path, agency: str) -> int:
    """Write the topics with this agency's answers as a sheet; how many rows."""
    knowledge = read_knowledge(settings)
    agency = agency or settings.agency
    examples = _own_examples(knowledge)
    rows = [row_of(knowledge, topic, agency, examples.get(topic, {})) for topic in knowledge.topics]
    try:
        write_sheet(file, rows, knowledge.languages)
    except OSError as error:
        raise Problem("sheet_wrong", reason=str(error)) from None
    return len(rows)


def _own_examples(knowledge: Knowledge) -> dict[str, dict[str, list[str]]]:
    """The town's own examples by topic and language: which one a line is in is not noted, and so is looked for."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted((knowledge.root / "data" / "nlu").glob("*.yml")):
        for entry in (read_yaml(path) or {}).get("nlu") or ():
            lines = [line[2:].strip() for line in str(entry.get("examples", "")).splitlines() if line.startswith("- ")]
            topic = found.setdefault(str(entry.get("intent", "")).removeprefix("faq/"), {})
            for line in lines:
                topic.setdefault(detect(line, knowledge.languages[0], knowledge), []).append(line)
    return found


def do_bring_up(folder: Path) -> Iterator[str]:
    """Make a town's folder of one from before, in a commit; what was kept. Raises Problem."""
    try:
        yield from do_upgrade(folder)
    except (UpgradeError, KnowledgeError, OSError) as error:
        raise Problem("not_upgraded", reason=str(error)) from None
