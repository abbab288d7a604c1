"""Where a message may be cut is found in one pass, whatever is typed."""

import re
import time

import pytest

from actions.pieces import CUT
from actions.sentences import CLAUSE, SENTENCE


def cost(cut: re.Pattern[str], text: str) -> float:
    """The least processor time of a few cuts."""

    def once() -> float:
        started = time.process_time()
        cut.split(text)
        return time.process_time() - started

    return min(once() for _ in range(3))


@pytest.mark.parametrize("cut", [CUT, CLAUSE, SENTENCE], ids=["matters", "clauses", "sentences"])
@pytest.mark.parametrize("piece", [" ", "\n", " y", ", ", "a ", "y ", " \n", "a\n", ".", "é"])
@pytest.mark.parametrize("around", ["{0}", "a{0}b", " y{0}", "a,{0}y b c d"])
def test_hostile_text_is_cut_in_linear_time(cut: re.Pattern[str], piece: str, around: str) -> None:
    short, long = (cost(cut, around.format(piece * (size // len(piece)))) for size in (1_000, 8_000))
    assert long < 24 * short + 0.005  # eight times the length; quadratic would be sixty-four


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("no luce, y el banco está roto", ["no luce", "el banco está roto"]),
        ("no luce   y  el banco está roto", ["no luce", "el banco está roto"]),
        ("No luce.  El banco. Otra", ["No luce.", "El banco.", "Otra"]),
        ("una cosa\notra cosa y basta", ["una cosa\notra cosa y basta"]),
        ("una cosa\n\notra", ["una cosa\n", "otra"]),
    ],
)
def test_it_is_cut_where_another_matter_may_begin(text: str, pieces: list[str]) -> None:
    assert CUT.split(text) == pieces
