"""Hears which agency a message names ("del gobierno regional") and believes topics of other agencies less.

Only names that mean one agency and no other are listed (`aliases` in `data/lookup/agencies.yml`): people say "the council"
for any of them.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, NamedTuple, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.naming import TOPIC
from engine.shelves import Fresh, agencies_of, folders, read_entries
from engine.topics import Ranking, announce, is_payload
from engine.views import fold


def reweighed(ranking: Ranking, agencies: Dict[str, str], named: str, share: float) -> Ranking:
    """The ranking with topics of other agencies at `share` of their confidence; its sum stays."""
    believed = [
        entry["confidence"] * (share if agencies.get(entry["name"][len(TOPIC) :], named) != named else 1.0)
        if entry["name"].startswith(TOPIC)
        else entry["confidence"]
        for entry in ranking
    ]
    total = sum(believed) or 1.0
    factor = sum(entry["confidence"] for entry in ranking) / total
    weighed = [
        {**entry, "confidence": round(value * factor, 4)} for entry, value in zip(ranking, believed, strict=True)
    ]
    return sorted(weighed, key=lambda entry: -entry["confidence"])


class Known(NamedTuple):
    """Topic → agency, and agency → its names as one expression."""

    of_topic: Dict[str, str]
    names: Dict[str, "re.Pattern[str]"]


def read_known() -> Known:
    """What the look-up lists of library and town say."""
    agencies = read_entries("agencies", folders())
    names = {
        str(agency["id"]): re.compile(rf"\b(?:{'|'.join(map(re.escape, map(fold, agency['aliases'])))})\b")
        for agency in agencies
        if agency.get("aliases")
    }
    return Known(agencies_of(read_entries("topics", folders()), agencies), names)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class NamedAgency(GraphComponent, IntentClassifier):
    """Stands between the classifier and the gate. Messages of buttons always pass."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self.share = float(config["share"])
        files = (folder / "lookup" / name for folder in folders() for name in ("topics.yml", "agencies.yml"))
        self.known = Fresh(files, read_known, Known({}, {}))

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"share": 0.3}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NamedAgency:
        return cls(config)

    def named(self, text: str) -> "Optional[re.Match[str]]":
        """Where the one agency that the text names stands; None when it names none, or several."""
        found = [match for pattern in self.known.get().names.values() if (match := pattern.search(fold(text)))]
        return found[0] if len(found) == 1 else None

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text, ranking = str(message.get(TEXT) or ""), message.get("intent_ranking") or []
            match = None if is_payload(message) or not ranking else self.named(text)
            if match is None:
                continue
            known = self.known.get()
            agency = next(id for id, pattern in known.names.items() if pattern == match.re)
            entity = {"entity": "agency", "value": agency, "start": match.start(), "end": match.end()}
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), entity], add_to_output=True)
            announce(message, reweighed(ranking, known.of_topic, agency, self.share))
        return messages
