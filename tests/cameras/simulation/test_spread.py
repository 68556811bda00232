import numpy as np
import pytest

from cameras.simulation.arrivals import Batch
from cameras.simulation.plan import US_PER_S
from cameras.simulation.spread import Extremes, Spread


def batch(first_s: int, seconds: int, nodes_by_second: dict[int, list[int]]) -> tuple[Batch, np.ndarray]:
    times_us = [second * US_PER_S for second, nodes in nodes_by_second.items() for _ in nodes]
    nodes = [node for each in nodes_by_second.values() for node in each]
    photos = np.zeros(len(nodes), np.uint64)
    return Batch(first_s, seconds, np.array(times_us, np.int64), photos, 0), np.array(nodes, np.intp)


def test_the_spread_is_the_most_and_the_least_over_the_mean() -> None:
    spread = Spread((1.0, 1.0))
    spread.count(*batch(0, 2, {0: [0, 0, 0, 1], 1: [0, 1]}))
    assert spread.whole == Extremes(4 / 3, 2 / 3)


def test_a_node_of_twice_the_weight_is_even_with_twice_the_photos() -> None:
    spread = Spread((1.0, 2.0))
    spread.count(*batch(0, 1, {0: [0, 1, 1]}))
    assert [spread.whole.busiest, spread.whole.idlest] == pytest.approx([1, 1])


def test_seconds_are_told_by_the_middle_and_the_worst_of_them() -> None:
    spread = Spread((1.0, 1.0))
    spread.count(*batch(0, 2, {0: [0, 1], 1: [0, 1]}))
    spread.count(*batch(2, 2, {2: [0, 0, 0, 1], 3: []}))
    assert spread.per_second is not None
    assert spread.per_second.median == Extremes(1.0, 1.0)
    assert spread.per_second.worst == Extremes(1.5, 0.5)


def test_a_minute_may_be_in_several_batches() -> None:
    spread = Spread((1.0, 1.0))
    for first_s in (0, 30, 60):
        spread.count(*batch(first_s, 30, {first_s: [0], first_s + 1: [1]}))
    assert spread.per_minute is not None
    assert spread.per_minute.worst == Extremes(1.0, 1.0)


def test_a_minute_that_is_not_whole_does_not_count() -> None:
    spread = Spread((1.0, 1.0))
    spread.count(*batch(0, 30, {0: [0]}))
    assert spread.per_minute is None
