"""Understands a message: one classifier over the topics (`faq/<id>`) and the dialogue acts."""

from __future__ import annotations

import unicodedata
from typing import Any, Dict, List, Optional

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, RESPONSE_SELECTOR, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

Ranking = List[Dict[str, Any]]


def fold(text: str) -> str:
    """Lower case without accents: people on a phone leave them out."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


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


def announce(message: Message, ranking: Ranking) -> None:
    """Writes the ranking on the message, in Rasa's format for retrieval intents."""
    best = ranking[0]
    intent = {"name": best["name"].split("/")[0], "confidence": best["confidence"]}
    message.set(INTENT, intent, add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)
    entry = selector_entry(best["name"], best["confidence"])
    if entry:
        message.set(RESPONSE_SELECTOR, entry, add_to_output=True)


def build_model(words: int, characters: int, strength: float) -> Pipeline:
    """Word and character n-grams into a logistic regression; typing errors leave most character n-grams whole."""
    return make_pipeline(
        make_union(
            TfidfVectorizer(preprocessor=fold, ngram_range=(1, words), sublinear_tf=True, token_pattern=r"\w+"),
            TfidfVectorizer(preprocessor=fold, analyzer="char_wb", ngram_range=(2, characters), sublinear_tf=True),
        ),
        LogisticRegression(C=strength, max_iter=300, random_state=0),
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Ranks all labels for a text. Messages of buttons pass untouched."""

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[Pipeline] = None
    ) -> None:
        self.config, self.storage, self.resource, self.model = config, storage, resource, model

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"words": 2, "characters": 4, "strength": 20.0, "ranking_length": 10}

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
            return cls(config, model_storage, resource, joblib.load(folder / "topics.joblib"))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples that have an intent; needs two labels at least (scikit-learn's ValueError else)."""
        examples = training_data.intent_examples
        self.model = build_model(self.config["words"], self.config["characters"], self.config["strength"])
        self.model.fit([m.get(TEXT) for m in examples], [label_of(m) for m in examples])
        with self.storage.write_to(self.resource) as folder:
            joblib.dump(self.model, folder / "topics.joblib")
        return self.resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def rank(self, text: str) -> Ranking:
        """The likeliest labels of a text with their probabilities, best first."""
        assert self.model is not None, "loaded or trained before it is asked"
        probabilities = self.model.predict_proba([text])[0]
        order = probabilities.argsort()[::-1][: self.config["ranking_length"]]
        names = self.model.classes_
        return [{"name": str(names[i]), "confidence": round(float(probabilities[i]), 4)} for i in order]

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(TEXT) and not is_payload(message):
                announce(message, self.rank(message.get(TEXT)))
        return messages
