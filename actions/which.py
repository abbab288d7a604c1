"""Which of several things that were filed is meant: by its reference or a part of it, else by its words."""

import json
import re
import unicodedata
from collections.abc import Sequence

from actions.context import current
from actions.matters import Matter
from actions.words import content_words, listed_in_all, prefixes
from bot.states import ENDED_ITEM
from bot.store.tables import Item
from bot.suggestions.guess import guess_named_subject
from bot.suggestions.references import find_reference, without_references

NUMBER = re.compile(r"(?<![\w-])(?P<number>\d{1,6})(?P<between>[\s\-–_]{0,2})(?P<letter>[A-Za-z])(?!\w)(?P<on>\s+\w)?")
WHOLE = re.compile(r"(?<![\w+])(?<!\d[\s./:,])\d{6}(?!\w|[\s./:,-]\d)")  # as it is written, with its zeros
ADDED = "\n\n"  # between a text and each addition (`bot/suggestions/own.py`)
SHORTEST = 4  # letters that a word shares with another form of it
COMMON = ("also", "adds", "joins", "writes", "leads", "things")
MATTER = 80  # characters of a text by which it is known again


def named(items: list[Item], text: str, value: str = "") -> list[Item]:
    """The items among `items` (the newest first) that `text` may mean: one where it tells, none where it names another.

    A whole reference, or the one of a button (`value`), means that one and no other. What has ended is meant only where
    it is named, better than any that is open.
    """
    written = find_reference(text, prefixes())
    body = written.body if written and written.body else ""
    if wanted := body or value:
        return [item for item in items if wanted in (item.reference, item.reference.rpartition("-")[0])]
    if part := named_by_part(items, text):
        return part
    open_ones, likest = [item for item in items if _is_open(item)], _likest(items, text)
    if not open_ones or (likest and not any(map(_is_open, likest))):
        return likest or items[:1]
    return _likest(open_ones, text) or open_ones


def named_by_part(items: list[Item], text: str) -> list[Item]:
    """The items of which a part of the reference stands in `text`."""
    return [item for item in items if _has_part(item, text)]


def named_waiting(items: list[Item], more: list[Matter], text: str) -> int | None:
    """Which of the matters that wait (`more`) `text` means, rather than one of `items`; None when it means none."""
    if find_reference(text, prefixes()) or named_by_part(items, text):
        return None
    scores = _likenesses([*items, *more], text)
    most = max(scores, default=0)
    index = scores.index(most) - len(items) if most and scores.count(most) == 1 else -1
    return index if index >= 0 else None


def is_only_named(meant: Sequence[Item | Matter], text: str) -> bool:
    """Whether `text` means the one of `meant`, and says nothing but which it is."""
    if len(meant) != 1:
        return False
    told, subject = _told(meant[0])
    known = current().knowledge.subjects.get(subject)
    names = [word for words in (known.keywords.values() if known else ()) for word in words]
    return not _words(_without_numbers(text)) - _words(" ".join([told, *names]))


def is_bare_reference(text: str) -> bool:
    """Whether `text` is a reference, or a part of one, and hardly a word beside."""
    return len(re.findall(r"\w+", _without_numbers(text))) < 2


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


def _is_open(item: Item) -> bool:
    return item.state not in ENDED_ITEM


def _has_part(item: Item, text: str) -> bool:
    """Whether a part of its reference stands in `text`: the number with its letter, or all six digits of it."""
    *_, number, letter = item.reference.split("-")
    said = unicodedata.normalize("NFKC", text)
    pairs = [(int(m["number"]), m["letter"].upper()) for m in NUMBER.finditer(said) if not _is_word(m)]
    return (int(number), letter) in pairs or number in WHOLE.findall(said)


def _without_numbers(text: str) -> str:
    return WHOLE.sub(" ", NUMBER.sub(" ", without_references(text, prefixes())))


def _is_word(match: re.Match[str]) -> bool:
    """Whether the letter is a word of what goes on behind it: "numbers 3 y 5"."""
    return match["between"].isspace() and match["letter"].islower() and match["on"] is not None


def _likest(items: list[Item], text: str) -> list[Item]:
    """Those that `text` is likest to, by words that only one of them has; none where it is like none."""
    scores = _likenesses(items, text)
    most = max(scores, default=0)
    return [item for item, score in zip(items, scores, strict=True) if most and score == most]


def _told(meant: Item | Matter) -> tuple[str, str]:
    """What was told of it, with its place, and its subject; empty when it has none."""
    subject = meant.subject if isinstance(meant, Item) else _subject(meant.text)
    return f"{meant.text} {meant.place or ''}", subject


def _likenesses(meant: Sequence[Item | Matter], text: str) -> list[int]:
    """For each of `meant` how many words of `text` only that one has; its subject, when it is named, counts as two."""
    told, named = [_told(one) for one in meant], _subject(text)
    words = [_words(words) for words, _ in told]
    own = [mine - set().union(*(others for others in words if others is not mine)) for mine in words]
    return [
        len(_words(text) & mine) + 2 * (subject == named != "") for mine, (_, subject) in zip(own, told, strict=True)
    ]


def _subject(text: str) -> str:
    subject = guess_named_subject(current().knowledge, text)
    return subject.id if subject else ""


def _words(text: str) -> set[str]:
    """The words that may tell one from another, by their beginning; "also" and its like do not."""
    common = set[str]().union(*map(listed_in_all, COMMON))
    return {word[:SHORTEST] for word in content_words(text) if len(word) >= SHORTEST and word not in common}
