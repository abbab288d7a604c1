"""What citizens are told about their data: one text with a version, and a digest that holds the two together."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

FILE = "privacy/notice.yml"
MOST = 20  # characters of a version: what the column holds


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    text: str


@dataclass(frozen=True)
class Words:
    """The notice in one language."""

    short: str  # at the first contact
    contact: str  # where a contact is asked for
    changed: str  # to whom was told an earlier version
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class PrivacyNotice:
    """The version in force."""

    version: str
    valid_from: dt.date
    words: dict[str, Words]


def read_notice(
    contents: dict[str, Any], languages: tuple[str, ...], more: dict[str, dict[str, Any]] | None = None
) -> PrivacyNotice:
    """The notice from its file's contents; `more` is the same text in further languages, which the digest leaves out.

    A further language that the file itself holds is read, too.

    Raises ValueError with a sentence: something is missing, or the text is not the one that its version had.
    """
    try:
        version = str(contents["version"])
        told = {name: part for name, part in contents.items() if isinstance(part, dict) and "sections" in part}
        words = {language: _words(contents[language]) for language in languages}
        words |= {name: _words(part) for name, part in {**(more or {}), **told}.items() if name not in words}
        held = (*languages, *sorted(name for name in told if name not in languages))
        known, digest = contents["digests"].get(version), digest_of(contents, held)
        valid_from = _day(str(contents["valid_from"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{FILE}: {error} is missing") from error
    if not 0 < len(version) <= MOST:
        raise ValueError(f"{FILE}: version has to be of 1 to {MOST} characters, and {version!r} has {len(version)}")
    if known != digest:
        raise ValueError(
            f'{FILE}: this is not the text of version {version}. Give a changed text a new version, with "{version}": '
            f'"{digest}" under digests'
        )
    return PrivacyNotice(version, valid_from, words)


def digest_of(contents: dict[str, Any], languages: tuple[str, ...]) -> str:
    """What a text is known by: the SHA-256 of its words in all languages, 64 hex characters."""
    told = json.dumps([contents[language] for language in languages], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _day(told: str) -> dt.date:
    try:
        return dt.date.fromisoformat(told)
    except ValueError as error:
        raise ValueError(f"{FILE}: valid_from is {told!r}; a day is needed, as 2026-11-25") from error


def _words(told: dict[str, Any]) -> Words:
    sections = tuple(Section(str(one["title"]), str(one["text"])) for one in told["sections"])
    return Words(str(told["short"]), str(told["contact"]), str(told["changed"]), sections)
