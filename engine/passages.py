"""The parts of an answer that say what is asked: near in meaning, and of a kind that answers such questions."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, List, Optional

import numpy as np

from engine.cards import FACTS, Card, Part
from engine.classifier import FLOOR
from engine.topics import open_vectors

Near = Callable[[str, List[str]], Optional[Any]]
FACT_KINDS = frozenset(f"fact:{name}" for name in FACTS)
NEARNESS = 60.0  # of a passage's cosine beside the logarithm of its kind's probability
UNSAID = 0.75  # from here on it is said that the answer does not say it
NEARER = 0.003  # by so much of a cosine a question that the answer says leads from its title towards a part of it
FACT = 0.5  # who asks so surely for a fact that the answer has is told it, however she asks
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


def nearness(text: str, passages: List[str]) -> Optional[List[float]]:
    """The cosine of a message with each passage; None where there is no encoder."""
    vectors = open_vectors()
    if vectors is None:
        return None
    asked = vectors.of_message(text)
    return [float(vectors.of_message(passage) @ asked) for passage in passages]


def is_unsaid(parsed: Dict[str, Any], card: Card, near: Near = nearness) -> bool:
    """Whether the answer does not say what is asked.

    A fact that it lacks; what such questions rarely find in one; or what is no nearer to any part of it than its title is.
    """
    has = {part.kind for part in card.parts}
    kinds = parsed.get("parts") or {}
    if sum(share for kind, share in kinds.items() if kind not in has) >= UNSAID:
        return True
    told = sum(share for kind, share in kinds.items() if kind in has and kind in FACT_KINDS)
    return told < FACT and leads_away(parsed["text"], card, near)


def leads_away(text: str, card: Card, near: Near) -> bool:
    """Whether a question behind the title is no nearer to any part of the answer than the title alone is."""
    words = [part.words for part in card.parts]
    asked, alone = near(f"{card.title}. {text}", words), near(card.title, words)
    return bool(words) and asked is not None and alone is not None and max(np.subtract(asked, alone)) < NEARER
