"""The threat model treats every part for all of STRIDE, and each test that it names is there."""

import ast
import re

import pytest

from bot.settings import ROOT
from tests.docs.pages import Page

TEXT = Page(ROOT / "docs" / "threat-model.md").text
PARTS = {
    "Citizen on the web",
    "Host page with the widget",
    "Telegram",
    "Desk",
    "Studio",
    "Engine on the loopback",
    "Database",
    "Files, backups and keys",
    "Operator's command line",
    "Other nodes",
}
_ROW = re.compile(r"^\| ([STRIDE]) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def threats() -> dict[str, list[tuple[str, ...]]]:
    """The rows of each part: letter, threat, defence, tests."""
    parts = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)
    found = {name: _ROW.findall(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    return {name: rows for name, rows in found.items() if rows}


def defined_in(path: str) -> set[str]:
    """The tests that a file defines."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")}


def test_every_part_is_there() -> None:
    assert set(threats()) == PARTS


@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_part_is_looked_at_for_all_six(part: str) -> None:
    assert {row[0] for row in threats()[part]} == set("STRIDE")


def test_every_test_that_it_names_is_there() -> None:
    named = set(_TEST.findall(TEXT))
    assert named
    assert {test for test in named if not (ROOT / test[0]).is_file() or test[1] not in defined_in(test[0])} == set()


def test_every_threat_has_its_test_or_is_accepted() -> None:
    rows = [row for part in threats().values() for row in part]
    assert [row for row in rows if not _TEST.search(row[3]) and not (row[3] == "–" and "Accepted" in row[2])] == []
