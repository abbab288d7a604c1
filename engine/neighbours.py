"""A second opinion on danger: are the taught messages that are nearest in meaning dangerous, or do they only sound so?

"My mother-in-law will kill me" looks like danger to a classifier, for which killing outweighs all else; what lies nearest to
it was written by people who spoke in the same way and were in none. The classifier's opinion and this one are joined.
"""

from __future__ import annotations

from typing import Any, Callable, List, Optional

import numpy as np

from engine.acts import ACT, DANGER
from engine.vectors import SCALE, pack

AT_ONCE = 1024  # vectors that are unpacked at a time: two milliseconds for all fourteen thousand
NEAREST = 15
SHARPNESS = 80.0  # of the weight of a neighbour: one whose cosine is 0.01 smaller counts less than half
LEAST = 1e-3
WORTH_ASKING = 0.02  # of the classifier's share, or its words' alone: under it nothing more is asked about danger


class Neighbours:
    """Taught messages, (n, 384) unit vectors packed into bytes, and which of them are dangerous."""

    def __init__(self, packed: Any, dangerous: Any) -> None:
        self.packed, self.dangerous = packed, dangerous

    def share(self, vector: Any) -> float:
        """How much of what lies nearest to a unit vector is dangerous, from 0 to 1."""
        starts = range(0, len(self.packed), AT_ONCE)
        parts = [self.packed[start : start + AT_ONCE].astype(np.float32) @ vector for start in starts]
        cosines = np.concatenate(parts) / SCALE
        near = np.argsort(cosines)[-NEAREST:]
        weights = np.exp(SHARPNESS * (cosines[near] - 1.0))
        return float(weights @ self.dangerous[near] / max(float(weights.sum()), 1e-30))


def neighbours_of(
    texts: List[str], labels: List[str], encode: Optional[Callable[[List[str]], Any]]
) -> Optional[Neighbours]:
    """Danger and what people do in a conversation, harmless talk among it; None without an encoder, or without both."""
    pairs = zip(texts, labels, strict=True)
    taught = [(text, label == DANGER) for text, label in pairs if label == DANGER or label.startswith(ACT)]
    if encode is None or len({dangerous for _, dangerous in taught}) < 2:
        return None
    packed = pack(encode([text for text, _ in taught]))
    return Neighbours(packed, np.array([dangerous for _, dangerous in taught], dtype=np.float32))


def joined(first: float, second: float) -> float:
    """Two opinions as one: the mean of their log-odds, as a probability."""
    odds = [np.log((share + LEAST) / (1.0 - share + LEAST)) for share in (first, second)]
    return float(1.0 / (1.0 + np.exp(-np.mean(odds))))
