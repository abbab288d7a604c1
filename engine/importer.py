"""Reads the training data: the library's, and the town's own behind it.

Of an answer the model learns the name only, so that editing its words needs no training. Examples of the library name no
place: `{town}` and `{region}` in them become those of the town's agencies.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Union

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.acts import ACT
from engine.cards import made, meant_for
from engine.naming import TOPIC
from engine.nlg import read_words
from engine.shelves import PACKS, ROOT, folders, packs, read_entries, town

SYSTEM = "utter_system/"  # texts that the counter says by itself: no intent leads to them
ENOUGH = 60  # examples of a topic that has been written out
LEVELS = {"{town}": "local", "{region}": "regional"}


class Example(Message):
    """A message that is cheap to copy and to compare: Rasa does both a dozen times with each while it trains."""

    def __deepcopy__(self, memo: Dict[int, Any]) -> Example:
        made = Example({name: copy(value) for name, value in self.data.items()}, set(self.output_properties))
        made._cached_fingerprint = self._cached_fingerprint
        return made

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """As Rasa's; setting what stands there already changes nothing."""
        if add_to_output or prop not in self.data or self.data[prop] != info:
            super().set(prop, info, add_to_output)


class NamesOnlyImporter(RasaFileImporter):
    """Rasa's file importer, with the words of `data/responses/` left out of the model and the town's data behind."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[List[str], str]] = None,
    ) -> None:
        given = [training_data_paths] if isinstance(training_data_paths, str) else list(training_data_paths or ())
        own = town() / "data" / "nlu"
        self._data: Optional[TrainingData] = None
        super().__init__(config_file, domain_path, [*given, str(own)] if given and own.exists() else given)
        # Rasa finds the files of all languages in `data`.
        self._nlu_files = [path for path in self._nlu_files if is_chosen(Path(path))]

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """All examples, whatever the language: Rasa asks three times, and copies what it gets."""
        if self._data is None:
            self._data = self._read(language)
        return self._data

    def _read(self, language: Optional[str]) -> TrainingData:
        data = super().get_nlu_data(language)
        examples = [*map(self._placed, data.training_examples), *told_of_few(data)]
        data.training_examples = [Example(message.data, message.output_properties) for message in examples]
        answers = {name for name in data.responses if not name.startswith(SYSTEM)}
        # Rasa wants a response to each act, though none is ever said, and to each topic, though a town may have none.
        labels = {message.get_full_intent() for message in data.intent_examples}
        named = {f"utter_{label}" for label in labels if label and label.startswith((ACT, TOPIC))}
        data.responses = {name: [{"text": name}] for name in sorted(answers | named)}
        return data

    def _placed(self, example: Message) -> Message:
        """An example with the town's own names in it."""
        text = str(example.get(TEXT) or "")
        if "{" in text:
            for sign, names in self._places.items():
                text = text.replace(sign, next(names)) if sign in text else text
            example.set(TEXT, text)
        return example

    @cached_property
    def _places(self) -> Dict[str, Iterator[str]]:
        """What the signs in examples stand for: the places in turn, where there are several towns."""
        named = [(agency.get("level"), area(agency)) for agency in read_entries("agencies", folders())]
        found = {sign: [name for of, name in named if of == level] for sign, level in LEVELS.items()}
        return {sign: cycle(names or [area({})]) for sign, names in found.items()}


def is_chosen(path: Path) -> bool:
    """Whether a file is of no further language, or of one that the town has chosen."""
    further = ROOT / "data" / PACKS
    return further not in path.resolve().parents or any(pack in path.resolve().parents for pack in packs())


def area(agency: Dict[str, Any]) -> str:
    """What the place is called, in the first language; some word for one that nobody has named."""
    names = agency.get("place") or agency.get("area") or agency.get("name") or {}
    return str(next(iter(names.values()), "Villa Nueva"))


def told_of_few(data: TrainingData) -> List[Message]:
    """What topics of few examples say of themselves, as examples: the title, and behind it each sentence and step of the
    answer. So a topic is known from its title and answer on.
    """
    counted = Counter(message.get_full_intent() for message in data.intent_examples)
    answers = read_words(folders())
    found = []
    for topic in read_entries("topics", folders()):
        label = TOPIC + str(topic["id"])
        if counted[label] < ENOUGH:
            titles = {language: str(title) for language, title in (topic.get("title") or {}).items()}
            lines = list(titles.values())
            for variation in answers.get(f"utter_{label}") or ():
                title = titles.get(meant_for(variation, "language")) or next(iter(lines), "")
                lines += made(title, variation, {}).told
            found += [Message.build(line, label) for line in dict.fromkeys(lines)]
    return found
