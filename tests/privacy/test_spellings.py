"""The same data in other characters: what a phone, a word processor or an Arabic keyboard makes of a number."""

import pytest

from bot.privacy.mask import mask
from bot.privacy.personal import find

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
ARABIC = {ord("0") + digit: chr(0x0660 + digit) for digit in range(10)}
PERSIAN = {ord("0") + digit: chr(0x06F0 + digit) for digit in range(10)}
BOLD = {ord("0") + digit: chr(0x1D7CE + digit) for digit in range(10)}
SPELLINGS = {
    "no-break spaces": {ord(" "): "\u00a0"},
    "narrow no-break spaces": {ord(" "): "\u202f"},
    "figure spaces": {ord(" "): "\u2007"},
    "no-break hyphens": {ord("-"): "\u2011"},
    "en dashes": {ord("-"): "\u2013"},
    "minus signs": {ord("-"): "\u2212"},
    "full width": WIDE | {ord(" "): "\u3000"},
    "Arabic digits": ARABIC,
    "Persian digits": PERSIAN,
    "bold digits": BOLD,
}
PLAIN = (
    "12345678Z",
    "12.345.678-Z",
    "12345678 z",
    "X1234567L",
    "ES91 2100 0418 4502 0005 1332",
    "612 34 56 78",
    "612-345-678",
    "+34 612 345 678",
    "4111 1111 1111 1111",
    "1234 BCD",
    "ana.perez@example.com",
)
LEFT_ALONE = (
    "la cita es el 25-11-2026 a las 10:30-14:00",
    "ALD-2026-000123-K",
    "un presupuesto de 1 250 000 € o de 1.250.000 €",
    "la Ley 39-2015 y el RD 1234-2018",
    "de 1990 a 2026, unos 3 500 000 habitantes",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("plain", PLAIN)
def test_data_is_masked_whole_like_its_plain_spelling(plain: str, spelling: str) -> None:
    written = plain.translate(SPELLINGS[spelling])
    assert mask(f"👋🏽 soy Ana, {written}, gracias") == mask(f"👋🏽 soy Ana, {plain}, gracias")
    [found] = find(f"👋🏽 {written}!")
    assert f"👋🏽 {written}!"[found.start : found.end] == written


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("plain", LEFT_ALONE)
def test_what_only_looks_like_it_is_left_alone_in_every_spelling(plain: str, spelling: str) -> None:
    written = plain.translate(SPELLINGS[spelling])
    assert mask(written) == written


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("mi dni 12345678 - z", "mi dni [DNI]"),
        ("DNI: 12345678\u00a0z", "DNI: [DNI]"),
        ("mi dni es 12345678 A", "mi dni es [DNI]"),
        ("mi dni es 12345678 y quiero cita", "mi dni es [DNI] y quiero cita"),
        ("dni 12345678 a las diez", "dni [DNI] a las diez"),
        ("dni 12345678, Z", "dni [DNI], Z"),
    ],
)
def test_no_letter_of_a_card_is_left_over(text: str, seen: str) -> None:
    assert mask(text) == seen
