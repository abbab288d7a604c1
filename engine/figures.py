"""How well each topic is told apart: what became of the examples that were held back, for whoever writes them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Dict, List, Sequence, Tuple

from engine.naming import TOPIC

FILE = "figures.json"  # in the component's folder of the model's archive


def figures_of(labels: Sequence[str], held_back: Sequence[Tuple[str, str]]) -> Dict[str, Dict[str, Any]]:
    """Topic → `examples` that were learned, `held_back` ones, how many of those were `right`, and what the others were
    `taken_for`: label → how often, the most frequent first. `held_back` is what each of them is, and what it was taken for.
    """
    taken: Dict[str, List[str]] = defaultdict(list)
    for label, other in held_back:
        taken[label].append(other)
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
