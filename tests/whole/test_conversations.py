"""A part of the development conversations, played against the started product as `./ventanilla converse` plays them.

The limits are far under what is reached (docs/understanding.md): they fall when a kind of turn stops working.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.rehearsal.converse import Played, play, read_conversations
from bot.rehearsal.judging import count
from bot.settings import ROOT, Settings
from tests.whole.product import Product

pytestmark = pytest.mark.whole

ELSEWHERE = ThreadPoolExecutor(1)  # the browser of the other tests has this thread's loop
EVERY = 4
HELD, WHOLE, FALSE_ALARMS = 0.8, 0.35, 4


@pytest.fixture(scope="module")
def played(product: Product) -> list[Played]:
    told = read_conversations(ROOT / "tests" / "conversations" / "development.yml")[::EVERY]
    return ELSEWHERE.submit(asyncio.run, play(Settings(home=product.home), told, product.address)).result()


def test_most_turns_hold_and_many_conversations_as_a_whole(played: list[Played]) -> None:
    sums = count(played)["all"]
    assert sums["held"] >= HELD * sums["turns"]
    assert sums["whole"] >= WHOLE * sums["conversations"]


def test_nobody_meets_silence(played: list[Played]) -> None:
    assert count(played)["all"]["silent"] == 0


def test_danger_is_heard_and_hardly_ever_where_there_is_none(played: list[Played]) -> None:
    sums = count(played)["all"]
    assert sums["danger_heard"] == sums["danger"]
    assert sums["false_alarms"] <= FALSE_ALARMS
