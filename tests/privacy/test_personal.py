"""Personal data is found and look-alikes are left alone, as the corpus says; in linear time whatever is written."""

import json
import time

import pytest

from bench.privacy import CORPUS, FALSE_ALARMS, RECALL, measure
from bot.privacy.mask import mask
from bot.privacy.personal import KINDS, kinds


def test_the_corpus_is_large_and_half_of_it_only_looks_like_personal_data() -> None:
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    alike = [row for row in rows if not row["holds"]]
    assert len(rows) >= 400
    assert 0.4 < len(alike) / len(rows) < 0.6
    assert {kind for row in rows for kind, _ in row["holds"]} == set(KINDS)


def test_recall_and_false_alarms_hold_their_thresholds() -> None:
    result = measure()
    assert result["recall"] >= RECALL, result["missed"]
    assert result["false_alarms"] <= FALSE_ALARMS, result["alarms"]


@pytest.mark.parametrize(
    "text",
    [
        "un presupuesto de 1.250.000 €",
        "la cita es el 25/11/2026 a las 10:30",
        "la Ley 39/2015 y el RD 1234/2018",
        "¿cómo va ALD-2026-000123-K?",
    ],
)
def test_a_budget_a_date_a_law_and_our_reference_are_not_masked(text: str) -> None:
    assert mask(text) == text


def test_the_mark_names_the_kind_and_keeps_nothing_of_the_value() -> None:
    text = "Ana, 12345678Z, 612 34 56 78, ana@example.com, 1234 BCD"
    assert mask(text) == "Ana, [DNI], [PHONE], [E-MAIL], [PLATE]"
    assert kinds(text) == ["dni", "phone", "email", "plate"]
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "piece",
    ["1", "12 ", "1.2-", "6 12 34 ", "a@", "a.", "ES91 ", "dni ", "1234-AB ", "X1.", "+34 (", "m-1234-", "arroba "],
)
def test_hostile_text_costs_linear_time(piece: str) -> None:
    def took(length: int) -> float:
        text = (piece * length)[:length]
        started = time.process_time()
        mask(text)
        return time.process_time() - started

    took(5_000)
    short, long = (min(took(length) for _ in range(3)) for length in (15_000, 60_000))
    assert long < 10 * short + 0.02  # four times the length; quadratic would be sixteen
