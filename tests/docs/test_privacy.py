"""The record of processing is what the tables and the days of keeping say."""

import pytest

from bot.privacy.record import PERSONAL, SEALED, TECHNICAL, record, unclassified
from bot.privacy.rotation import sealed_columns
from bot.settings import ROOT
from bot.store.tables import Table


def test_the_record_of_processing_is_todays() -> None:
    written = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert written == record(), "python -m bot.privacy.record > docs/privacy.md"


def test_a_column_that_nobody_has_thought_about_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unclassified() == []
    monkeypatch.setitem(TECHNICAL, "message", "id")
    told = unclassified()
    assert "message.seq is of no kind: name it in PERSONAL or TECHNICAL of bot/privacy/record.py" in told
    with pytest.raises(ValueError, match=r"message\.seq is of no kind"):
        record()


def test_no_column_is_of_two_kinds_and_technical_ones_exist() -> None:
    tables = Table.metadata.tables
    named = {name: names.split() for name, names in TECHNICAL.items()}
    assert [(name, c) for name, names in named.items() for c in names if c not in tables[name].c] == []
    assert [(name, c) for name, names in named.items() for c in names if c in PERSONAL[name][1]] == []


def test_every_table_is_in_the_record_and_names_columns_that_exist() -> None:
    tables = Table.metadata.tables
    assert set(PERSONAL) == set(tables)
    assert [
        (name, column) for name, (_, kinds) in PERSONAL.items() for column in kinds if column not in tables[name].c
    ] == []


def test_what_is_sealed_is_said_to_be() -> None:
    told = {(name, column) for name, (_, kinds) in PERSONAL.items() for column, kind in kinds.items() if kind == SEALED}
    assert told == {(table.name, column.name) for table, column in sealed_columns()}
