"""Danger that stands in one sentence of a longer message: "When does the pool close? There is a child at the bottom"."""

from __future__ import annotations

import re
from typing import Any, Callable, List, Optional, Tuple

from engine.acts import DANGER
from engine.classifier import Classifier
from engine.neighbours import WORTH_ASKING

SENTENCE = re.compile(r"(?<=[?!.;\n…])\s+")
LEAST_WORDS = 3
MOST_ASKED, MOST_READ = 8, 600  # sentences and characters that the encoder reads once more: some fifty milliseconds
Second = Callable[[str, float], float]  # a text and its share → what a second opinion makes of it


def hidden_danger(
    text: str,
    model: Classifier,
    encode: Callable[[str], Optional[Any]],
    foreign: bool = False,
    second: Second = lambda _, share: share,
) -> Tuple[float, bool]:
    """The probability of danger of the sentence that has most of it, and whether the encoder was asked.

    0.0 where the text is one sentence, or where the model knows no danger. `foreign` as for the classifier.
    """
    parts = SENTENCE.split(text.strip())
    sentences = [part for part in parts if len(part.split()) >= LEAST_WORDS]
    found = [place for place, label in enumerate(model.labels) if label == DANGER]
    if not found or len(parts) < 2 or not sentences:
        return 0.0, False
    assert model.words is not None, "loaded or trained before it is asked"
    heard = model.words.probabilities(sentences)[:, found[0]]
    if foreign:
        worth = [part for pair in zip(sentences, reversed(sentences), strict=True) for part in pair][: len(sentences)]
    else:
        likely = sorted(zip(heard, sentences, strict=True), key=lambda one: one[0], reverse=True)
        worth = [part for danger, part in likely if danger >= WORTH_ASKING]
    asked = [(part, *model.ask(part, encode, foreign, DANGER)) for part in few(worth)]
    shares = [second(part, float(told[found[0]])) for part, told, _ in asked]
    return max(shares, default=0.0), any(deep for _, _, deep in asked)


def few(sentences: List[str]) -> List[str]:
    """The first of them: MOST_ASKED, with MOST_READ characters in all."""
    taken, room = [], MOST_READ
    for sentence in sentences[:MOST_ASKED]:
        if room <= 0:
            break
        taken.append(sentence[:room])
        room -= len(sentence)
    return taken
