import random

import pytest

from recognition.node.histogram import BOUNDS_MS, BUCKETS, NONE, Histogram, between, merged, percentile


def of(*latencies_ms: float) -> Histogram:
    histogram = Histogram()
    for latency_ms in latencies_ms:
        histogram.add(latency_ms)
    return histogram


def test_an_empty_histogram_has_no_percentile() -> None:
    assert percentile(NONE, 50) is None


@pytest.mark.parametrize("percent", [50, 95])
def test_a_percentile_is_within_an_eighth_of_the_true_one(percent: int) -> None:
    latencies = sorted(random.Random(1).lognormvariate(3, 1) for _ in range(20_000))
    true_ms = latencies[len(latencies) * percent // 100]
    assert percentile(of(*latencies).counts(), percent) == pytest.approx(true_ms, rel=0.125)


def test_the_percentile_of_equal_latencies_lies_in_their_bucket() -> None:
    found_ms = percentile(of(*[40.0] * 100).counts(), 95)
    assert found_ms is not None
    assert 39 < found_ms <= 50.2


def test_what_is_longer_than_the_last_bound_counts_as_that() -> None:
    assert percentile(of(1e9).counts(), 50) == BOUNDS_MS[-1]


def test_no_latency_at_all_is_in_the_first_bucket() -> None:
    assert of(0.0).counts()[0] == 1


def test_merged_readings_are_those_of_one_histogram() -> None:
    assert merged([of(1, 20).counts(), of(300).counts()]) == of(1, 20, 300).counts()


def test_a_reading_of_another_form_is_left_out() -> None:
    assert merged([of(5).counts(), [], [1] * (BUCKETS + 1)]) == of(5).counts()


def test_the_difference_of_two_readings_is_what_came_between() -> None:
    histogram = of(1, 2)
    earlier = histogram.counts()
    histogram.add(70, times=3)
    assert between(earlier, histogram.counts()) == of(70, 70, 70).counts()
