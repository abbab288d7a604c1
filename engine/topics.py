"""Understands a message: one classifier over the topics (`faq/<id>`), the dialogue acts, and what a turn does (`act/…`)."""

from __future__ import annotations

import ctypes
import json
import logging
import os
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Dict, List, Optional, Tuple

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, RESPONSE_SELECTOR, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.acts import ACT, ASKS, DANGER, Parts, acts_of, kinds_of, parts_of
from engine.classifier import Classifier
from engine.danger import hidden_danger
from engine.few import Few, few_of
from engine.figures import FILE, figures_of
from engine.naming import Names, named, names_of, naming
from engine.neighbours import WORTH_ASKING, Neighbours, joined, neighbours_of
from engine.vectors import EncoderMissing, Vectors
from engine.views import Recipe, in_haste

logger = logging.getLogger(__name__)

IN_HASTE = "IN_HASTE"  # set by who trains a model that is only to serve until the whole one is learned
Ranking = List[Dict[str, Any]]
Learned = Tuple[Optional[Classifier], Parts, Names, Optional[Neighbours], Optional[Few]]


def is_payload(message: Message) -> bool:
    """Whether Rasa has already read the message as a button (`/intent{…}`): it is not to be understood again."""
    return bool((message.get(INTENT) or {}).get("name")) and str(message.get(TEXT, "")).startswith("/")


def label_of(message: Message) -> str:
    return str(message.get_full_intent())


def selector_entry(label: str, confidence: float) -> Dict[str, Any]:
    """What Rasa's ResponseSelector would have said about `faq/<id>`: `utter_faq` reads it. Empty for other labels."""
    base, slash, _ = label.partition("/")
    if not slash:
        return {}
    response = {
        "responses": [],
        "confidence": confidence,
        "intent_response_key": label,
        "utter_action": f"utter_{label}",
    }
    return {"all_retrieval_intents": [base], base: {"response": response, "ranking": []}}


def ranking_of(shares: List[Tuple[str, float]]) -> Ranking:
    """The labels that a message can have by itself, best first; the acts of a conversation are left out."""
    own = sorted(((label, share) for label, share in shares if not label.startswith(ACT)), key=lambda one: -one[1])
    total = sum(share for _, share in own) or 1.0
    return [{"name": label, "confidence": round(share / total, 4)} for label, share in own]


def announce(message: Message, ranking: Ranking) -> None:
    """Writes the ranking on the message, in Rasa's format for retrieval intents."""
    best = ranking[0]
    intent = {"name": best["name"].split("/")[0], "confidence": best["confidence"]}
    message.set(INTENT, intent, add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)
    entry = selector_entry(best["name"], best["confidence"])
    if entry:
        message.set(RESPONSE_SELECTOR, entry, add_to_output=True)


@lru_cache(maxsize=1)
def open_vectors() -> Optional[Vectors]:
    """The encoder's vectors, one for all components; None, said once, where the encoder cannot be used."""
    try:
        return Vectors()
    except EncoderMissing as missing:
        logger.warning("The sentence encoder is not here (%s): messages are understood by their words alone.", missing)
        return None


def give_back_memory() -> None:
    """Hand what loading used back to the system: fifty megabytes, which glibc would keep. Nothing where there is no glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Ranks all labels for a text. Messages of buttons pass untouched."""

    def __init__(
        self,
        config: Dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        learned: Learned = (None, {}, {}, None, None),
    ) -> None:
        self.config, self.storage, self.resource = config, storage, resource
        self.model, self.parts, self.names, self.neighbours, self.few = learned
        self.vectors = open_vectors() if self.model is None or self.model.meaning is not None else None

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return asdict(Recipe())

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        with model_storage.read_from(resource) as folder:
            loaded = cls(config, model_storage, resource, joblib.load(folder / "topics.joblib"))
        if loaded.vectors is not None:
            loaded.vectors.warm_up()
        give_back_memory()
        return loaded

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples that have an intent; needs two labels at least (scikit-learn's ValueError else)."""
        examples = training_data.intent_examples
        texts, labels = [str(m.get(TEXT)) for m in examples], [label_of(m) for m in examples]
        encode = None if self.vectors is None else self.vectors.of_examples
        recipe = Recipe(**{name: self.config[name] for name in asdict(Recipe())})
        if os.environ.get(IN_HASTE):
            recipe, encode = in_haste(recipe), None
        self.model = Classifier(recipe).fit(texts, labels, encode)
        self.parts = parts_of(list(zip(examples, labels, strict=True)))
        self.neighbours = neighbours_of(texts, labels, encode)
        self.names = names_of(texts, labels, frozenset(f"{ACT}{act}" for act in ASKS))
        self.few = few_of(texts, labels, self.model.labels, encode)
        logger.info("Learned %d labels from %d examples: %s", len(self.model.labels), len(texts), self.model.weights)
        figures = figures_of(labels, self.model.held_back)
        with self.storage.write_to(self.resource) as folder:
            joblib.dump((self.model, self.parts, self.names, self.neighbours, self.few), folder / "topics.joblib")
            (folder / FILE).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
        return self.resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def encode(self, text: str) -> Any:
        """The text's vector; None where the model knows the encoder and this machine does not."""
        return None if self.vectors is None else self.vectors.of_message(text)

    def process(self, messages: List[Message]) -> List[Message]:
        """`heard` in a message's metadata is the third language that it is in."""
        for message in messages:
            if message.get(TEXT) and not is_payload(message):
                self._understand(message, foreign=bool((message.get("metadata") or {}).get("heard")))
        return messages

    def _second(self, text: str, danger: float) -> Optional[float]:
        """A share of danger joined with what its neighbours are; None where it is next to nothing, or there is no encoder."""
        vector = self.encode(text) if self.neighbours is not None and danger >= WORTH_ASKING else None
        return None if self.neighbours is None or vector is None else joined(danger, self.neighbours.share(vector))

    def _joined(self, text: str, danger: float) -> float:
        second = self._second(text, danger)
        return danger if second is None else second

    def _with_few(self, text: str, told: Any) -> Any:
        """The shares, with topics that have few examples judged by what lies near."""
        vector = self.encode(text) if self.few is not None else None
        if self.few is None or vector is None:
            return told
        assert self.model is not None and self.model.words is not None, "it has told"
        return self.few.judged(told, self.model.words.probabilities([text])[0], vector)

    def _understand(self, message: Message, foreign: bool) -> None:
        assert self.model is not None, "loaded or trained before it is asked"
        told, deep = self.model.ask(message.get(TEXT), self.encode, foreign, DANGER)
        told = self._with_few(message.get(TEXT), told) if deep else told
        shares = [(str(label), float(share)) for label, share in zip(self.model.labels, told, strict=True)]
        hidden, deeper = hidden_danger(message.get(TEXT), self.model, self.encode, foreign, self._joined)
        danger = dict(shares).get(DANGER, 0.0)
        acts = acts_of(shares)
        message.set("deep", deep or deeper, add_to_output=True)
        message.set("acts", acts, add_to_output=True)
        message.set("parts", kinds_of(acts, self.parts), add_to_output=True)
        message.set("named", named(message.get(TEXT), self.names), add_to_output=True)
        message.set("naming", naming(message.get(TEXT), self.names), add_to_output=True)
        message.set("danger", danger, add_to_output=True)
        message.set("joined_danger", self._second(message.get(TEXT), danger), add_to_output=True)
        message.set("hidden_danger", hidden, add_to_output=True)
        announce(message, ranking_of(shares))
