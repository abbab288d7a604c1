"""A topic with few examples is judged by what lies near it, and the library's topics keep what is theirs."""

import numpy as np
import pytest

from engine.few import FITTED, LITTLE, Few, few_of

LABELS = ["act/fee", "faq/beach", "faq/market", "faq/pool", "out_of_scope"]


def unit(*numbers):
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


TOWEL, STALL, POOL = unit(1, 0.1, 0), unit(0, 1, 0.1), unit(0.1, 0, 1)


@pytest.fixture
def few():
    """A town's beach and market; the pool and what is nobody's business are the library's."""
    return Few(LABELS, ["faq/beach", "faq/market"], [np.array([TOWEL] * 3), np.array([STALL] * 3)])


def judged(few, shares, vector):
    made = few.judged(np.array(shares), np.array(shares), vector)
    assert made.sum() == pytest.approx(1.0, abs=0.01) and made[0] == pytest.approx(shares[0])
    return dict(zip(LABELS, made, strict=True))


def test_what_lies_near_its_lines_is_its_own_though_the_classifier_hardly_thinks_so(few):
    made = judged(few, [0.05, 0.1, 0.01, 0.04, 0.8], TOWEL)
    assert max(made, key=made.get) == "faq/beach"


def test_what_lies_far_from_all_of_them_stays_as_it_is(few):
    shares = [0.05, 0.001, 0.001, 0.9, 0.048]
    made = judged(few, shares, POOL)
    assert made["faq/pool"] == pytest.approx(0.9, abs=0.02)


def test_of_two_such_topics_the_nearer_one_is_meant(few):
    made = judged(few, [0.05, 0.05, 0.05, 0.05, 0.8], STALL)
    assert made["faq/market"] > made["faq/beach"]


def test_only_topics_with_few_examples_are_judged():
    labels = ["faq/pool"] * LITTLE + ["faq/beach"] * 2 + ["out_of_scope"] * 2
    texts = [f"{label} {number}" for number, label in enumerate(labels)]
    known = sorted(set(labels))
    made = few_of(texts, labels, known, lambda lines: np.tile(TOWEL, (len(lines), 1)))
    assert [known[place] for place in made.places] == ["faq/beach"] and made.counts.tolist() == [2]


def test_where_all_topics_have_few_examples_or_there_is_no_encoder_nothing_is_judged():
    labels = ["faq/pool", "faq/beach"]
    assert few_of(labels, labels, labels, lambda lines: np.tile(TOWEL, (len(lines), 1))) is None
    assert few_of(labels * LITTLE, ["faq/pool"] * 2 * LITTLE, ["faq/pool"], None) is None


def test_what_sounds_like_danger_stays_so_though_it_lies_near_a_new_topic():
    """ "I have poisoned myself with a mushroom" was answered with the price of the mushroom permit."""
    labels = [*LABELS, "crisis"]
    few = Few(sorted(labels), ["faq/beach", "faq/market"], [np.array([TOWEL] * 3), np.array([STALL] * 3)])
    shares = {"act/fee": 0.1, "crisis": 0.5, "faq/beach": 0.1, "faq/market": 0.1, "faq/pool": 0.1, "out_of_scope": 0.1}
    told = np.array([shares[label] for label in sorted(labels)])
    made = dict(zip(sorted(labels), few.judged(told, told, TOWEL), strict=True))
    assert made["crisis"] >= 0.5 and made["faq/beach"] > 0.1


def test_how_near_a_topic_is_is_the_mean_of_its_three_nearest_lines_or_of_fewer():
    lines = [np.array([TOWEL, STALL, POOL, unit(1, 1, 0)]), np.array([STALL])]
    three, nearest = Few(LABELS, ["faq/beach", "faq/market"], lines)._near(TOWEL)
    cosines = np.sort(lines[0] @ TOWEL)
    assert three == pytest.approx([cosines[-3:].mean(), STALL @ TOWEL])
    assert nearest == pytest.approx([cosines[-1], STALL @ TOWEL])


def test_of_many_such_topics_one_is_near_by_chance_and_is_believed_less():
    shares = [0.05, 0.1, 0.04, 0.01, 0.8]
    far = [unit(np.cos(angle), np.sin(angle), 5) for angle in np.linspace(0, 6, 300)]
    labels = [*LABELS, *(f"faq/z{number:03}" for number in range(len(far)))]
    topics = ["faq/beach", *labels[len(LABELS) :]]
    lines = [np.array([unit(1, 0.6, 0.3)]), *(np.array([vector]) for vector in far)]
    many = np.array([*shares, *np.full(len(far), 1e-9)])
    among = [Few(labels, topics[:count], lines[:count]).judged(many, many, TOWEL)[1] for count in (FITTED, 300)]
    assert among[0] > among[1]
