"""Words about the text itself: "put instead: …", "delete the second sentence", "the text should say …".

What is dictated stands behind a colon, in quotation marks, or behind a word that tells the clerk to write. What is to
go is named by its place among the sentences, or by its own words.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from actions.amending import TOKEN, replaced
from actions.context import languages
from actions.named import SHORTEST, words_of_slot
from actions.sentences import CLAUSE, ENDS, SENTENCE, spans, without_spans
from actions.words import content_words, listed, listed_in_all

COLON = re.compile(r":(?=\s|[«“\"])\s*")  # 10:30 has none, nor has an address
QUOTED = re.compile(r"[«“\"](?P<words>[^«»“”\"]+)[»”\"]")
BEGINS = re.compile(r"[.!?…\n,;:]\s+|(?<!\w)(?:y|e|and)\s+", re.IGNORECASE)  # where a command may begin
EDGES = " \t\n\"'«»“”,;:"
MOST_LEAD = 8  # words of a command that leads up to what is dictated
MOST_NAMING = 20  # words of a command that names a few others
LEAST = 2  # words of what is dictated
ENCLITIC = re.compile(r"(?<=\w{3})(?:me|te|se|nos)?l[aoe]s?$")  # "cámbialo"
SPOKEN = (
    *("writes", "exchanges", "takes_out", "adds", "also", "leads", "joins", "polite", "denies", "instead", "should"),
    *("articles", "in_the_text", "message", "thanks", "this_way"),
)


@dataclass(frozen=True)
class Dictated:
    """What is dictated, the command before it, and whether a colon or quotation marks set it apart."""

    text: str
    lead: str
    apart: bool

    @property
    def exchanges(self) -> bool:
        """Whether something is to go for it: "take out the dog and put the cat"."""
        return takes_out(self.lead) and writes(self.lead)


def dictated_in(said: str, *, sure: bool = False) -> Dictated | None:
    """What `said` dictates; None when it does not, or dictates a single word.

    Where it is not `sure` that it is about the text, "put" by itself may be what somebody does.
    """
    if found := _quoted(said) or _behind_colon(said):
        return found
    match = _write_word(said)
    if not match:
        return None
    lead = said[: match.end()]
    if sure or match["leads"] or names_text(lead) or takes_out(lead):
        return _dictated(said[match.end() :], lead, apart=False)
    return None


def writes(words: str) -> bool:
    """Whether a clause of `words` tells the clerk to write."""
    return _write_word(words) is not None


def adds(words: str) -> bool:
    """Whether a word of `words` says that something is added."""
    return re.search(rf"\b(?:{any_of('adds')}|{any_of('also')})\b", level(words)) is not None


def names_text(words: str) -> bool:
    """Whether `words` name the text, as the form calls it."""
    return bool(set(re.findall(r"\w+", level(words))) & words_of_slot("item_text"))


def bare_addition(said: str) -> str:
    """An addition without the words that tell the clerk to add it, and with what is told before these.

    A word that tells to write may also tell what happened ("put"): it goes only where what leads to words follows it.
    """
    leads = rf"(?:\s+(?:{any_of('leads')})\b)"
    match = command(said, rf"(?:{any_of('adds')})\b{leads}*|(?:{any_of('writes')})\b(?:{leads}+|(?=\s?:))")
    rest = said[match.end() :].strip(EDGES) if match else ""
    if not match or not content_words(rest):
        return said
    told = said[: _begin_of(said, match.start())].strip(EDGES)
    return joined_text(told, rest) if len(content_words(told)) >= LEAST and not takes_out(told) else rest


def told_behind(said: str) -> str:
    """What is told behind clauses that only speak to the clerk ("no, change it, …"); all, where little is left."""
    for start, end in spans(said, CLAUSE):
        if only_to_clerk(said[start:end]):
            continue
        rest = said[start:].strip(EDGES)
        return rest if len(content_words(rest)) >= LEAST else said
    return said


def only_to_clerk(words: str) -> bool:
    """Whether `words` do nothing but speak to the clerk, or name the text."""
    phrases = set[str]().union(*map(listed_in_all, SPOKEN))
    known = {word for phrase in phrases for word in phrase.split()} | words_of_slot("item_text")
    said = [ENCLITIC.sub("", word) if word not in known else word for word in re.findall(r"\w+", level(words))]
    return not set(said) - known


def joined_text(text: str, added: str) -> str:
    """Two texts as one, the first with an end."""
    ended = text if text.endswith(tuple(ENDS)) else f"{text}."
    return f"{ended} {added}"


def takes_out(words: str) -> bool:
    """Whether a clause of `words` tells the clerk to take something out."""
    return command(words, any_of("takes_out")) is not None


def what_goes(said: str) -> str:
    """The clauses of `said` that tell the clerk to take something out; empty when none does."""
    return ". ".join(clause for clause in re.split(r"[.!?…;,\n]+\s+", said) if takes_out(clause))


def names_in(said: str) -> list[str]:
    """The words of a command that may name something: all that are long enough, but those of the command."""
    command = set().union(*map(listed_in_all, ("takes_out", "leads", "joins", "also")))
    return [word for word in re.findall(r"\w+", level(said)) if len(word) >= SHORTEST and word not in command]


def without(noted: str, said: str) -> str | None:
    """`noted` without the piece that `said` quotes, counts or names; None when there is none, or it is all there is."""
    quoted = [match["words"].strip() for match in QUOTED.finditer(said)]
    left = _without_words(noted, quoted[0]) if len(quoted) == 1 else ""
    left = left or _without_counted(noted, level(said)) or _without_named(noted, said)
    return left if content_words(left) and left != noted else None


def exchanged(noted: str, said: str) -> str | None:
    """`noted` with the second of two quoted pieces in the place of the first, which stands in it."""
    quoted = [match["words"].strip() for match in QUOTED.finditer(said)]
    new = replaced(noted, *quoted) if len(quoted) == 2 else noted
    return new if new != noted else None


def swapped(noted: str, said: str) -> str | None:
    """`noted` with the few words that are dictated for others which are to go, and stand in it."""
    dictated = dictated_in(said)
    if dictated is None or not dictated.exchanges:
        return None
    goes = TOKEN.findall(what_goes(dictated.lead))
    return _swapped(noted, goes, dictated.text) if len(goes) <= MOST_NAMING else None


def level(text: str) -> str:
    """The text in lower case and without accents, each letter in its place."""
    return "".join((unicodedata.normalize("NFD", letter)[0].lower() or letter)[0] for letter in text)


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
    return command(said, rf"(?:{any_of('writes')})\b(?P<leads>(?:\s+(?:{any_of('leads')})\b)*)")


def command(said: str, pattern: str) -> re.Match[str] | None:
    """The first match of `pattern` that begins its clause, but for polite words, or follows the name of the text."""
    plain = level(said)
    begins = [0, *(match.end() for match in BEGINS.finditer(said))]
    for match in re.finditer(rf"\b(?:{pattern})(?!\w)", plain):
        before = plain[begins[bisect_right(begins, match.start()) - 1] : match.start()]
        if _is_soft(before) or names_text(before):
            return match
    return None


def _begin_of(said: str, place: int) -> int:
    """Where the clause begins that `place` stands in."""
    return max((match.end() for match in BEGINS.finditer(said, 0, place)), default=0)


def _is_soft(words: str) -> bool:
    """Whether `words` only lead up to a command: "please", "no", "could you"."""
    generic = listed_in_all("generic_item")
    soft = set[str]().union(generic, *map(listed_in_all, ("joins", "leads", "also", "polite")))
    said = re.findall(r"\w+", words)
    asks = [before in generic for before in ["", *said]]
    return all(word in soft or len(word) < 3 or (len(word) < 4 and ask) for word, ask in zip(said, asks, strict=False))


def _dictated(text: str, lead: str, *, apart: bool) -> Dictated | None:
    bare, least = text.strip(EDGES), 1 if takes_out(lead) else LEAST
    return Dictated(bare, lead, apart) if len(bare.split()) >= least else None


def _swapped(noted: str, goes: list[str], put: str) -> str | None:
    """`noted` with `put` for the longest run of `goes` that stands in it; None where none does, or `put` says more.

    What leads up to both ("the one about") is no part of either.
    """
    known = [level(word) for word in TOKEN.findall(noted)]
    plain, new = [level(word) for word in goes], put.split()
    runs = [(end - start, start) for start in range(len(goes)) for end in range(start + 1, len(goes) + 1)]
    for length, start in sorted(runs, reverse=True):
        run = plain[start : start + length]
        says = len(content_words(" ".join(run))) >= len(content_words(put)) > 0
        if says and any(known[at : at + length] == run for at in range(len(known))):
            while len(new) > 1 and start and level(new[0]) in plain[:start]:
                new = new[1:]
            return replaced(noted, " ".join(goes[start : start + length]), " ".join(new))
    return None


def _without_words(noted: str, words: str) -> str:
    """Without a piece that stands in it as it is quoted; empty when it does not."""
    start = level(noted).find(level(words)) if words else -1
    return without_spans(noted, [(start, start + len(words))]) if start >= 0 else ""


def _without_counted(noted: str, said: str) -> str:
    """Without the sentence that is named by its number; empty when none is."""
    if not any(word in listed("sentence", language) for word in re.findall(r"\w+", said) for language in languages()):
        return ""
    pieces = spans(noted, SENTENCE)
    for language in languages():
        for place, names in enumerate(_counts(language)):
            if any(re.search(rf"\b{name}\b", said) for name in names):
                index = place if place < len(_counts(language)) - 1 else len(pieces) - 1
                return without_spans(noted, pieces[index : index + 1])
    return ""


def _counts(language: str) -> list[list[str]]:
    """The words for first, second, third … and, at the end, for last."""
    return [entry.split("|") for entry in listed("counted", language)]


def _without_named(noted: str, said: str) -> str:
    """Without the clauses that have all the words of `said` which stand in `noted`; empty when nothing names one."""
    there = {level(word) for word in TOKEN.findall(noted)}
    named = [word for word in content_words(said) if word in there] or [
        word for word in names_in(said) if word in there
    ]
    if not named:
        return ""
    pieces = spans(noted, CLAUSE)
    gone = [(s, e) for s, e in pieces if set(named) <= {level(word) for word in TOKEN.findall(noted[s:e])}]
    return without_spans(noted, gone) if 0 < len(gone) < len(pieces) else ""


def any_of(name: str) -> str:
    """The words of a list as one pattern, the longest first."""
    return "|".join(sorted(map(re.escape, listed_in_all(name)), key=len, reverse=True))
