"""When cameras send, on a clock of whole microseconds that nobody waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cameras.simulation.placements import Photos
from cameras.simulation.plan import US_PER_S, Plan

Times: TypeAlias = npt.NDArray[np.int64]  # µs since the start

SNAPSHOTS_AT_ONCE = 20_000
SECONDS_AT_ONCE = (60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)  # each parts a minute evenly


@dataclass(frozen=True, slots=True)
class Batch:
    """The snapshots of some whole seconds, in the order of arrival. in_bursts: how many are over the usual."""

    first_s: int
    seconds: int
    times_us: Times
    photos: Photos
    in_bursts: int


@dataclass(frozen=True, slots=True)
class _Burst:
    start_us: int
    end_us: int
    phases_us: Times


class Arrivals:
    """Every camera sends at even intervals, with a phase of its own. The same plan always gives the same snapshots."""

    def __init__(self, plan: Plan) -> None:
        phases, bursts, photos = np.random.SeedSequence(plan.seed).spawn(3)
        self._plan = plan
        self._period_us = max(1, round(US_PER_S / plan.per_s))
        self._phases_us = np.random.default_rng(phases).integers(0, self._period_us, plan.cameras)
        self._bursts = self._drawn(np.random.default_rng(bursts))
        self._photos = np.random.default_rng(photos)

    def batches(self) -> Iterator[Batch]:
        """All snapshots, once."""
        seconds = self._seconds_at_once()
        for first_s in range(0, self._plan.lasts_s, seconds):
            yield self._batch(first_s, min(seconds, self._plan.lasts_s - first_s))

    def _batch(self, first_s: int, seconds: int) -> Batch:
        start_us, end_us = first_s * US_PER_S, (first_s + seconds) * US_PER_S
        usual = sent(self._phases_us, self._period_us, start_us, end_us)
        further = [
            sent(burst.phases_us, self._period_us, max(start_us, burst.start_us), min(end_us, burst.end_us))
            for burst in self._bursts
            if burst.start_us < end_us and burst.end_us > start_us
        ]
        times_us = np.sort(np.concatenate([usual, *further]))
        photos = self._photos.integers(0, 2**64, len(times_us), np.uint64)
        return Batch(first_s, seconds, times_us, photos, len(times_us) - len(usual))

    def _seconds_at_once(self) -> int:
        most_s = SNAPSHOTS_AT_ONCE / self._plan.peak_per_s
        return next((seconds for seconds in SECONDS_AT_ONCE if seconds <= most_s), 1)

    def _drawn(self, random: np.random.Generator) -> list[_Burst]:
        bursts = self._plan.bursts
        if not bursts.every_s:
            return []
        every_us, lasts_us = round(bursts.every_s * US_PER_S), round(bursts.lasts_s * US_PER_S)
        cameras = round(self._plan.cameras * bursts.cameras_percent / 100)
        starts_us = range(every_us // 2, self._plan.lasts_s * US_PER_S, every_us)
        # Between two of its usual snapshots a camera sends factor - 1 further ones, evenly.
        between_us = np.arange(1, bursts.factor) * self._period_us // bursts.factor
        drawn = (random.choice(self._phases_us, cameras, replace=False) for _ in starts_us)
        return [
            _Burst(start_us, start_us + lasts_us, np.add.outer(phases_us, between_us).ravel())
            for start_us, phases_us in zip(starts_us, drawn, strict=True)
        ]


def sent(phases_us: Times, period_us: int, start_us: int, end_us: int) -> Times:
    """From `start_us` until before `end_us`, at phase + n * period for whole n; in no particular order."""
    first = -((phases_us - start_us) // period_us)  # the least n whose time is not before the start
    counts = -((phases_us - end_us) // period_us) - first
    ends = np.cumsum(counts)
    nth = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts - first, counts)
    times_us: Times = np.repeat(phases_us, counts) + nth * period_us
    return times_us
