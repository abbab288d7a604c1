"""References are speakable, found however they are written, and slips are caught."""

import pytest

from bot.suggestions.references import Written, check_letter, find_reference, make_reference, without_references

PREFIXES = ("ALD", "RIO", "EST")
LETTER = check_letter("ALD-2026-000123")
PROPER = Written("ALD-2026-000123", LETTER)


def test_a_reference_has_agency_year_number_and_letter() -> None:
    reference = make_reference("ALD", 2026, 123)
    assert reference.startswith("ALD-2026-000123-")
    assert PROPER.fits and PROPER.whole == reference


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


@pytest.mark.parametrize(
    "written",
    [
        "ald 2026 123 {}",
        "ALD-2026-000123-{}",
        "mi caso es el ald2026/000123{} gracias",
        "ALD—2026—000123—{}",
        "ALD–2026–000123–{}",
        "ALD−2026‑000123‐{}",
        "ALD_2026_000123_{}",
        "ALD-2O26-OOO123-{}",
        "ald-2026-ooo123-{}",
        "ＡＬＤ－２０２６－０００１２３－{}",
        "ALD - 2026 - 000 123 - {}",
        "(ALD. 2026, 000123: {})",
        "¿y la ALD·2026·000123·{}?",
        "\N{LEFT DOUBLE QUOTATION MARK}ALD-2026-000123-{}\N{RIGHT DOUBLE QUOTATION MARK}",
        "del 2026 123 a la ALD-2026-000123-{}",
    ],
)
@pytest.mark.parametrize("lower", [False, True])
def test_it_is_found_however_it_is_written(written: str, lower: bool) -> None:
    text = written.format(LETTER)
    assert find_reference(text.lower() if lower else text, PREFIXES) == PROPER


@pytest.mark.parametrize("written", ["ALD-2026-000123", "ald 2026 123?", "ALD—2026—OOO123", "la ALD_2026_123 y la luz"])
def test_without_its_letter_it_is_known_to_lack_it(written: str) -> None:
    assert find_reference(written, PREFIXES) == Written("ALD-2026-000123")


@pytest.mark.parametrize("text", ["ALD-2026-0000123-K", "ALD 000123", "la 2026-000123-K", "la 000123 K", "ald20261"])
def test_what_is_begun_like_one_is_not_taken_for_no_reference(text: str) -> None:
    found = find_reference(text, PREFIXES)
    assert found is not None and not found.fits


@pytest.mark.parametrize(
    "text",
    [
        "la ley 39 de 2015 y 200 euros",
        "¿cómo va mi aviso del 2026?",
        "lo mandé el 29-11-2026, sobre las 10:30",
        "fue el 2026-11-03 en la calle 14",
        "en mayo del 2026 12 a",
    ],
)
def test_a_text_without_one_has_none(text: str) -> None:
    assert find_reference(text, PREFIXES) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("de la ALD-2026-000123-K al 600123456", "de la                   al 600123456"),
        ("ald 2026 123 y RIO-2026-000009-Z", "             y                  "),
        ("tlf 600123456", "tlf 600123456"),
        ("del 2026 123", "del 2026 123"),
    ],
)
def test_only_references_are_taken_out_and_all_else_keeps_its_place(text: str, left: str) -> None:
    assert without_references(text, PREFIXES) == left
