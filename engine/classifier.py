"""Tells the label of a text from two views of it, each with a classifier of its own: its words, and its meaning.

The words (n-grams) go into a logistic regression: quick, sure of what it has seen, and whole where letters are missing.
The meaning (a sentence vector) goes into small networks, whose answers are averaged. Their probabilities are multiplied, the
words' to a power: joining what two classifiers say did better than one classifier over both (docs/understanding.md).
Power and temperature come from a fifth of the examples that is held back for it. Where the words are sure, they are believed
alone: most of the time goes into the vector.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Callable, List, Optional, Tuple
from zlib import crc32

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from engine.typos import as_typed

Array = Any  # of numpy; its types need a newer numpy than Rasa's
FLOOR = 1e-9
SPREAD = 6.0  # what a centred unit vector is multiplied with, so that a network learns from it in a few rounds
HELD_BACK = 0.2
STEPS = 160_000  # examples that a network sees, counted with their repetitions
MOST_ROUNDS, MANY = 30, 4_000
ENOUGH = 1_000  # examples: of fewer, mistyped copies blur more than they teach (BANKING77: 83.8 % with, 84.7 % without)
FEW = 5  # labels with fewer examples are not held back from


@dataclass(frozen=True)
class Recipe:
    """How much is learned.

    `characters` and `words` are the longest n-grams (0: none); `passes` are those of the words' regression over all examples: fifty took nine times as long as five, for one message in a thousand; `strength` trusts the examples more; `rounds` are over all examples,
    more of them when there are few. Examples are learned a second time with typing mistakes: all by their words, every
    `mistyped`-th by its meaning, which costs more (0: none). `evenness` (0 to 1) takes from labels what they have only because more examples of them were written.
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


@dataclass(frozen=True)
class Weights:
    """What the held-back examples chose: `power` of the words, `temperature`s of both views joined and of each alone."""

    power: float = 0.5
    temperature: float = 1.0
    words_temperature: float = 1.0
    meaning_temperature: float = 1.0


def cooled(view: Array, temperature: float, burden: Array = 0.0) -> Array:
    """(n, labels) probabilities of one view alone, as sure as they should be. `burden` as in `join`."""
    return softmax((np.log(view + FLOOR) - burden) / temperature)


def join(words: Array, meaning: Optional[Array], weights: Weights, burden: Array = 0.0) -> Array:
    """(n, labels) probabilities of both views, or of the words alone where there is no meaning.

    `burden` (labels) is taken from the logarithms: what a label owes to the number of its examples.
    """
    if meaning is None:
        return cooled(words, weights.words_temperature, burden)
    told = np.log(meaning + FLOOR) + weights.power * np.log(words + FLOOR)
    return softmax((told - burden) / weights.temperature)


# Labels of examples that were held back, and their probabilities (n, labels).
NOTHING_HELD_BACK: Tuple[List[str], Array] = ([], np.zeros((0, 0)))


class Classifier:
    """Both views, taught and asked."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.weights = Weights()
        self.burden: Array = 0.0
        self.words: Optional[WordView] = None
        self.meaning: Optional[MeaningView] = None
        self.held_back = NOTHING_HELD_BACK

    def fit(self, texts: List[str], labels: List[str], encode: Optional[Callable[[List[str]], Array]]) -> Classifier:
        """Learn; `encode` turns texts into vectors (n, 384), None where there is no encoder.

        Needs two labels at least (scikit-learn's ValueError else).
        """
        written, told = np.array(texts, dtype=object), np.array(labels)
        names, counts = np.unique(told, return_counts=True)
        self.burden = self.recipe.evenness * np.log(counts / np.median(counts))
        many = np.flatnonzero(np.isin(told, names[counts >= FEW]))
        if len(np.unique(told[many])) > 1:
            _, back = train_test_split(many, test_size=HELD_BACK, random_state=0, stratify=told[many])
            taught = np.setdiff1d(np.arange(len(told)), back)
            # Held-back texts are not mistyped either: without the copies this takes half the time, and is better calibrated.
            quick = Classifier(replace(self.recipe, networks=1, mistyped=0))
            quick.burden = self.burden
            quick._learn(written[taught], told[taught], encode)
            self.weights = quick._weigh(written[back], told[back], encode)
            self.held_back = quick.held_back
        self._learn(written, told, encode)
        return self

    def _learn(self, texts: Array, labels: Array, encode: Optional[Callable[[List[str]], Array]]) -> None:
        every = self.recipe.mistyped if len(texts) >= ENOUGH else 0
        again = np.array([as_typed(text) for text in texts] if every else [], dtype=object)
        with ThreadPoolExecutor(1) as beside:  # both learn outside Python's lock
            words = beside.submit(
                WordView(self.recipe).fit, [*texts, *again], np.concatenate([labels, labels[: len(again)]])
            )
            if encode is not None:
                self._learn_meaning(texts, again, labels, encode)
            self.words = words.result()

    def _learn_meaning(self, texts: Array, again: Array, labels: Array, encode: Callable[[List[str]], Array]) -> None:
        # Chosen by the text, so that a new example does not choose others, whose vectors are not known yet.
        every = self.recipe.mistyped
        some = np.array([i for i, text in enumerate(again) if crc32(text.encode()) % every == 0], dtype=int)
        vectors = encode([*texts, *again[some]])
        self.meaning = MeaningView(self.recipe).fit(vectors, np.concatenate([labels, labels[some]]))

    def _weigh(self, texts: Array, labels: Array, encode: Optional[Callable[[List[str]], Array]]) -> Weights:
        """The weights under which texts that were not learned surprise the least."""
        assert self.words is not None, "it has learned"
        words = self.words.probabilities(list(texts))
        wanted = np.searchsorted(self.labels, labels)
        words_temperature = best_temperature(words, None, wanted, self.burden)[1]
        meaning = None
        weights = Weights(words_temperature=words_temperature)
        if encode is not None and self.meaning is not None:
            meaning = self.meaning.probabilities(encode(list(texts)))
            power, temperature = best_temperature(words, meaning, wanted, self.burden)
            alone = best_temperature(meaning, None, wanted, self.burden)[1]
            weights = Weights(power, temperature, words_temperature, alone)
        self.held_back = (list(map(str, labels)), join(words, meaning, weights, self.burden))
        return weights

    @property
    def labels(self) -> Array:
        assert self.words is not None, "taught or loaded before it is asked"
        return self.words.labels

    def ask(
        self, text: str, encode: Callable[[str], Optional[Array]], foreign: bool = False, doubted: str = ""
    ) -> Tuple[Array, bool]:
        """Probabilities by label, and whether the encoder was asked: not when the words are sure enough.

        Of the label `doubted` the words alone are never sure enough.
        Of a `foreign` text, in a language without examples, only the meaning counts: the words say little more than that
        they are not ours.
        """
        assert self.words is not None, "taught or loaded before it is asked"
        heard = self.words.probabilities([text])
        sure = heard.max() >= self.recipe.alone and not foreign and self.labels[heard.argmax()] != doubted
        vector = None if sure or self.meaning is None else encode(text)
        if self.meaning is None or vector is None:
            return join(heard, None, self.weights, self.burden)[0], False
        meant = self.meaning.probabilities(vector[None, :])
        if foreign:
            return cooled(meant, self.weights.meaning_temperature, self.burden)[0], True
        return join(heard, meant, self.weights, self.burden)[0], True


def best_temperature(words: Array, meaning: Optional[Array], wanted: Array, burden: Array) -> Tuple[float, float]:
    """(power, temperature) under which the held-back labels are the least surprising (mean negative log likelihood)."""

    def surprise(logs: Array) -> float:
        power, temperature = np.exp(logs)
        weights = Weights(power=power, temperature=temperature, words_temperature=temperature)
        return float(-np.log(join(words, meaning, weights, burden)[np.arange(len(wanted)), wanted] + FLOOR).mean())

    found = minimize(surprise, np.log([0.5, 1.0]), method="Nelder-Mead", options={"maxiter": 120})
    power, temperature = np.exp(np.clip(found.x, -3.0, 1.5))
    return float(power), float(temperature)
