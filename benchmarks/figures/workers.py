"""Dispatch (jobs per second that do no work) and the worker on photos that take 30 ms."""

from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.drivers.jobs import append_jobs, drain, make_groups, offer_jobs
from benchmarks.lengths import Lengths
from benchmarks.mall import Mall
from benchmarks.meter import Meter
from benchmarks.processes import python
from benchmarks.rounds import Comparison, Measured, interleaved
from recognition.node.connections import Redis

WORKER = "benchmarks.stubs.worker"
FLOOR = "benchmarks.floors.stream_worker"
COMPUTE = "benchmarks.floors.compute"
BATCH = 8
SLOW_MS = 30.0

Fill = Callable[[Redis, int], None]


def dispatch(mall: Mall, lengths: Lengths) -> Comparison:
    """A full queue, a no-op recognition program that takes batches of 8, a reader on the other core."""
    product = python("-m", WORKER, mall.node_urls[0], "--photos-per-batch", str(BATCH))
    floor = python("-m", FLOOR, mall.node_urls[0])
    rounds = interleaved(
        partial(_drained, mall, product, offer_jobs, lengths.jobs),
        partial(_drained, mall, floor, append_jobs, lengths.jobs),
        lengths.rounds,
    )
    return Comparison("dispatch", "jobs/s", 0.7, rounds)


def slow_jobs(mall: Mall, lengths: Lengths) -> Comparison:
    """One photo at a time, as the reference program takes them, each 30 ms of processor time."""
    count = lengths.slow_jobs
    product = python("-m", WORKER, mall.node_urls[0], "--photos-per-batch", "1", "--processor-ms", str(SLOW_MS))
    rounds = interleaved(
        partial(_drained, mall, product, offer_jobs, count),
        partial(_computed, mall, count),
        max(1, lengths.rounds - 2),
    )
    return Comparison("worker on 30 ms jobs", "jobs/s", 0.96, rounds)


def _drained(mall: Mall, command: Sequence[str], fill: Fill, count: int) -> Measured:
    mall.empty()
    node = mall.node()
    make_groups(node)
    fill(node, count)
    with mall.processes() as processes:
        worker = processes.start("worker", command, mall.cores.measured)
        meter = Meter([worker])
        drained = drain(node, count, processes, meter)
    node.close()
    return Measured(drained.per_s, meter.us_each(drained.jobs))


def _computed(mall: Mall, count: int) -> Measured:
    with mall.processes() as processes:
        printed = processes.run("compute", python("-m", COMPUTE, str(SLOW_MS), str(count)), mall.cores.measured)
    return Measured(float(printed), SLOW_MS * 1000)
