"""Words of a report that are to go for others: "replace four with six", "where it says four put six", "no, six"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from actions.amending import replaced
from actions.context import current, languages
from actions.named import words_of_slot
from actions.rewording import EDGES, QUOTED, any_of, command, level
from actions.sentences import ENDS, SENTENCE, spans
from actions.words import content_words, listed_in_all
from bot.text import plain

SLOTS = ("item_text", "item_place", "item_contact", "item_subject")
KINDS = ("suggestion", "report", "complaint")
MOST_WORDS = 12  # of what goes, or comes; what is longer is told
LONGEST = 400  # characters of a sentence that is read as an order
FEW = 4  # words of what a bare "not … but …" exchanges


@dataclass(frozen=True)
class Exchange:
    """What goes and what comes; `sure` where it is said of words, and can be no wish to the town."""

    goes: str
    comes: str
    sure: bool

    def done(self, noted: str) -> str | None:
        """`noted` with what comes for what goes; None where that does not stand in it."""
        for goes, comes in _worded(self.goes, self.comes):
            if content_words(goes) or goes.isalpha():
                new = replaced(noted, goes, comes)
                if new != noted:
                    return new
        return None


def exchanges_in(said: str) -> list[Exchange]:
    """What `said` may want exchanged: several readings where its words leave a choice; none where it is no order."""
    found = list[Exchange]()
    for start, end in (span for span in spans(said, SENTENCE) if span[1] - span[0] <= LONGEST):
        for goes, comes, sure in _read(said[start:end]):
            text_named = bool(_tail(comes)) or bool(_leads(goes, "the_word")) or len(QUOTED.findall(said)) == 2
            exchange = Exchange(_bare(goes), _bare(_first(comes)), sure or text_named)
            if _is_one(exchange):
                found.append(exchange)
    return found


def denied_in(said: str) -> list[Exchange]:
    """What a bare "not four, six" or "four no, six" exchanges, by a few words each."""
    no = any_of("denies")
    patterns = (
        rf"(?:{no})\s+(?P<goes>[^,]+?)(?:,\s*(?:{any_of('but_rather')})?|\s+(?:{any_of('but_rather')}))\s+(?P<comes>.+)",
        rf"(?P<goes>[^,]+?),?\s+(?:{no}),\s+(?P<comes>.+)",
    )
    found = list[Exchange]()
    for pattern in patterns if len(said) <= LONGEST else ():
        if match := re.fullmatch(pattern, level(said).strip()):
            goes, comes = (said.strip()[slice(*match.span(name))] for name in ("goes", "comes"))
            exchange = Exchange(_bare(goes), _bare(_first(comes)), sure=False)
            if _is_one(exchange) and max(len(exchange.goes.split()), len(exchange.comes.split())) <= FEW:
                found.append(exchange)
    return found


def _read(said: str) -> Iterator[tuple[str, str, bool]]:
    """What goes, what comes, and whether that is sure, in each way that a sentence can be read."""
    writes, instead = any_of("writes"), any_of("instead_of")
    if match := command(said, any_of("exchanges")):
        rest = said[match.end() :]
        thanks, leads = any_of("thanks"), any_of("leads")
        for between in re.finditer(rf"\s(?!(?:{thanks})\b)(?:{any_of('exchanged_for')})\s", level(rest)):
            yield rest[: between.start()], rest[between.end() :], False
        for between in re.finditer(rf"(?:,|\s(?:y|and))\s(?:{writes})\s(?:(?:{leads})\s)?", level(rest)):
            yield rest[: between.start()], rest[between.end() :], False
    if match := command(said, any_of("where_says")):
        rest = said[match.end() :]
        for between in re.finditer(rf",?\s(?:que\s|that\s)?(?:{writes})\s", level(rest)):
            yield rest[: between.start()], rest[between.end() :], True
    if match := command(said, instead):
        rest = said[match.end() :]
        for between in re.finditer(rf",\s*(?:(?:{writes})\s)?|\s(?:{writes})\s", level(rest)):
            yield rest[: between.start()], rest[between.end() :], False
    if match := command(said, writes):
        rest = said[match.end() :]
        for between in re.finditer(rf"\s(?:{instead})\s", level(rest)):
            yield rest[between.end() :], rest[: between.start()], False


def _is_one(exchange: Exchange) -> bool:
    """Whether both say something, and what goes is no part of the form ("change the place to …")."""
    goes = re.findall(r"\w+", level(exchange.goes))
    parts = set[str]().union(*map(words_of_slot, SLOTS), listed_in_all("message"))
    few = 0 < len(goes) <= MOST_WORDS and 0 < len(exchange.comes.split()) <= MOST_WORDS
    if re.search(r"[,;.]\s", QUOTED.sub("", exchange.goes)):
        return False  # "change it, the bin was burnt by some kids"
    return few and any(len(word) > 2 or word.isdigit() for word in goes) and not parts & set(goes)


def _worded(goes: str, comes: str) -> Iterator[tuple[str, str]]:
    """Both as they stand, and without what leads up to them: "the word", an article."""
    yield goes, comes
    for name in ("the_word", "articles"):
        if lead := _leads(goes, name):
            other = _leads(comes, name)
            goes, comes = goes[lead:], comes[other:]
            yield goes, comes


def _leads(words: str, name: str) -> int:
    """Where what a list leads up to begins; 0 when nothing of it stands before."""
    match = re.match(rf"\s*(?:{any_of(name)})\s+(?=\S)", level(words))
    return match.end() if match else 0


def _first(words: str) -> str:
    """The words up to the first comma that stands in no quotation marks."""
    if match := QUOTED.match(words.strip()):
        return match["words"]
    return re.split(r"[,;]\s", words)[0]


def _bare(words: str) -> str:
    """The words without marks, thanks, and "in my suggestion" behind them."""
    edges = EDGES + ENDS
    while True:
        bare = words.strip(edges)
        polite = re.search(rf"[\s,]+(?:{any_of('thanks')})\s*$", level(bare))
        tail = _tail(bare)
        if not polite and not tail:
            return bare
        words = bare[: min(start for start in (tail, polite.start() if polite else 0) if start)]


def _tail(words: str) -> int:
    """Where "in my suggestion" begins behind the words; 0 when it does not stand there."""
    match = re.search(
        rf"[\s,]+(?:(?:{any_of('in_the_text')})\s+)+(?:{'|'.join(_names_of_text())})[\s.!]*$", level(words)
    )
    return match.start() if match else 0


def _names_of_text() -> set[str]:
    """What the text is called: as the form calls it, and by its kinds."""
    knowledge = current().knowledge
    kinds = [knowledge.text(f"utter_item_kind_{kind}", lang) for kind in KINDS for lang in languages()]
    return {plain(kind) for kind in kinds} | words_of_slot("item_text") | listed_in_all("message")
