"""Two views of a text, each with a classifier of its own: its words, and its meaning.

The words (n-grams) go into a logistic regression: quick, sure of what it has seen, and whole where letters are missing.
The meaning (a sentence vector) goes into small networks, whose answers are averaged.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Callable, List, Tuple

import numpy as np
from scipy.sparse import hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

Array = Any  # of numpy; its types need a newer numpy than Rasa's
FLOOR = 1e-9
SPREAD = 6.0  # what a centred unit vector is multiplied with, so that a network learns from it in a few rounds
STEPS = 160_000  # examples that a network sees, counted with their repetitions
MOST_ROUNDS, MANY = 30, 4_000
ENOUGH = 1_000  # examples: of fewer, mistyped copies blur more than they teach (BANKING77: 83.8 % with, 84.7 % without)


@dataclass(frozen=True)
class Recipe:
    """How much is learned.

    `characters` and `words` are the longest n-grams (0: none); `strength` trusts the examples more; `passes` of the words'
    regression and `rounds` of the networks are over all examples, more rounds when there are few. Fifty passes took nine
    times as long as five, for one message in a thousand. Examples are learned a second time with typing mistakes: all by
    their words, every `mistyped`-th by its meaning, which costs more (0: none). `evenness` (0 to 1) takes from labels what
    they have only because more examples of them were written.
    """

    words: int = 2
    characters: int = 4
    strength: float = 20.0
    passes: int = 5
    networks: int = 2
    neurons: int = 1024
    rounds: int = 8
    mistyped: int = 3
    evenness: float = 0.4
    alone: float = 0.75


def in_haste(recipe: Recipe) -> Recipe:
    """What is learned where an answer is wanted within a minute: whole words alone, once."""
    return replace(recipe, characters=0, passes=3, mistyped=0)


def fold(text: str) -> str:
    """Lower case without accents: people on a phone leave them out."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def softmax(scores: Array) -> Array:
    """(n, labels) scores → probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


class WordView:
    """Word and character n-grams in a logistic regression, one label against the rest."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.labels: Array = None
        self.grams: List[TfidfVectorizer] = []
        self.rarity: List[Array] = []  # of each n-gram (idf)
        self.table: Array = None  # (n-grams, labels): a text needs a few hundred rows of it
        self.bias: Array = None

    def fit(self, texts: List[str], labels: Array) -> WordView:
        """Learn. In large sets an n-gram that stands in one text only says nothing of its label, and is left out."""
        common = {
            "preprocessor": fold,
            "sublinear_tf": True,
            "dtype": np.float32,
            "min_df": 2 if len(texts) > ENOUGH else 1,
        }
        spans = (1, self.recipe.words), (2, self.recipe.characters)
        self.grams = [TfidfVectorizer(ngram_range=spans[0], token_pattern=r"\w+", **common)]
        if self.recipe.characters:
            self.grams.append(TfidfVectorizer(ngram_range=spans[1], analyzer="char_wb", **common))
        regression = LogisticRegression(
            C=self.recipe.strength, solver="liblinear", dual=True, max_iter=self.recipe.passes, random_state=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            regression.fit(hstack([grams.fit_transform(texts) for grams in self.grams], format="csr"), labels)
        self.rarity = [grams.idf_.astype(np.float32) for grams in self.grams]
        for grams in self.grams:
            grams.stop_words_ = None  # scikit-learn keeps what `min_df` left out: more words than it uses
        self.labels = regression.classes_
        signed = regression.coef_ if len(self.labels) > 2 else np.vstack([-regression.coef_, regression.coef_])
        self.table = np.ascontiguousarray(signed.T, dtype=np.float32)
        self.bias = regression.intercept_ * (1 if len(self.labels) > 2 else np.array([-1, 1]))
        return self

    def probabilities(self, texts: List[str]) -> Array:
        """(n, labels), in the order of `labels`: what scikit-learn's own pipeline would say, in an eighth of its time for one text."""
        rows = [grams.build_analyzer() for grams in self.grams]
        scores = np.array([self._score(text, rows) for text in texts])
        likely = 1.0 / (1.0 + np.exp(-scores))
        return likely / likely.sum(axis=1, keepdims=True)

    def _score(self, text: str, analyzers: List[Callable[[str], List[str]]]) -> Array:
        score, start = self.bias.copy(), 0
        for grams, rarity, analyze in zip(self.grams, self.rarity, analyzers, strict=True):
            numbers = grams.vocabulary_
            counts = Counter(numbers[gram] for gram in analyze(text) if gram in numbers)
            if counts:
                places = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
                often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
                weights = (1.0 + np.log(often)) * rarity[places]
                score += (weights / np.sqrt(weights @ weights)) @ self.table[places + start]
            start += len(numbers)
        return score


class MeaningView:
    """Sentence vectors in small networks with one hidden layer, whose probabilities are averaged."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.centre: Array = None
        self.layers: List[Tuple[Array, Array, Array, Array]] = []

    def fit(self, vectors: Array, labels: Array) -> MeaningView:
        """`vectors` (n, 384); the labels are learned in their alphabetical order, as the words' view does."""
        self.centre = vectors.mean(axis=0)
        spread = self._spread(vectors)
        for seed in range(self.recipe.networks):
            network = MLPClassifier(
                (self.recipe.neurons,),
                max_iter=int(np.clip(STEPS / len(labels), self.recipe.rounds, MOST_ROUNDS)),
                batch_size=min(64 if len(labels) > MANY else 32, len(labels)),
                random_state=seed,
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                network.fit(spread, labels)
            (first, last), (first_bias, last_bias) = network.coefs_, network.intercepts_
            self.layers.append(tuple(part.astype(np.float32) for part in (first, first_bias, last, last_bias)))  # type: ignore[arg-type]
        return self

    def probabilities(self, vectors: Array) -> Array:
        """(n, labels)."""
        spread = self._spread(vectors)
        total: Array = 0.0
        for first, first_bias, last, last_bias in self.layers:
            scores = np.maximum(spread @ first + first_bias, 0.0) @ last + last_bias
            # Of two labels sklearn learns one score only.
            both = scores if scores.shape[1] > 1 else np.hstack([np.zeros_like(scores), scores])
            total = total + softmax(both)
        return total / len(self.layers)

    def _spread(self, vectors: Array) -> Array:
        centred = vectors - self.centre
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        return (SPREAD * centred / np.maximum(lengths, FLOOR)).astype(np.float32)
