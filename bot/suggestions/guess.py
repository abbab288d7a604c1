"""What a suggestion is about and which agency looks after it: a guess that its author confirms."""

import re
from collections.abc import Sequence

from bot.knowledge.entries import Subject
from bot.knowledge.knowledge import Knowledge
from bot.text import plain

OTHER = "other"
SHORT = 4  # letters of a key word that is no mere beginning


def guess_subject(knowledge: Knowledge, text: str, ranking: Sequence[dict[str, object]] = ()) -> Subject | None:
    """The subject with most of its key words in `text`; failing that, the one that the best topic belongs to."""
    if named := guess_named_subject(knowledge, text):
        return named
    for entry in ranking[:1]:
        topic = str(entry["name"]).removeprefix("faq/")
        for subject in knowledge.subjects.values():
            if topic in subject.topics:
                return subject
    return knowledge.subjects.get(OTHER)


def guess_named_subject(knowledge: Knowledge, text: str) -> Subject | None:
    """The subject with most of its key words in `text`; None when none of any stands there."""
    said = plain(text)
    scores = {subject.id: _score(subject, said) for subject in knowledge.subjects.values()}
    best = max(scores, key=lambda id: scores[id], default=None)
    return knowledge.subjects[best] if best and scores[best] > 0 else None


def guess_district(knowledge: Knowledge, text: str) -> str | None:
    """The district that `text` names, by name or alias."""
    said = f" {plain(text)} "
    for id, district in knowledge.districts.items():
        names = [*district["name"].values(), *(district.get("aliases") or ())]
        if any(re.search(rf"\b{re.escape(plain(name))}\b", said) for name in names):
            return id
    return None


def _score(subject: Subject, said: str) -> int:
    words = {word for words in subject.keywords.values() for word in words}
    return sum(len(word) for word in words if re.search(_beginning(plain(word)), said))


def _beginning(word: str) -> str:
    """What fits words that begin so; a short one begins too many ("tren", "trencat"): only itself and its plural."""
    return rf"\b{re.escape(word)}" + (r"(?:e?s)?\b" if len(word) <= SHORT else "")
