"""What lies nearest to a message says whether it is danger, or only sounds like it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.acts import DANGER
from engine.neighbours import NEAREST, joined, neighbours_of

PLACES = {"he will kill me": (1.0, 0.1), "mum will kill me lol": (0.1, 1.0), "when does it open": (0.7, 0.7)}
WIDTH = 384
FIRE, JOKE, POOL = PLACES
LABELS = {FIRE: DANGER, JOKE: "act/harmless", POOL: "faq/pool"}


def vectors(texts: list) -> np.ndarray:
    """Unit vectors without large components, as the encoder's are."""
    loose = np.repeat(np.array([PLACES[text] for text in texts], dtype=np.float32), WIDTH // 2, axis=1)
    return loose / np.linalg.norm(loose, axis=1, keepdims=True)


def learned(*texts: str):
    return neighbours_of(list(texts), [LABELS[text] for text in texts], vectors)


def test_what_lies_among_dangers_is_one_and_what_lies_among_jokes_is_none() -> None:
    taught = learned(*[FIRE, JOKE] * NEAREST)
    assert taught.share(vectors([FIRE])[0]) > 0.95
    assert taught.share(vectors([JOKE])[0]) < 0.05


def test_matters_of_the_town_are_no_neighbours() -> None:
    assert len(learned(FIRE, JOKE, POOL).packed) == 2


def test_without_an_encoder_or_without_both_kinds_nobody_is_asked() -> None:
    assert neighbours_of([FIRE, JOKE], [DANGER, "act/harmless"], None) is None
    assert learned(FIRE, POOL) is None


def test_few_neighbours_are_as_good_as_many() -> None:
    assert learned(FIRE, JOKE).share(vectors([FIRE])[0]) > 0.95


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97, 1.0])
def test_two_equal_opinions_are_that_opinion(share: float) -> None:
    assert joined(share, share) == pytest.approx(share, abs=0.002)


def test_a_joined_opinion_lies_between_the_two() -> None:
    assert 0.1 < joined(0.1, 0.95) < joined(0.5, 0.95) < 0.95
