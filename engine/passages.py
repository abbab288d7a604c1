"""The parts of an answer that say what is asked: near in meaning, and of a kind that answers such questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from engine.cards import Card, Cards, Part
from engine.topics import open_vectors
from engine.views import FLOOR

Near = Callable[[str, Sequence[str]], Optional[Any]]
# What speaks for a passage: its cosine with the question, how much nearer the question behind the title is to it than the title
# alone, and the logarithm of how likely its kind answers such a question. Fitted on 637 questions (docs/understanding.md).
NEARNESS, DRAWN, KIND = 70.0, 70.0, 1.3
ANY_KIND = 0.02  # a part answers though such questions are never answered by its kind
# How likely the answer says what is asked, from how much nearer the question leads to a part of it and how undecided it is between
# the parts (their entropy). Fitted on the same and on 264 questions of which 144 are answered nowhere.
LEADS, UNDECIDED, ANYWAY = 72.6, -1.4, 0.35
# Under the first it is told that the answer does not say it, under the second that it may not.
UNSAID, SAID = 0.25, 0.55
LACKED = 0.75  # so surely a fact is asked for that the answer does not have
ONE, TWO, MOST = 0.93, 0.85, 3  # so sure one part is told alone; so sure are two; more than three are never told
KEPT = 512  # matrices of answers, and those of all answers in a language


@dataclass(frozen=True)
class Found:
    """The parts of an answer that fit a question, the best first, with its probability `sure`; and how likely it is that the
    answer says what is asked (1 where there is no encoder to tell)."""

    parts: List[Part]
    sure: float
    said: float


def passages(parsed: Dict[str, Any], card: Card, near: Near) -> Found:
    """The parts that fit the message; by their kind alone where there is no encoder. A card without any has none."""
    if not card.parts:
        return Found([], 0.0, 0.0)
    shares = fitting(parsed, card, near)
    order = [int(place) for place in np.argsort(shares)[::-1][:MOST]]
    told = 1 if shares[order[0]] >= ONE else 2 if sum(shares[order[:2]]) >= TWO else MOST
    best, others = order[0], sorted(order[1:told])  # behind the best one they stand as in the answer
    return Found(
        [card.parts[place] for place in (best, *others)], float(shares[best]), said(parsed, card, near, shares)
    )


def fitting(parsed: Dict[str, Any], card: Card, near: Near) -> Any:
    """How likely each part of a card is the one that answers the message; they sum to one."""
    text, kinds, titled = parsed["text"], parsed.get("parts"), card.titled
    many = Counter(part.kind for part in card.parts)
    likely = [kinds.get(part.kind, 0.0) if kinds else 1.0 for part in card.parts]
    scores = KIND * np.log([share / many[part.kind] + ANY_KIND for share, part in zip(likely, card.parts, strict=True)])
    cosines = near(text, titled)
    if cosines is not None:
        scores = scores + NEARNESS * np.asarray(cosines) + DRAWN * np.asarray(drawn(text, card, titled, near))
    raised = np.exp(scores - scores.max())
    return raised / raised.sum()


def said(parsed: Dict[str, Any], card: Card, near: Near, shares: Any) -> float:
    """How likely the answer says what is asked; `shares` are its parts'."""
    kinds, has = parsed.get("parts") or {}, {part.kind for part in card.parts}
    lacked = sum(share for kind, share in kinds.items() if kind not in has and kind != "none") >= LACKED
    leads = drawn(parsed["text"], card, [part.words for part in card.parts], near)
    if not leads:
        return 0.0 if lacked else 1.0
    undecided = -float(np.sum(shares * np.log(shares + FLOOR)))
    likely = 1.0 / (1.0 + float(np.exp(-(LEADS * max(leads) + UNDECIDED * undecided + ANYWAY))))
    return 0.0 if lacked and likely < SAID else likely


def drawn(text: str, card: Card, words: Sequence[str], near: Near) -> List[float]:
    """How much nearer to each part a question behind the title is than the title alone; empty without an encoder."""
    asked, alone = near(f"{card.title}. {text}", words), near(card.title, words)
    return [] if asked is None or alone is None else [float(one) for one in np.subtract(asked, alone)]


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
