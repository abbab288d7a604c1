"""Finds streets, districts, references, e-mails, phones, dates and amounts.

A blank spaCy pipeline splits the text; what has a fixed shape is read by an expression, what is made of words by spaCy's
matchers. Nothing is learned and nothing is downloaded. `rasa shell nlu` shows what is found.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Tuple

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from engine.expressions import COMPILED
from engine.shelves import Fresh, folders, read_entries
from engine.streets import FILE, begin_of, is_nameless, read_street_words, street_patterns
from engine.topics import is_payload
from engine.views import fold


class Found(NamedTuple):
    """One entity: where it stands and what it means."""

    entity: str
    start: int
    end: int
    value: str


def read_districts(shelves: Iterable[Path]) -> Iterator[Tuple[str, str]]:
    """(name, id) for every name and alias of a district; nothing when there is no file."""
    for district in read_entries("districts", shelves):
        for name in [*district.get("name", {}).values(), *district.get("aliases", [])]:
            yield fold(name), district["id"]


def normal_reference(match: "re.Match[str]") -> str:
    """`ALD-2026-000123-K`, however it was written."""
    number = match["number"].replace(" ", "").zfill(6)
    return f"{match['agency']}-{match['year']}-{number}-{match['check']}".upper()


class Finder:
    """The rules, ready to run. Made once per process."""

    def __init__(self, shelves: Iterable[Path], prefixes: Iterable[str]) -> None:
        shelves = tuple(shelves)
        words = read_street_words(shelves)
        self.nlp: Language = spacy.blank("es")
        self.prefixes = {prefix.upper() for prefix in prefixes}
        self.ids = dict(read_districts(shelves))
        self.streets = Matcher(self.nlp.vocab)
        self.streets.add("street", street_patterns(words))
        self.owners = frozenset(words.get("owners", []))
        self.districts = PhraseMatcher(self.nlp.vocab)
        self.districts.add("district", [self.nlp.make_doc(name) for name in self.ids])

    def find(self, text: str) -> List[Found]:
        """All entities of the text in reading order, none overlapping another."""
        doc = self.nlp.make_doc(text)
        taken: List[Found] = []
        for found in [*self._shapes(text), *self._streets(doc), *self._districts(text)]:
            if all(found.end <= other.start or found.start >= other.end for other in taken):
                taken.append(found)
        return sorted(taken, key=lambda found: found.start)

    def _shapes(self, text: str) -> Iterator[Found]:
        for name, expression in COMPILED.items():
            for match in expression.finditer(text):
                if name != "reference":
                    yield Found(name, match.start(), match.end(), match.group())
                elif not self.prefixes or match["agency"].upper() in self.prefixes:
                    yield Found(name, match.start(), match.end(), normal_reference(match))

    def _streets(self, doc: Doc) -> Iterator[Found]:
        for span in filter_spans(self.streets(doc, as_spans=True)):
            if not is_nameless(doc, span, self.owners):
                begin = begin_of(span)
                yield Found("street", begin, span.end_char, doc.text[begin : span.end_char])

    def _districts(self, text: str) -> Iterator[Found]:
        folded = fold(text)
        if len(folded) != len(text):  # a sign that folds into two would shift the places
            folded = text.lower()
        for span in filter_spans(self.districts(self.nlp.make_doc(folded), as_spans=True)):
            yield Found("district", span.start_char, span.end_char, self.ids[span.text])


def read_prefixes(shelves: Iterable[Path]) -> List[str]:
    """The agencies' prefixes of reference numbers; empty when there is no file, and then any prefix is taken."""
    return [agency["prefix"] for agency in read_entries("agencies", shelves) if agency.get("prefix")]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RuleEntities(GraphComponent, EntityExtractorMixin):
    """Writes what `Finder` finds on the message. Messages of buttons keep the entities that they carry."""

    def __init__(self, config: Dict[str, Any]) -> None:
        shelves = folders()
        names = (Path("lookup") / "districts.yml", Path("lookup") / "agencies.yml", FILE)
        files = (folder / name for folder in shelves for name in names)
        self.finder = Fresh(files, lambda: Finder(shelves, read_prefixes(shelves)), Finder((), ()))

    @staticmethod
    def required_packages() -> List[str]:
        return ["spacy"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntities:
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(TEXT) and not is_payload(message):
                found = [f._asdict() for f in self.finder.get().find(message.get(TEXT))]
                entities = self.add_extractor_name(found)
                message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages
