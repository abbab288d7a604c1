"""What a street looks like in words: "calle de la Luna, 5", "c/ Mayor 12", "12 Mill Street".

The kinds of streets, and the words at which a name ends, stand in `reading/streets.yml` of the library, of further
languages, and of the town.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterable, List

from rasa.shared.utils.io import read_yaml_file
from spacy.tokens import Doc, Span

FILE = Path("reading") / "streets.yml"
Words = Dict[str, List[str]]
# One word: "Mayor", "l'Estació", "O'Connell", "Til·lers". TITLE begins with a capital and goes on in small letters.
LETTER, CAPITAL = r"[^\W\d_]", "[A-ZÀ-ÖØ-Þ]"
ELIDED, REST = rf"^(?:{LETTER}['’])?", rf"(?:·{LETTER}+)?$"
NAME = rf"{ELIDED}{LETTER}+{REST}"
NOTHING = r"(?!)"
TITLE = rf"{ELIDED}{CAPITAL}(?:(?!{CAPITAL}){LETTER})*{REST}"


def read_street_words(shelves: Iterable[Path]) -> Words:
    """The lists of all folders, each behind the one before it."""
    found: Words = {}
    for path in (folder / FILE for folder in shelves if (folder / FILE).is_file()):
        for name, words in (read_yaml_file(path) or {}).items():
            found.setdefault(name, []).extend(map(str, words or ()))
    return found


def street_patterns(words: Words) -> List[List[Dict[str, Any]]]:
    """Token patterns: "calle de la Luna, 5", "c/ Mayor 12", "12 Mill Street", "Mill Street 12"."""
    before, stops, short = words.get("before", []), words.get("stops", []), words.get("before_short", [])
    name = {"TEXT": {"REGEX": NAME}, "LOWER": {"NOT_IN": stops}}
    title = {"TEXT": {"REGEX": TITLE}, "LOWER": {"NOT_IN": [*stops, *before]}}
    comma, number = {"TEXT": ",", "OP": "?"}, {"TEXT": {"REGEX": r"^\d{1,4}[A-Za-z]?$"}}
    sign = {"LOWER": {"IN": [f"{one}{dot}" for one in words.get("number", []) for dot in ("", ".")]}, "OP": "?"}
    dot = {"TEXT": ".", "OP": "?"}
    heads = [
        [{"LOWER": {"REGEX": rf"^(?:{LETTER}['’])?(?:{'|'.join(map(re.escape, before)) or NOTHING})$"}}, dot],
        [{"LOWER": {"IN": short}}, {"TEXT": {"IN": ["/", "."]}}],
        [{"LOWER": {"IN": [f"{one}{end}" for one in short for end in "/."]}}],
    ]
    links = {"LOWER": {"IN": words.get("links", [])}, "OP": "*"}
    patterns = []
    for head in heads:
        for body in ([links, name], [links, name, title], [links, title, links, title], [links, title, title, title]):
            patterns += [[*head, *body], [*head, *body, comma, sign, dot, number]]
    kind = {"LOWER": {"IN": words.get("behind", [])}}
    for body in ([title], [title, title]):
        patterns += [[*body, kind], [number, comma, *body, kind], [*body, kind, comma, sign, dot, number]]
    return patterns


def begin_of(span: Span) -> int:
    """Where in the text a street begins: behind what is elided before its kind ("l'avinguda")."""
    elided = re.match(rf"{LETTER}['’]", span.text)
    return span.start_char + (elided.end() if elided else 0)


def is_nameless(doc: Doc, span: Span, owners: Iterable[str]) -> bool:
    """Whether what looks like a street is only somebody's street with the next word of the sentence."""
    owned = span.start > 0 and doc[span.start - 1].lower_ in owners
    return owned and not any(token.is_title or token.like_num for token in span[1:])
