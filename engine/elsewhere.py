"""Whose business it is, when it is none of a public agency: the bank's, the landlord's, another town's …

What is known stands in `data/lookup/elsewhere.yml`, with the ways in which people ask. The nearest of them by meaning
tells whose it is; where none is near, nothing is claimed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterable, List, Optional, Tuple

import numpy as np

from engine.shelves import read_entries
from engine.topics import open_vectors

NEAR = 0.88  # cosine of the nearest example, which the second nearest must agree with


class Elsewhere:
    """The examples with their vectors, made when they are first needed."""

    def __init__(self, folders: Iterable[Path]) -> None:
        listed = read_entries("elsewhere", folders)
        self.examples: List[Tuple[str, str]] = [(str(e["id"]), str(text)) for e in listed for text in e["examples"]]
        self._vectors: Optional[Any] = None

    def whose(self, text: str) -> Optional[str]:
        """The id of whose business the text is; None where that is not known, or there is no encoder."""
        vectors = open_vectors()
        if vectors is None or not self.examples:
            return None
        if self._vectors is None:
            self._vectors = vectors.of_examples([example for _, example in self.examples])
        near = self._vectors @ vectors.of_message(text)
        first, second = (self.examples[place][0] for place in np.argsort(near)[::-1][:2])
        return first if first == second and near.max() >= NEAR else None
