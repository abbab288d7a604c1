"""Which of several things that were filed is meant: by its reference or a part of it, else by its words."""

import json
import re
import unicodedata

from actions.context import current
from actions.matters import Matter
from actions.words import content_words, listed_in_all
from bot.states import ENDED_ITEM
from bot.store.tables import Item
from bot.suggestions.guess import guess_named_subject
from bot.suggestions.references import find_reference

PART = re.compile(r"(?<![\w-])(?P<number>\d{1,6})[\s\-–_]{0,2}(?P<letter>[A-Z])(?![\w])")
DIGITS = re.compile(r"(?<!\w)0{1,5}\d{1,5}(?!\w)")
ADDED = "\n\n"  # between a text and each addition (`bot/suggestions/own.py`)
SHORTEST = 4  # letters that a word shares with another form of it
COMMON = ("also", "adds", "joins", "writes", "leads")
MATTER = 80  # characters of a text by which it is known again


def named(items: list[Item], text: str, value: str = "") -> list[Item]:
    """The items among `items` (the newest first) that `text` may mean: one where it tells, none where it names another.

    A whole reference, or the one of a button (`value`), means that one and no other.
    """
    prefixes = {agency.prefix for agency in current().knowledge.agencies.values()}
    written = find_reference(text, prefixes)
    body = written.body if written and written.body else ""
    if wanted := body or value:
        return [item for item in items if wanted in (item.reference, item.reference.rpartition("-")[0])]
    if part := [item for item in items if _has_part(item, text)]:
        return part[:1]
    open_ones = [item for item in items if item.state not in ENDED_ITEM] or items[:1]
    scores = _likenesses([_told(item) for item in open_ones], text)
    most = max(scores, default=0)
    return [item for item, score in zip(open_ones, scores, strict=True) if score == most]


def named_waiting(items: list[Item], more: list[Matter], text: str) -> int | None:
    """Which of the matters that wait (`more`) `text` means, rather than one of `items`; None when it means none."""
    if find_reference(text, {agency.prefix for agency in current().knowledge.agencies.values()}):
        return None
    waits = [(f"{matter.text} {matter.place}", _subject(matter.text)) for matter in more]
    scores = _likenesses([*map(_told, items), *waits], text)
    most = max(scores, default=0)
    index = scores.index(most) - len(items) if most and scores.count(most) == 1 else -1
    return index if index >= 0 else None


def matter_of(item: Item) -> str:
    """The beginning of what was filed, by which its author knows it again."""
    first = item.text.split(ADDED)[0]
    return first if len(first) <= MATTER else f"{first[:MATTER].rstrip()}…"


def additions_of(item: Item) -> list[str]:
    """What its author has added since it was filed."""
    return [words for words in item.text.split(ADDED)[1:] if words]


def choices(items: list[Item], intent: str) -> list[dict[str, str]]:
    """A button for each, which does `intent` to that one."""
    payloads = [f"/{intent}" + json.dumps({"value": item.reference}) for item in items]
    titles = [f"{item.reference}: {matter_of(item)}" for item in items]
    return [{"title": title, "payload": payload} for title, payload in zip(titles, payloads, strict=True)]


def _has_part(item: Item, text: str) -> bool:
    """Whether a part of its reference stands in `text`: the number with its letter, or with its zeros."""
    *_, number, letter = item.reference.split("-")
    said = unicodedata.normalize("NFKC", text).upper()
    pairs = ((int(match["number"]), match["letter"]) for match in PART.finditer(said))
    whole = {int(digits) for digits in DIGITS.findall(said)}
    return (int(number), letter) in pairs or int(number) in whole


def _told(item: Item) -> tuple[str, str]:
    return f"{item.text} {item.place or ''}", item.subject


def _likenesses(told: list[tuple[str, str]], text: str) -> list[int]:
    """For each of `told` (words, subject) how many words of `text` only that one has; its subject counts as two."""
    words, named = [_words(words) for words, _ in told], _subject(text)
    own = [mine - set().union(*(others for others in words if others is not mine)) for mine in words]
    subjects = [subject for _, subject in told]
    return [
        len(_words(text) & mine) + 2 * (subject == named != "") for mine, subject in zip(own, subjects, strict=True)
    ]


def _subject(text: str) -> str:
    subject = guess_named_subject(current().knowledge, text)
    return subject.id if subject else ""


def _words(text: str) -> set[str]:
    """The words that may tell one from another, by their beginning; "also" and its like do not."""
    common = set[str]().union(*map(listed_in_all, COMMON))
    return {word[:SHORTEST] for word in content_words(text) if len(word) >= SHORTEST and word not in common}
