"""The statistics that the measurements speak with."""

import pytest

from bench.parts.figures import Target, differences, median, percentile, ratio, spread, table


def test_the_median_lies_between_the_two_middle_values() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([3, 1, 2], 0.5) == 2
    assert median([4, 1, 3, 2]) == 2.5


def test_percentiles_reach_from_the_lowest_to_the_highest_value() -> None:
    values = list(range(101))
    assert percentile(values, 0) == 0
    assert percentile(values, 0.95) == 95
    assert percentile(values, 1) == 100
    assert percentile([7.0], 0.95) == 7


def test_nothing_measured_has_no_median() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


def test_a_spread_tells_how_many_values_stand_behind_it() -> None:
    assert spread([1.0, 2.0, 3.004]) == {"count": 3, "p50": 2.0, "p95": 2.9, "min": 1.0, "max": 3.0}


def test_differences_are_taken_pair_by_pair() -> None:
    assert differences([5.0, 9.0], [1.0, 2.0]) == [4.0, 7.0]
    with pytest.raises(ValueError, match="shorter"):
        differences([1.0, 2.0], [1.0])


def test_a_ratio_says_how_often_the_second_fits_into_the_first() -> None:
    assert ratio(45, 100) == 0.45


@pytest.mark.parametrize(("value", "met"), [(14.9, True), (15.0, True), (15.1, False)])
def test_a_target_is_met_up_to_its_limit(value: float, met: bool) -> None:
    assert Target("added", value, 15.0, "ms").as_json() == {
        "name": "added",
        "value": value,
        "target": 15.0,
        "unit": "ms",
        "at_least": False,
        "met": met,
    }


def test_a_table_keeps_its_columns_in_line() -> None:
    lines = table(("what", "ms"), [["a turn", 12.345], ["ten thousand", 12345.6], ["unknown", None]]).splitlines()
    assert lines == [
        "what              ms",
        "────────────  ──────",
        "a turn          12.3",
        "ten thousand  12,346",
        "unknown            –",
    ]
