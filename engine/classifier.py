"""Tells the label of a text from two views of it (`views.py`), whose probabilities are multiplied, the words' to a power.

Joining what two classifiers say did better than one classifier over both (docs/understanding.md). Power and temperature
come from a fifth of the examples that is held back for it. Where the words are sure, they are believed alone: most of the
time goes into the vector.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Callable, List, Optional, Tuple
from zlib import crc32

import numpy as np
from scipy.optimize import minimize
from sklearn.model_selection import train_test_split

from engine.acts import ACT
from engine.typos import as_typed
from engine.views import ENOUGH, FLOOR, Array, MeaningView, Recipe, WordView, softmax

HELD_BACK = 0.2
FEW = 5  # labels with fewer examples are not held back from


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


class Classifier:
    """Both views, taught and asked."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.weights = Weights()
        self.burden: Array = 0.0
        self.words: Optional[WordView] = None
        self.meaning: Optional[MeaningView] = None
        self.held_back: List[Tuple[str, str]] = []  # what each example that was held back is, and what it was taken for

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
            self.weights, shares = quick._weigh(written[back], told[back], encode)
            self.held_back = list(zip(map(str, told[back]), quick._taken(shares), strict=True))
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

    def _weigh(
        self, texts: Array, labels: Array, encode: Optional[Callable[[List[str]], Array]]
    ) -> Tuple[Weights, Array]:
        """The weights under which texts that were not learned surprise the least, and their probabilities (n, labels)."""
        assert self.words is not None, "it has learned"
        words, meaning = self.words.probabilities(list(texts)), None
        wanted = np.searchsorted(self.labels, labels)
        weights = Weights(words_temperature=best_temperature(words, None, wanted, self.burden)[1])
        if encode is not None and self.meaning is not None:
            meaning = self.meaning.probabilities(encode(list(texts)))
            power, temperature = best_temperature(words, meaning, wanted, self.burden)
            alone = best_temperature(meaning, None, wanted, self.burden)[1]
            weights = replace(weights, power=power, temperature=temperature, meaning_temperature=alone)
        return weights, join(words, meaning, weights, self.burden)

    def _taken(self, shares: Array) -> List[str]:
        """The likeliest label of each; acts are left out: by itself a message is none."""
        own = np.flatnonzero([not str(label).startswith(ACT) for label in self.labels])
        return [str(label) for label in self.labels[own[shares[:, own].argmax(axis=1)]]]

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
