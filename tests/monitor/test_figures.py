"""Figures of the last minute, out of counts since each worker's start."""

import pytest

from recognition.monitor.figures import Figures
from recognition.node.heartbeat import WorkerBeat
from recognition.node.histogram import Histogram, percentile


def beat(
    alive_s: float, busy_s: float = 0.0, *waits_ms: float, worker: str = "worker", takes_ms: tuple[float, ...] = ()
) -> WorkerBeat:
    waits, takes = Histogram(), Histogram()
    for histogram, latencies in ((waits, waits_ms), (takes, takes_ms)):
        for latency_ms in latencies:
            histogram.add(latency_ms)
    return WorkerBeat(
        *(worker, "stub", "space", [], 0, 0),
        alive_us=round(alive_s * 1e6),
        busy_us=round(busy_s * 1e6),
        waits=waits.counts(),
        takes=takes.counts(),
    )


def noted(*beats: WorkerBeat) -> Figures:
    figures = Figures()
    for one in beats:
        figures.note([one])
    return figures


def test_of_a_worker_that_has_just_started_everything_counts() -> None:
    figures = noted(beat(4.0, 1.0, 20.0))
    assert figures.load() == 0.25
    assert percentile(figures.waits(), 50) == pytest.approx(20.0, rel=0.25)


def test_of_one_that_has_long_been_there_only_what_comes_counts() -> None:
    long_ago = (500.0,) * 10
    figures = noted(beat(1000.0, 900.0, *long_ago))
    assert (figures.load(), sum(figures.waits())) == (None, 0)
    figures.note([beat(1010.0, 901.0, *long_ago, 5.0)])
    assert (figures.load(), sum(figures.waits())) == (0.1, 1)


def test_what_is_older_than_a_minute_counts_no_more() -> None:
    figures = noted(*(beat(alive_s, min(alive_s, 100.0), *[9.0] * min(alive_s, 100)) for alive_s in range(1, 200)))
    assert figures.load() == 0.0
    assert sum(figures.waits()) == 0


def test_the_window_is_about_a_minute_long() -> None:
    figures = noted(*(beat(alive_s, 0.0, *[9.0] * alive_s) for alive_s in range(1, 200)))
    assert 60 <= sum(figures.waits()) <= 66


def test_workers_count_together() -> None:
    figures = Figures()
    figures.note([beat(10.0, 10.0, worker="a", takes_ms=(4.0,)), beat(10.0, 0.0, worker="b", takes_ms=(4.0, 4.0))])
    assert figures.load() == 0.5
    assert sum(figures.takes()) == 3


def test_a_worker_that_is_started_again_takes_nothing_back() -> None:
    figures = noted(beat(1000.0, 900.0, *[9.0] * 50, worker="before"), beat(2.0, 1.0, 9.0, worker="after"))
    assert (figures.load(), sum(figures.waits())) == (0.5, 1)


def test_a_worker_of_a_version_without_figures_is_left_out() -> None:
    figures = Figures()
    figures.note([WorkerBeat("old", "stub", "space", [], 0, 0), beat(2.0, 1.0, 9.0)])
    assert (figures.load(), sum(figures.waits())) == (0.5, 1)


def test_the_same_beat_read_twice_counts_once() -> None:
    figures = noted(*[beat(4.0, 1.0, 20.0)] * 3)
    assert (figures.load(), sum(figures.waits())) == (0.25, 1)


def test_without_workers_nothing_is_known() -> None:
    figures = noted(beat(4.0, 1.0))
    figures.note([])
    assert figures.load() is None
