"""The parts of an answer that say what is asked: near in meaning, and of a kind that answers such questions."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, List, Optional

import numpy as np

from engine.cards import Card, Part
from engine.classifier import FLOOR
from engine.topics import open_vectors

Near = Callable[[str, List[str]], Optional[Any]]
NEARNESS = 60.0  # of a passage's cosine beside the logarithm of its kind's probability
UNSAID = 0.75  # from here on it is said that the answer does not say it
CLOSE, MOST_PASSAGES = 3.0, 3  # passages that fit nearly as well as the best one


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


def nearness(text: str, passages: List[str]) -> Optional[List[float]]:
    """The cosine of a message with each passage; None where there is no encoder."""
    vectors = open_vectors()
    if vectors is None:
        return None
    asked = vectors.of_message(text)
    return [float(vectors.of_message(passage) @ asked) for passage in passages]
