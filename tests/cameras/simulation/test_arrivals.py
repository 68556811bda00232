from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.simulation.arrivals import Arrivals, Times, sent
from cameras.simulation.plan import US_PER_S, BadPlan, Bursts
from tests.cameras.simulation.plans import NO_BURSTS, plan

BURSTS = Bursts(every_s=60, lasts_s=10, cameras_percent=20, factor=5)

phases = st.lists(st.integers(0, 999), min_size=1, max_size=20).map(np.array)


def times_us(arrivals: Arrivals) -> Times:
    return np.concatenate([batch.times_us for batch in arrivals.batches()])


@given(phases, st.integers(1, 3000), st.lists(st.integers(0, 5000), min_size=1, max_size=5))
def test_no_snapshot_is_lost_or_doubled_between_spans(phases: Times, period_us: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 5000]
    parts = [sent(phases, period_us, start, end) for start, end in pairwise(edges)]
    moments = [time for phase in phases.tolist() for time in range(phase % period_us, 5000, period_us)]
    assert sorted(np.concatenate(parts).tolist()) == sorted(moments)


@pytest.mark.parametrize("per_s", [0.05, 0.5, 1, 8, 500])
def test_each_camera_sends_as_often_as_it_should(per_s: float) -> None:
    assert len(times_us(Arrivals(plan(per_s=per_s, cameras=50, lasts_s=120)))) == 50 * per_s * 120


def test_snapshots_come_in_order_each_in_its_batch() -> None:
    for batch in Arrivals(plan(cameras=3000, bursts=BURSTS)).batches():
        assert (np.diff(batch.times_us) >= 0).all()
        assert batch.times_us[0] >= batch.first_s * US_PER_S
        assert batch.times_us[-1] < (batch.first_s + batch.seconds) * US_PER_S


def test_batches_follow_each_other_and_end_with_each_minute() -> None:
    batches = list(Arrivals(plan(cameras=3000, lasts_s=150)).batches())
    ends = [batch.first_s + batch.seconds for batch in batches]
    assert [batch.first_s for batch in batches] == [0, *ends[:-1]]
    assert {60, 120, 150} <= set(ends)


def test_in_a_burst_some_cameras_send_so_many_times_as_much() -> None:
    """50 cameras for 120 s, in two bursts of 10 s ten of them five times as much."""
    usual, bursts = times_us(Arrivals(plan())), times_us(Arrivals(plan(bursts=BURSTS)))
    in_burst = {second for start in (30, 90) for second in range(start, start + 10)}
    per_s = np.bincount(bursts // US_PER_S)
    assert len(bursts) - len(usual) == 2 * 10 * 10 * 4
    assert {second for second, count in enumerate(per_s.tolist()) if count > 50} == in_burst
    assert set(per_s.tolist()) == {50, 90}


def test_batches_say_how_many_snapshots_are_the_bursts() -> None:
    assert sum(batch.in_bursts for batch in Arrivals(plan(bursts=BURSTS)).batches()) == 2 * 10 * 10 * 4


def test_bursts_do_not_change_the_usual_snapshots() -> None:
    usual, bursts = (set(times_us(Arrivals(plan(bursts=each))).tolist()) for each in (NO_BURSTS, BURSTS))
    assert usual <= bursts


def test_the_same_seed_gives_the_same_snapshots() -> None:
    one, other = (list(Arrivals(plan(bursts=BURSTS, seed=7)).batches()) for _ in range(2))
    for first, second in zip(one, other, strict=True):
        assert (first.times_us == second.times_us).all()
        assert (first.photos == second.photos).all()


def test_another_seed_gives_other_photos_at_other_moments() -> None:
    one, other = (next(iter(Arrivals(plan(seed=seed)).batches())) for seed in (1, 2))
    assert not np.intersect1d(one.photos, other.photos).size
    assert (one.times_us != other.times_us).any()


def test_bursts_that_never_end_are_refused() -> None:
    with pytest.raises(BadPlan, match="never end"):
        replace(BURSTS, lasts_s=60)


def test_more_snapshots_than_memory_could_hold_are_refused() -> None:
    with pytest.raises(BadPlan, match="2,000,000 snapshots a second"):
        plan(cameras=1_000_000, per_s=2.0)
