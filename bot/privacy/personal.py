"""Personal data in what people write: identity numbers, accounts, cards, phones, e-mail and number plates.

Each kind is found by its shape and then checked by its own rule (control letter, mod 97, Luhn, numbering plan), so
that a budget, a date, a law or one of our references is left alone. Every pattern is bounded: time is linear.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.es import ccc, dni, nie

from bot.characters import usual_forms

KINDS = ("dni", "nie", "iban", "card", "phone", "email", "plate")


@dataclass(frozen=True, order=True)
class Found:
    """A piece of personal data: `text[start:end]`, of one of KINDS."""

    start: int
    end: int
    kind: str


_SPACES_AND_HYPHENS = dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ") | dict.fromkeys(
    [*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63], "-"
)
# An e-mail's two signs, as they are written in words.
BRACKETED_AT = r"\s?[(\[]\s?(?:arroba|at)\s?[)\]]\s?"
SPOKEN_AT, SPOKEN_DOT = "arroba", "punto|dot"
_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}(?:@|{BRACKETED_AT}| {SPOKEN_AT} | @ )"
    rf"(?:[\w-]{{1,63}}(?:\.| (?:{SPOKEN_DOT}) )){{1,5}}[^\W\d_]{{2,24}}(?![\w@])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}[ -]?\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE | re.ASCII)
_NIE = re.compile(r"(?<![^\W_])[XYZ][ .-]?\d[.]?\d{3}[.]?\d{3}[ .-]{0,2}[A-Z](?![^\W_])", re.IGNORECASE | re.ASCII)
_DNI = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:\d{1,2}\.\d{3}\.\d{3}|\d{7,8}|\d{4} \d{4}|\d{2} \d{3} \d{3})[ .-]{0,3}[A-Z](?![^\W_])",
    re.IGNORECASE | re.ASCII,
)
_DNI_NAMED = re.compile(
    r"\b(?:dni|nif)[\w :.º°=-]{0,24}?(?<!\d)(?<!\d[.,])(\d{1,2}\.\d{3}\.\d{3}|\d{7,8})(?![\w/]|[.,]\d)", re.IGNORECASE
)
_LETTER_OF_IT = re.compile(r"[ .-]{0,3}[A-Z](?![^\W_])", re.IGNORECASE | re.ASCII)
_PLATE = re.compile(r"(?<!\w)(?<!\w[./-])(\d{4})([ -]?)([BCDFGHJKLMNPRSTVWXYZ]{3})(?!\w)", re.IGNORECASE | re.ASCII)
_PROVINCE = (
    r"(?:A[BLV]?|B[AIU]?|C[ACEORSU]?|G[CEIRU]|HU?|IB|J|L[EOU]?|M[ALU]?|NA|O[RU]?|P[MO]?|S[AEGOS]?|T[EFO]?|V[AI]?|ZA?)"
)
_OLD_PLATE = re.compile(rf"(?<![\w-]){_PROVINCE}([ -]?)\d{{4}}([ -]?)[A-Z]{{1,2}}(?![\w-])", re.ASCII)
_OLDEST_PLATE = re.compile(rf"(?<![\w-]){_PROVINCE}-\d{{4,6}}(?![\w-])", re.ASCII)
_DIGITS = re.compile(r"\d+")
_BETWEEN = re.compile(r"[ .\-()]{1,2}")
_OF_A_CAR = re.compile(r"(?i)\b(?:matr[ií]culas?|plates?|coches?|cars?|veh[ií]culos?|furgonetas?|motos?|vans?)\b")
# Units and acronyms that only look like the letters of a plate.
_NO_PLATE = frozenset({"KMS", "MTS", "HRS", "PTS", "KGS", "GRS", "MLS", "KWH", "DGT", "PDF", "BCN", "RPM", "PVP"})
_NO_PHONE = re.compile(
    r"(?i)(?:\b(?:exp(?:edientes?|te|\.)?|registro|facturas?|recibos?|contratos?|contador|p[oó]lizas?|tickets?"
    r"|justificantes?|certificados?|pedidos?|orders?|invoices?|files?|ref(?:erencias?|erences?)?|c[oó]digos?|codes?"
    r"|l[ií]neas?|lines?|isbn|ean|catastral|catastro|utm|env[ií]o|seguimiento)\b[\w :.º°#]{0,12})$"
)
# A number that goes on to the left, and how phones stand there all the same.
_JOINED = re.compile(r"(?:\w|[A-Za-z\d][./]|\w-|\d[:,])$")
_JOINED_PHONE = re.compile(r"(?i)(?:tel|tlf|tfno|m[oó]vil)\.$|\d{9}/$")
_AMOUNT_AFTER = re.compile(r"(?i)\s{0,2}(?:[.,]\d{1,2}\s?)?(?:€|eur|\$|millon|habitantes|inhabitants|m2|m3|%)")
_SHAPES = frozenset({(9,), (3, 3, 3), (3, 2, 2, 2), (2, 3, 2, 2), (1, 2, 2, 2, 2), (3, 6), (2, 7)})
_PUBLIC = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
    }
)
_CARD = re.compile(r"(?:4|5[1-5]|2[2-7]|3[04678]|6[05])\d+")
_CARD_DIGITS = {"4": (13, 16, 19), "5": (16,), "2": (16,), "3": (14, 15), "6": (16,)}


def find(text: str) -> list[Found]:
    """The personal data in `text`, in order, none overlapping. Where two rules fit, the stricter one counts."""
    text = _as_typed_plainly(text)
    has_digit = any(sign in text for sign in "0123456789")
    if not has_digit and "@" not in text and "arroba" not in text.lower() and "at]" not in text:
        return []
    taken: list[Found] = []
    for rule in _RULES if has_digit else _RULES[:1]:
        free = _Free(taken)
        taken += [found for found in rule(text) if free.takes(found)]
    return sorted(taken)


def _as_typed_plainly(text: str) -> str:
    """Other spaces, hyphens, digits and widths as the usual ones, character by character: places stay what they are."""
    return text if text.isascii() else usual_forms(text).translate(_SPACES_AND_HYPHENS)


def kinds(text: str) -> list[str]:
    """The kinds of personal data in `text`, each once, in the order of KINDS."""
    there = {found.kind for found in find(text)}
    return [kind for kind in KINDS if kind in there]


class _Free:
    """What no earlier rule has taken; findings of one rule come in order."""

    def __init__(self, taken: list[Found]) -> None:
        self._taken = sorted(taken)
        self._at = 0

    def takes(self, found: Found) -> bool:
        while self._at < len(self._taken) and self._taken[self._at].end <= found.start:
            self._at += 1
        return self._at == len(self._taken) or self._taken[self._at].start >= found.end


def _emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found(match.start(), match.end(), "email")


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        ends = [match.start() + at + 1 for at, sign in enumerate(match.group()) if sign.isalnum()]
        for end in reversed(ends[14:]):
            if iban.is_valid(text[match.start() : end]) and not text[end : end + 1].isalnum():
                yield Found(match.start(), end, "iban")
                break


def _nies(text: str) -> Iterator[Found]:
    for match in _NIE.finditer(text):
        if nie.is_valid(match.group().replace(".", "")):
            yield Found(match.start(), match.end(), "nie")


def _dnis(text: str) -> Iterator[Found]:
    found = []
    for match in _DNI.finditer(text):
        letters = match.group()
        digits = re.sub(r"\D", "", letters)
        if not _is_word(letters) and dni.is_valid(digits.zfill(8) + letters[-1]):
            found.append(Found(match.start(), match.end(), "dni"))
    named = (Found(match.start(1), _end_of_named(text, match.end(1)), "dni") for match in _DNI_NAMED.finditer(text))
    free = _Free(found)
    yield from sorted([*found, *(one for one in named if free.takes(one))])


def _is_word(letters: str) -> bool:
    """Whether the last letter is a word of its own: "12.345.678 y luego"."""
    return letters[-2:-1] == " " and letters[-1] in "aeyou"


def _end_of_named(text: str, end: int) -> int:
    """Behind the letter of a card that was called one, also when it is not the right letter."""
    letter = _LETTER_OF_IT.match(text, end)
    return letter.end() if letter and not _is_word(letter.group()) else end


def _plates(text: str) -> Iterator[Found]:
    found = []
    for match in _PLATE.finditer(text):
        letters = match.group(3)
        if letters.upper() in _NO_PLATE or not (letters.isupper() or letters.islower()):
            continue
        a_year = 1900 <= int(match.group(1)) < 2100 and match.group(2) == " "
        if not a_year or _OF_A_CAR.search(text[max(0, match.start() - 40) : match.start()]):
            found.append(Found(match.start(), match.end(), "plate"))
    for match in _OLD_PLATE.finditer(text):
        if match.group(1) and match.group(1) == match.group(2):
            found.append(Found(match.start(), match.end(), "plate"))
    for match in _OLDEST_PLATE.finditer(text):
        if _OF_A_CAR.search(text[max(0, match.start() - 40) : match.start()]):
            found.append(Found(match.start(), match.end(), "plate"))
    yield from sorted(found)


@dataclass(frozen=True)
class _Run:
    """Groups of digits that stand together, as (start, end)."""

    text: str
    groups: list[tuple[int, int]]

    def windows(self, lengths: range, begins: str) -> Iterator[tuple[int, int, str]]:
        """(first group, behind the last group, digits) of windows with so many digits, longest first from each group.

        They begin with a digit of `begins`, or with any behind a plus.
        """
        for first, (at, _) in enumerate(self.groups):
            if self.text[at] not in begins and self.text[max(0, at - 1)] != "+":
                continue
            count, all_of = 0, []
            for last in range(first, len(self.groups)):
                start, end = self.groups[last]
                count += end - start
                if count >= lengths.stop:
                    break
                if count >= lengths.start:
                    all_of.append(last + 1)
            for behind in reversed(all_of):
                yield first, behind, "".join(self.text[start:end] for start, end in self.groups[first:behind])


def _runs(text: str) -> Iterator[_Run]:
    groups: list[tuple[int, int]] = []
    for match in _DIGITS.finditer(text):
        if groups and not _BETWEEN.fullmatch(text, groups[-1][1], match.start()):
            yield _Run(text, groups)
            groups = []
        groups.append(match.span())
    if groups:
        yield _Run(text, groups)


def _in_runs(
    text: str, kind: str, lengths: range, begins: str, fits: Callable[[_Run, int, int, str], tuple[int, int] | None]
) -> Iterator[Found]:
    for run in _runs(text):
        behind = 0
        for first, last, digits in run.windows(lengths, begins):
            if first >= behind and (span := fits(run, first, last, digits)):
                yield Found(*span, kind)
                behind = last


def _alone(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit stands directly beside it."""
    return not (text[end : end + 1].isalnum() or text[max(0, start - 1) : start].isalnum())


def _cards(text: str) -> Iterator[Found]:
    def fits(run: _Run, first: int, last: int, digits: str) -> tuple[int, int] | None:
        start, end = run.groups[first][0], run.groups[last - 1][1]
        if not _CARD.fullmatch(digits) or len(digits) not in _CARD_DIGITS[digits[0]]:
            return None
        return (start, end) if _alone(text, start, end) and luhn.is_valid(digits) else None

    yield from _in_runs(text, "card", range(13, 20), "23456", fits)


def _accounts(text: str) -> Iterator[Found]:
    def fits(run: _Run, first: int, last: int, digits: str) -> tuple[int, int] | None:
        start, end = run.groups[first][0], run.groups[last - 1][1]
        return (start, end) if len(set(digits)) > 3 and _alone(text, start, end) and ccc.is_valid(digits) else None

    yield from _in_runs(text, "iban", range(20, 21), "0123", fits)


def _phones(text: str) -> Iterator[Found]:
    yield from _in_runs(text, "phone", range(7, 16), "06789", _as_phone)


def _as_phone(run: _Run, first: int, last: int, digits: str) -> tuple[int, int] | None:
    text, groups = run.text, run.groups
    start, end = groups[first][0], groups[last - 1][1]
    abroad = text[max(0, start - 1) : start] == "+" or digits.startswith("00")
    if not (7 <= len(digits) <= 15 if abroad else len(digits) == 9 and digits[0] in "6789"):
        return None
    whole = first == 0 and last == len(groups)
    shape = tuple(after - before for before, after in groups[first:last])
    if not abroad and not whole and shape not in _SHAPES:
        return None
    before = text[max(0, start - 48) : start]
    if text[end : end + 1].isalnum() or _AMOUNT_AFTER.match(text, end) or before.endswith(("€", "$")):
        return None
    if _JOINED.search(before) and not _JOINED_PHONE.search(before):
        return None
    if _NO_PHONE.search(before) or not _is_personal(("+" if text[start - 1 : start] == "+" else "") + digits):
        return None
    return (start - 1 if before.endswith("+") else start, end)


@functools.lru_cache(maxsize=256)
def _is_personal(number: str) -> bool:
    """Whether the numbering plan has this number, and it is not a service's."""
    if number.startswith("00"):
        number = "+" + number[2:]
    try:
        parsed = phonenumbers.parse(number, "ES")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) not in _PUBLIC


_RULES = (_emails, _ibans, _nies, _dnis, _cards, _accounts, _plates, _phones)
