"""Decides when the best label is not good enough: the intent becomes `nlu_fallback`, the ranking stays.

Danger is another matter, and needs the situation: `engine/reading.py`. The threshold was chosen on the development set
(docs/understanding.md says how).
"""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.topics import is_payload

FALLBACK = "nlu_fallback"


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit: emoji and punctuation alone say nothing that we could answer."""
    return any(c.isalnum() for c in text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Gate(GraphComponent, IntentClassifier):
    """Stands after the classifier. Messages of buttons always pass."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self.config = config

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"threshold": 0.5}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Gate:
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if not is_payload(message):
                self._judge(message)
        return messages

    def _judge(self, message: Message) -> None:
        ranking = message.get("intent_ranking") or []
        best = float(ranking[0]["confidence"]) if ranking else 0.0
        if not has_words(message.get(TEXT) or "") or best < self.config["threshold"]:
            message.set(INTENT, {"name": FALLBACK, "confidence": best}, add_to_output=True)
