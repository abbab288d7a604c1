"""How well each topic is told apart: what became of the examples that were held back, for whoever writes them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Dict, List, Sequence

from engine.acts import ACT
from engine.naming import TOPIC

FILE = "figures.json"  # in the component's folder of the model's archive


def figures_of(
    labels: Sequence[str], known: Sequence[str], held_back: Sequence[str], shares: Any
) -> Dict[str, Dict[str, Any]]:
    """Topic → `examples` that were learned, `held_back` ones, how many of those were `right`, and what the others were
    `taken_for`: label → how often, the most frequent first.

    `shares` (n, known labels) are the probabilities of the `held_back` ones. Acts are left out: by itself a message is none.
    """
    own = [place for place, label in enumerate(known) if not label.startswith(ACT)]
    taken: Dict[str, List[str]] = defaultdict(list)
    for label, told in zip(held_back, shares, strict=True):
        taken[label].append(known[max(own, key=lambda place: told[place])])
    learned = Counter(labels)
    return {
        label[len(TOPIC) :]: {
            "examples": learned[label],
            "held_back": len(taken[label]),
            "right": taken[label].count(label),
            "taken_for": dict(Counter(other for other in taken[label] if other != label).most_common()),
        }
        for label in sorted(learned)
        if label.startswith(TOPIC)
    }
