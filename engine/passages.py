"""The parts of an answer that say what is asked: near in meaning, and of a kind that answers such questions."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from engine.cards import Card, Cards, Part
from engine.classifier import FLOOR
from engine.topics import open_vectors

Near = Callable[[str, Sequence[str]], Optional[Any]]
NEARNESS = 60.0  # of a passage's cosine beside the logarithm of its kind's probability
UNSAID = 0.75  # from here on it is said that the answer does not say it
CLOSE, MOST_PASSAGES = 3.0, 3  # passages that fit nearly as well as the best one
KEPT = 256  # matrices of answers, and those of all answers in a language


def passages(parsed: Dict[str, Any], card: Card, near: Near) -> List[Part]:
    """The parts that fit the message best, the best first; by their kind alone where there is no encoder."""
    cosines = near(parsed["text"], [part.words for part in card.parts]) if card.parts else None
    meant = np.zeros(len(card.parts)) if cosines is None else NEARNESS * np.asarray(cosines)
    kinds = parsed.get("parts") or {}
    many = Counter(part.kind for part in card.parts)
    fit = [np.log(kinds.get(part.kind, 1.0) / np.sqrt(many[part.kind]) + FLOOR) for part in card.parts]
    scores = meant + np.array(fit)
    order = [place for place in np.argsort(scores)[::-1] if scores[place] >= scores.max() - CLOSE]
    return [card.parts[place] for place in order[:MOST_PASSAGES]]


def is_unsaid(parsed: Dict[str, Any], card: Card) -> bool:
    """Whether the answer does not say what is asked: a fact that it lacks, or what such questions rarely find in one."""
    has = {part.kind for part in card.parts}
    kinds = parsed.get("parts") or {}
    return sum(share for kind, share in kinds.items() if kind not in has) >= UNSAID


def nearness(text: str, passages: Sequence[str]) -> Optional[Any]:
    """The cosine of a message with each passage; None where there is no encoder."""
    vectors = open_vectors()
    if vectors is None:
        return None
    return matrix(tuple(passages)) @ vectors.of_message(text)


@lru_cache(maxsize=KEPT)
def matrix(passages: Tuple[str, ...]) -> Any:
    """(n, 384) vectors of passages. They are kept on disk too: an answer is encoded once."""
    vectors = open_vectors()
    assert vectors is not None, "the caller has asked"
    return vectors.of_examples(list(passages))


def nearest(text: str, cards: Cards, language: str, near: Near) -> Dict[str, float]:
    """Topic → the cosine of a message with the nearest passage of its answer; empty where there is no encoder."""
    topics, words = cards.passages(language)
    cosines = near(text, words) if words else None
    found: Dict[str, float] = {}
    for topic, cosine in () if cosines is None else zip(topics, cosines, strict=True):
        found[topic] = max(found.get(topic, -1.0), float(cosine))
    return found
