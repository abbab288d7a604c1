"""The parts of an answer that say what is asked: near in meaning, and of a kind that answers such questions."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from engine.cards import FACTS, Card, Cards, Part
from engine.classifier import FLOOR
from engine.topics import open_vectors

Near = Callable[[str, Sequence[str]], Optional[Any]]
FACT_KINDS = frozenset(f"fact:{name}" for name in FACTS)
# What speaks for a passage beside the logarithm of its kind's probability: its cosine, and how much nearer the question behind
# the title is to it than the title alone. Fitted on 637 questions (docs/understanding.md).
NEARNESS, DRAWN = 50.0, 50.0
UNSAID = 0.75  # from here on it is said that the answer does not say it
NEARER = 0.003  # by so much of a cosine a question that the answer says leads from its title towards a part of it
FACT = 0.5  # who asks so surely for a fact that the answer has is told it, however she asks
CLOSE, MOST_PASSAGES = 3.0, 4  # passages that fit nearly as well as the best one
KEPT = 256  # matrices of answers, and those of all answers in a language


def passages(parsed: Dict[str, Any], card: Card, near: Near) -> List[Part]:
    """The parts that fit the message best, the best first; by their kind alone where there is no encoder."""
    words = [part.words for part in card.parts]
    cosines = near(parsed["text"], words) if words else None
    meant = np.zeros(len(words))
    if cosines is not None:
        meant = NEARNESS * np.asarray(cosines) + DRAWN * np.asarray(drawn(parsed["text"], card, near))
    kinds = parsed.get("parts") or {}
    many = Counter(part.kind for part in card.parts)
    fit = [np.log(kinds.get(part.kind, 1.0) / np.sqrt(many[part.kind]) + FLOOR) for part in card.parts]
    scores = meant + np.array(fit)
    order = [place for place in np.argsort(scores)[::-1] if scores[place] >= scores.max() - CLOSE]
    return [card.parts[place] for place in order[:MOST_PASSAGES]]


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
    nearer = drawn(text, card, near)
    return bool(nearer) and max(nearer) < NEARER


def drawn(text: str, card: Card, near: Near) -> List[float]:
    """How much nearer to each part a question behind the title is than the title alone; empty without an encoder."""
    words = [part.words for part in card.parts]
    asked, alone = near(f"{card.title}. {text}", words), near(card.title, words)
    return [] if asked is None or alone is None else [float(one) for one in np.subtract(asked, alone)]
