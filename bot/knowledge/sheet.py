"""A sheet of topics, as a town hall keeps them in a spreadsheet: one row a topic, in CSV or XLSX.

The columns are the fixed outside format (`docs/adopt/import.md`): any of them but `topic` may be missing, those of
other languages go by their code.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

WORDS = ("title", "answer", "fee", "deadline", "hours", "documents", "where", "unit", "link_title", "source_title")
SHARED = ("topic", "phone", "link_url", "source_url", "reviewed", "related")
EXAMPLES = "examples"
MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
_SPELLINGS = ("utf-8-sig", "cp1252")  # what spreadsheets write, the second on older Windows


class SheetError(Exception):
    """A file that is no such sheet; the sentence says what to do."""


@dataclass(frozen=True)
class Row:
    """One topic: the line in the file, as the spreadsheet counts it, and what stands in each column that is filled."""

    number: int
    cells: dict[str, str]


def columns(languages: Iterable[str]) -> list[str]:
    """All columns in their order."""
    languages = list(languages)
    words = [f"{name}_{language}" for name in (*WORDS, EXAMPLES) for language in languages]
    first = [name for name in words if name.startswith(("title_", "answer_"))]
    rest = [name for name in words if name not in first and not name.startswith(EXAMPLES)]
    return ["topic", *first, *rest, *SHARED[1:], *(name for name in words if name.startswith(EXAMPLES))]


def read_sheet(path: Path, languages: Iterable[str]) -> list[Row]:
    """The rows of a sheet, empty ones left out. Raises SheetError; OSError when the file cannot be read."""
    if path.stat().st_size > MOST_BYTES:
        raise SheetError(f"{path.name} has more than {MOST_BYTES // 1_000_000} MB; import it in parts")
    lines = list(_xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path))
    if not lines:
        raise SheetError(f"{path.name} is empty; the first line has the names of the columns, as topic, title_es …")
    names = [_name(cell) for cell in lines[0]]
    _check_names(path, names, columns(languages))
    rows = []
    for number, line in enumerate(lines[1:], 2):
        told = [*zip_longest(names, map(_text, line), fillvalue="")]
        if lost := next((text for name, text in told if text and not name), ""):
            raise SheetError(
                f'{path.name}, row {number}: "{lost[:40]}" stands in no column; put text with commas in quotes'
            )
        cells = {name: text for name, text in told if text}
        if cells:
            rows.append(Row(number, cells))
    if len(rows) > MOST_ROWS:
        raise SheetError(f"{path.name} has {len(rows)} rows, {MOST_ROWS} at most; import it in parts")
    return rows


def write_sheet(path: Path, rows: Iterable[dict[str, str]], languages: Iterable[str]) -> None:
    """Write rows by column name, as XLSX where the file is called so, else as CSV that spreadsheets open."""
    names = columns(languages)
    table = [names, *([row.get(name, "") for name in names] for row in rows)]
    if path.suffix.lower() == ".xlsx":
        book = Workbook(write_only=True)
        page = book.create_sheet("topics")
        for line in table:
            page.append(line)
        book.save(path)
        return
    told = io.StringIO()
    csv.writer(told).writerows([[_harmless(cell) for cell in line] for line in table])
    path.write_text("\ufeff" + told.getvalue(), encoding="utf-8", newline="")


def _csv(path: Path) -> Iterator[list[Any]]:
    raw = path.read_bytes()
    text = next((text for spelling in _SPELLINGS if (text := _spelt(raw, spelling)) is not None), None)
    if text is None or "\0" in text:
        raise SheetError(f"{path.name} is no text; save it as CSV (UTF-8) or XLSX")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise SheetError(f"{path.name} is no CSV that can be read ({error}); save it anew, or as XLSX") from error


def _spelt(raw: bytes, spelling: str) -> str | None:
    try:
        return raw.decode(spelling)
    except UnicodeDecodeError:
        return None


def _xlsx(path: Path) -> Iterator[list[Any]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        page = book["topics"] if "topics" in book.sheetnames else book.worksheets[0]
        yield from (list(line) for line in page.iter_rows(values_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise SheetError(f"{path.name} is no XLSX that can be read; save it anew, or as CSV") from error


def _check_names(path: Path, names: list[str], known: list[str]) -> None:
    if "topic" not in names:
        raise SheetError(f'{path.name} has no column "topic": the first line names the columns, as topic, title_es …')
    for name in names:
        if name and names.count(name) > 1:
            raise SheetError(f'{path.name} has the column "{name}" twice')
        if name and name not in known:
            raise SheetError(f'{path.name}: nobody knows the column "{name}"; there are {", ".join(known)}')


def _name(cell: Any) -> str:
    return re.sub(r"\s+", "_", str(cell or "").strip().lower())


def _text(cell: Any) -> str:
    """A cell as text: a day as 2026-11-25, a whole number without its point."""
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell) if cell is not None else ""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in "=+-@\t" and cell[:1] else cell
