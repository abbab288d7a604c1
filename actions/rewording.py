"""Words about the text itself: "put instead: …", "delete the second sentence", "the text should say …".

What is dictated stands behind a colon, in quotation marks, or behind a word that tells the clerk to write. What is to
go is named by its place among the sentences, or by its own words.
"""

import re
import unicodedata
from dataclasses import dataclass

from actions.amending import TOKEN
from actions.named import words_of_slot
from actions.words import content_words, listed
from bot.knowledge.knowledge import LANGUAGES

COLON = re.compile(r":(?=\s|[«“\"])\s*")  # 10:30 has none, nor has an address
QUOTED = re.compile(r"[«“\"](?P<words>[^«»“”\"]+)[»”\"]")
SENTENCE = re.compile(r"(?<=[.!?…\n])\s+")
CLAUSE = re.compile(r"(?<=[.!?…\n,;:])\s+|\s+(?=(?:y|e|and)\s)", re.IGNORECASE)
EDGES = " \t\n\"'«»“”,;:"
MOST_LEAD = 8  # words of a command that leads up to what is dictated
LEAST = 2  # words of what is dictated


@dataclass(frozen=True)
class Dictated:
    """What is dictated, the command before it, and whether a colon or quotation marks set it apart."""

    text: str
    lead: str
    apart: bool


def dictated_in(said: str) -> Dictated | None:
    """What `said` dictates; None when it does not, or dictates a single word."""
    if found := _quoted(said) or _behind_colon(said):
        return found
    writes = _write_word(said)
    if not writes:
        return None
    return _dictated(said[writes.end() :], said[: writes.end()], apart=False)


def writes(words: str) -> bool:
    """Whether a word of `words` tells the clerk to write."""
    return _write_word(words) is not None


def adds(words: str) -> bool:
    """Whether a word of `words` says that something is added."""
    return re.search(rf"\b(?:{_joined_list('adds')}|{_joined_list('also')})\b", level(words)) is not None


def names_text(words: str) -> bool:
    """Whether `words` name the text, as the form calls it."""
    return bool(set(re.findall(r"\w+", level(words))) & words_of_slot("item_text"))


def bare_addition(said: str) -> str:
    """An addition without the words that tell the clerk to add it."""
    pattern = rf"(?:{_joined_list('joins')}\s+)*(?:{_joined_list('adds')}|{_joined_list('writes')})\b"
    match = re.match(rf"(?P<lead>{pattern}(?:\s+(?:{_joined_list('leads')})\b)*\s?:?\s+)", level(said))
    rest = said[match.end() :].strip(EDGES) if match else ""
    return rest if len(content_words(rest)) >= LEAST else said


def takes_out(words: str) -> bool:
    """Whether a word of `words` tells the clerk to take something out."""
    return re.search(rf"\b(?:{_joined_list('takes_out')})\b", level(words)) is not None


def what_goes(said: str) -> str:
    """The clauses of `said` that tell the clerk to take something out; empty when none does."""
    return ". ".join(clause for clause in re.split(r"[.!?…;,\n]+\s+", said) if takes_out(clause))


def without(noted: str, said: str) -> str | None:
    """`noted` without the piece that `said` quotes, counts or names; None when there is none, or it is all there is."""
    quoted = [match["words"].strip() for match in QUOTED.finditer(said)]
    left = _put(noted, quoted[0], "") if len(quoted) == 1 else ""
    left = left or _without_counted(noted, level(said)) or _without_named(noted, said)
    return left if content_words(left) and left != noted else None


def exchanged(noted: str, said: str) -> str | None:
    """`noted` with the second of two quoted pieces in the place of the first, which stands in it."""
    quoted = [match["words"].strip() for match in QUOTED.finditer(said)]
    return _put(noted, quoted[0], quoted[1]) if len(quoted) == 2 else None


def level(text: str) -> str:
    """The text in lower case and without accents, each letter in its place."""
    return "".join((unicodedata.normalize("NFD", letter)[0].lower() or letter)[0] for letter in text)


def _put(noted: str, old: str, new: str) -> str:
    """`noted` with `new` for `old`, which stands in it; empty when it does not."""
    start = level(noted).find(level(old)) if old else -1
    put = noted[: max(start, 0)] + new + noted[start + len(old) :]
    return " ".join(put.split()) if start >= 0 else ""


def _quoted(said: str) -> Dictated | None:
    found = list(QUOTED.finditer(said))
    if len(found) != 1 or not said[: found[0].start()].strip():
        return None
    return _dictated(found[0]["words"], said[: found[0].start()], apart=True)


def _behind_colon(said: str) -> Dictated | None:
    for match in COLON.finditer(said):
        lead = re.split(r"[.!?…\n]", said[: match.start()])[-1]
        if 0 < len(lead.split()) <= MOST_LEAD:
            return _dictated(said[match.end() :], said[: match.start()], apart=True)
    return None


def _write_word(said: str) -> re.Match[str] | None:
    return re.search(rf"\b(?:{_joined_list('writes')})\b(?:\s+(?:{_joined_list('leads')})\b)*", level(said))


def _dictated(text: str, lead: str, *, apart: bool) -> Dictated | None:
    bare = text.strip(EDGES)
    return Dictated(bare, lead, apart) if len(bare.split()) >= LEAST else None


def _without_counted(noted: str, said: str) -> str:
    """Without the sentence that is named by its number; empty when none is."""
    if not any(word in listed("sentence", language) for word in re.findall(r"\w+", said) for language in LANGUAGES):
        return ""
    pieces = SENTENCE.split(noted)
    for language in LANGUAGES:
        for place, names in enumerate(_counts(language)):
            if any(re.search(rf"\b{name}\b", said) for name in names):
                index = place if place < len(_counts(language)) - 1 else len(pieces) - 1
                return " ".join(piece for number, piece in enumerate(pieces) if number != index).strip()
    return ""


def _counts(language: str) -> list[list[str]]:
    """The words for first, second, third … and, at the end, for last."""
    return [entry.split("|") for entry in listed("counted", language)]


def _without_named(noted: str, said: str) -> str:
    """Without the clauses that have all the words of `said` which stand in `noted`; empty when nothing names one."""
    there = {level(word) for word in TOKEN.findall(noted)}
    named = [word for word in content_words(said) if word in there]
    if not named:
        return ""
    pieces = CLAUSE.split(noted)
    kept = [piece for piece in pieces if not set(named) <= {level(word) for word in TOKEN.findall(piece)}]
    if not kept or len(kept) == len(pieces):
        return ""
    return re.sub(r"^(?:y|e|and)\s+", "", " ".join(kept), flags=re.IGNORECASE).strip(" ,;:")


def _joined_list(name: str) -> str:
    words = {word for language in LANGUAGES for word in listed(name, language)}
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
