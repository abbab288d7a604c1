"""Topics with few examples, judged by what lies near: a town's own, which a classifier of 40,000 examples would swallow.

A label that has been seen forty times loses against one that has been seen thousands of times, whatever a message says. So
of such topics it is asked, besides what the classifier thinks, how near a message lies to their examples, their titles and
their answers. The weights are a logistic regression fitted on the library: every fifth topic was made one of few examples
(`./ventanilla bench topics`), and topics that were judged took no part in the fitting (docs/understanding.md).
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, List, Optional, Sequence, Tuple

import numpy as np

from engine.acts import ACT, DANGER
from engine.naming import TOPIC

OUT = "out_of_scope"
LITTLE = 80  # examples, titles and lines of answers counted: with more a topic speaks for itself
FLOOR = 1e-9
NEAREST = 3
# Of the best such topic: nearness of its three nearest lines, of its nearest, log share by both views and by the words; log
# share of the best other topic, of out of scope, of all acts; its lead over the second; mean nearness of all such topics;
# log of how many lines it has: the more there are, the nearer one lies by chance.
WEIGHTS = np.array([41.201, -17.171, 0.734, 0.19, -0.681, 0.069, 0.183, 0.368, -7.808, -3.074])
BIAS = -0.541
FITTED = 15  # such topics were there when the weights were fitted; of more, one is near by chance as much more often
LEAD = (40.0, 0.5)  # of nearness and log share, where such topics are compared with each other
SECOND = 0.3  # how much of what is left of its doubt the second gets


class Few:
    """The topics with few examples: the places of their labels, and the vectors of their lines."""

    def __init__(self, labels: Sequence[str], topics: Sequence[str], vectors: Sequence[Any]) -> None:
        """`labels` of the classifier, in its order; `topics` among them, each with its lines' unit vectors (n, 384)."""
        place = {label: number for number, label in enumerate(labels)}
        self.places = np.array([place[topic] for topic in topics])
        self.lines = np.vstack([np.asarray(one, dtype=np.float32) for one in vectors])
        self.counts = np.array([len(one) for one in vectors])
        # (topics, most lines of one): which line is whose; where a topic has fewer, the first stands in and is not counted.
        within = np.arange(self.counts.max())[None, :]
        self.own_lines = within < self.counts[:, None]
        self.places_of_lines = np.where(self.own_lines, (np.cumsum(self.counts) - self.counts)[:, None] + within, 0)
        acts = np.array([str(label).startswith(ACT) for label in labels])
        self.acts, self.own = np.flatnonzero(acts), np.flatnonzero(~acts)
        self.others = np.setdiff1d(self.own, self.places)
        self.out, self.danger = place.get(OUT), place.get(DANGER)

    def judged(self, shares: Any, words: Any, vector: Any) -> Any:
        """(labels) shares by both views and by the words alone, and a unit vector → the shares with these topics judged."""
        total = float(shares[self.own].sum()) or 1.0
        told = np.log(shares / total + FLOOR)
        three, nearest = self._near(vector)
        lead = LEAD[0] * three + LEAD[1] * told[self.places]
        order = np.argsort(-lead)
        best, second = order[0], order[1] if len(order) > 1 else None
        place = self.places[best]
        seen = [
            three[best], nearest[best], told[place], np.log(words[place] / (words[self.own].sum() or 1.0) + FLOOR),
            told[self.others].max(), told[self.out] if self.out is not None else np.log(FLOOR),
            np.log(shares[self.acts].sum() + FLOOR), lead[best] - (lead[second] if second is not None else 0.0), three.mean(),
            np.log(self.counts[best]),
        ]  # fmt: skip
        odds = np.dot(WEIGHTS, seen) + BIAS - np.log(max(1.0, len(self.places) / FITTED))
        chance = float(1.0 / (1.0 + np.exp(-odds)))
        made = shares / total
        if chance > made[place]:
            made = made * (1.0 - chance) / max(1.0 - float(made[place]), FLOOR)
            made[place] = chance
        if second is not None:
            made[self.places[second]] = max(made[self.places[second]], SECOND * chance * (1.0 - chance))
        made[self.acts] = shares[self.acts] / total
        if self.danger is not None:
            # A topic that is new takes nothing from danger.
            made[self.danger] = max(made[self.danger], shares[self.danger] / total)
        return made * total

    def _near(self, vector: Any) -> Tuple[Any, Any]:
        """Of each topic the mean cosine of its three nearest lines, or of as many as it has, and that of the nearest."""
        cosines = np.where(self.own_lines, (self.lines @ vector)[self.places_of_lines], -np.inf)
        best = np.sort(cosines, axis=1)[:, -NEAREST:]
        counted = np.isfinite(best)
        return np.where(counted, best, 0.0).sum(axis=1) / counted.sum(axis=1), best[:, -1]


def few_of(
    texts: List[str], labels: List[str], known: Sequence[str], encode: Optional[Callable[[List[str]], Any]]
) -> Optional[Few]:
    """The topics of few examples among the taught ones; None where there are none, or no encoder."""
    counts = Counter(labels)
    topics = sorted(label for label, count in counts.items() if label.startswith(TOPIC) and count < LITTLE)
    if encode is None or not topics or len(topics) == sum(label.startswith(TOPIC) for label in counts):
        return None
    lines = [[text for text, label in zip(texts, labels, strict=True) if label == topic] for topic in topics]
    return Few([str(label) for label in known], topics, [encode(told) for told in lines])
