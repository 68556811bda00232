"""A latency histogram that can be added up over workers and subtracted from an earlier reading of itself.

Bucket i holds latencies of at most BOUNDS_MS[i], ten buckets to a factor of ten, so a percentile is off by a quarter at
most before interpolation; the last bucket has no bound. Fixed buckets make readings of several workers one by adding
their counts: a percentile of percentiles would mean nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TypeAlias

FIRST_MS = 0.1
BUCKETS_PER_DECADE = 10
DECADES = 7  # 0.1 ms to 1000 s
BOUNDS_MS = tuple(FIRST_MS * 10 ** (place / BUCKETS_PER_DECADE) for place in range(DECADES * BUCKETS_PER_DECADE + 1))
BUCKETS = len(BOUNDS_MS) + 1

Counts: TypeAlias = Sequence[int]  # BUCKETS long; only ever grows, from 0 at the worker's start
NONE: Counts = (0,) * BUCKETS


class Histogram:
    """Counts latencies from its making on. One thread adds; any may read."""

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS

    def add(self, latency_ms: float, times: int = 1) -> None:
        self._counts[bisect_left(BOUNDS_MS, latency_ms)] += times

    def counts(self) -> list[int]:
        return self._counts.copy()


def merged(readings: Iterable[Counts]) -> Counts:
    """One reading of several. One of another form, from a worker of another version, is left out."""
    fitting = [reading for reading in readings if len(reading) == BUCKETS]
    return [sum(counts) for counts in zip(*fitting, strict=True)] if fitting else NONE


def between(earlier: Counts, later: Counts) -> Counts:
    """What was added from one reading to a later one of the same histogram."""
    return [max(0, new - old) for old, new in zip(earlier, later, strict=False)]


def percentile(counts: Counts, percent: float) -> float | None:
    """In ms, by linear interpolation within the bucket; of an empty histogram None.

    Latencies beyond the last bound count as that bound.
    """
    wanted = sum(counts) * percent / 100
    if not wanted:
        return None
    below = 0
    for place, count in enumerate(counts):
        if count and below + count >= wanted:
            return _within(place, (wanted - below) / count)
        below += count
    return BOUNDS_MS[-1]


def _within(place: int, part: float) -> float:
    if place >= len(BOUNDS_MS):
        return BOUNDS_MS[-1]
    low = BOUNDS_MS[place - 1] if place else 0.0
    return low + (BOUNDS_MS[place] - low) * part
