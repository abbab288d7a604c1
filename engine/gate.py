"""Decides when the best label is not good enough: the intent becomes `nlu_fallback`, the ranking stays."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.topics import Ranking, is_payload

FALLBACK = "nlu_fallback"


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit: emoji and punctuation alone say nothing that we could answer."""
    return any(c.isalnum() for c in text)


def is_unsure(ranking: Ranking, threshold: float, margin: float, sure: float) -> bool:
    """True under the threshold, or when the second label is closer than the margin and the best is not `sure`."""
    if not ranking or ranking[0]["confidence"] < threshold:
        return True
    if len(ranking) < 2 or ranking[0]["confidence"] >= sure:
        return False
    return bool(ranking[0]["confidence"] - ranking[1]["confidence"] < margin)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Gate(GraphComponent, IntentClassifier):
    """Stands after the classifier. Messages of buttons always pass."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self.config = config

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"threshold": 0.2, "margin": 0.05, "sure": 0.5}

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
        limits = (self.config["threshold"], self.config["margin"], self.config["sure"])
        if not has_words(message.get(TEXT) or "") or is_unsure(ranking, *limits):
            confidence = ranking[0]["confidence"] if ranking else 0.0
            message.set(INTENT, {"name": FALLBACK, "confidence": confidence}, add_to_output=True)
