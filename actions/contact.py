"""The e-mail address or telephone number in a message, as people write and say them."""

import re

from bot.text import plain

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
PHONE = re.compile(r"(?<!\d)(?:\+\d{1,3}[\s.\-–()/]*)?\d(?:(?:[\s.\-–/]|\) ?)?\d){8}(?!\d)")
# How an address is spelt aloud, in both languages.
ALOUD = ((re.compile(r"\s*\b(?:arroba|at)\b\s*", re.I), "@"), (re.compile(r"\s*\b(?:punto|dot)\b\s*", re.I), "."))
SPACED = re.compile(r"\s*@\s*")
GUION = (
    (re.compile(r"\s*\b(?:guion bajo|underscore)\b\s*", re.I), "_"),
    (re.compile(r"\s*\b(?:guion|guión|hyphen|dash)\b\s*", re.I), "-"),
)


def find_contact(text: str) -> str | None:
    """The bare address or number; both, with a comma, where both are given. None when there is neither."""
    found = [*_phones(text), *_emails(text)]
    return ", ".join(dict.fromkeys(found)) or None


def _emails(text: str) -> list[str]:
    written = EMAIL.findall(text)
    if written:
        return [address.strip(".'-") for address in written]
    joined = SPACED.sub("@", text)
    if found := EMAIL.findall(joined):
        return [address.strip(".'-") for address in found]
    if not re.search(r"\b(?:arroba|at)\b", plain(text)):
        return []
    for pattern, sign in (*GUION, *ALOUD):
        text = pattern.sub(sign, text)
    return [address.strip(".'-") for address in EMAIL.findall(text)]


def _phones(text: str) -> list[str]:
    """Nine digits, with or without a country code; those of a reference (`ALD-2026-000123-K`) are no number."""
    without = re.sub(r"\b[A-Za-z]{3}[\s\-–_—]*\d{4}[\s\-–_—]*\d{1,6}[\s\-–_—]*[A-Za-z]?\b", " ", text)
    return [re.sub(r"\s+", " ", number).strip(" -–./(") for number in PHONE.findall(without)]
