"""References are speakable, found however they are written, and slips are caught."""

import pytest

from bot.suggestions.references import check_letter, find_reference, is_valid, make_reference


def test_a_reference_has_agency_year_number_and_letter() -> None:
    reference = make_reference("ALD", 2026, 123)
    assert reference.startswith("ALD-2026-000123-")
    assert is_valid(reference)


def test_any_wrong_digit_and_any_swapped_neighbours_are_caught() -> None:
    body, letter = "ALD-2026-098417", check_letter("ALD-2026-098417")
    for at, character in enumerate(body):
        for other in "0123456789" if character.isdigit() else "":
            wrong = body[:at] + other + body[at + 1 :]
            assert wrong == body or check_letter(wrong) != letter
    for at in range(4, len(body) - 1):
        swapped = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
        if "-" not in body[at : at + 2] and swapped != body:
            assert check_letter(swapped) != letter


@pytest.mark.parametrize("written", ["ald 2026 123 {}", "ALD-2026-000123-{}", "mi caso es el ald2026/000123{} gracias"])
def test_it_is_found_however_it_is_written(written: str) -> None:
    letter = check_letter("ALD-2026-000123")
    assert find_reference(written.format(letter)) == f"ALD-2026-000123-{letter}"


def test_a_text_without_one_has_none() -> None:
    assert find_reference("la ley 39 de 2015 y 200 euros") is None
