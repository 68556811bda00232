"""Nodes' queues, all at once, for as long as none is full.

A node's jobs are taken in the order of their arrival, and on one node each takes a worker equally long. So jobs also
end in that order, and of w workers each takes every w-th job: job n starts when it arrives, or when job n - w has
ended. That chain, a lane for each worker, is a running maximum, which numpy works out for all lanes in one go.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cameras.simulation.arrivals import Times
from cameras.simulation.placements import Nodes

Counts: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Service:
    """took_us: by one photo, for each node. workers: of each node. limit_jobs: at a node, waiting or in work."""

    took_us: Times
    workers: int
    limit_jobs: int

    @property
    def nodes(self) -> int:
        return len(self.took_us)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What nodes have in hand between two batches.

    free_us: (nodes, workers), when each worker is free, earliest first. nodes, ends_us: the jobs that have not ended,
    by node and then by when they end.
    """

    free_us: Times
    nodes: Nodes
    ends_us: Times

    @classmethod
    def none(cls, service: Service) -> "Backlog":
        free_us = np.zeros((service.nodes, service.workers), np.int64)
        return cls(free_us, np.zeros(0, np.intp), np.zeros(0, np.int64))

    @classmethod
    def at(cls, now_us: int, free_us: Times, nodes: Nodes, ends_us: Times) -> "Backlog":
        """nodes, ends_us: of jobs in any order, so long as those of one node are in the order in which they end."""
        unended = np.flatnonzero(ends_us > now_us)
        order = unended[np.argsort(nodes[unended], kind="stable")]
        return cls(free_us, nodes[order], ends_us[order])


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a batch. most_jobs: the most that were at each node. longest_wait_us: for a worker."""

    backlog: Backlog
    most_jobs: Counts
    longest_wait_us: int


@dataclass(frozen=True, slots=True)
class _Jobs:
    """By node and then by arrival. turns: how many of the batch came to the same node before; counts: by node."""

    nodes: Nodes
    at_us: Times
    turns: Counts
    counts: Counts


def serve(service: Service, backlog: Backlog, times_us: Times, nodes: Nodes) -> Served | None:
    """Jobs that arrive at these times, in order, at these nodes, one at least. None if one finds its node full."""
    jobs = _by_node(service, times_us, nodes)
    starts_us = _starts(service, backlog, jobs)
    ends_us = starts_us + service.took_us[jobs.nodes]
    before = _found(backlog, jobs, ends_us)
    if before.max() >= service.limit_jobs:
        return None
    most_jobs = np.zeros(service.nodes, np.int64)
    np.maximum.at(most_jobs, jobs.nodes, before + 1)
    after = _left(service, backlog, jobs, ends_us, int(times_us[-1]))
    return Served(after, most_jobs, int((starts_us - jobs.at_us).max()))


def _by_node(service: Service, times_us: Times, nodes: Nodes) -> _Jobs:
    order = np.argsort(nodes, kind="stable")
    counts = np.bincount(nodes, minlength=service.nodes)
    turns = np.arange(len(nodes)) - np.repeat(np.cumsum(counts) - counts, counts)
    return _Jobs(nodes[order], times_us[order], turns, counts)


def _starts(service: Service, backlog: Backlog, jobs: _Jobs) -> Times:
    """When a worker takes each job."""
    lanes = jobs.nodes * service.workers + jobs.turns % service.workers
    by_lane = np.argsort(lanes, kind="stable")
    lane = lanes[by_lane]
    # How long the lane's earlier jobs of this batch keep a worker busy.
    busy_us = (jobs.turns // service.workers * service.took_us[jobs.nodes])[by_lane]
    idle_us = _running_maximum(jobs.at_us[by_lane] - busy_us, lane)
    starts_us = np.empty_like(jobs.at_us)
    starts_us[by_lane] = np.maximum(idle_us, backlog.free_us.ravel()[lane]) + busy_us
    return starts_us


def _running_maximum(values: Times, lane: Nodes) -> Times:
    """Of each lane by itself: every lane is lifted above all those before it."""
    lift = lane * (values.max() - values.min() + 1)
    highest: Times = np.maximum.accumulate(values + lift) - lift
    return highest


def _found(backlog: Backlog, jobs: _Jobs, ends_us: Times) -> Counts:
    """How many jobs each job finds at its node. One that ends in the same microsecond is gone."""
    first_us, last_us = jobs.at_us.min(), jobs.at_us.max()
    span_us = last_us - first_us + 2
    node = np.concatenate([backlog.nodes, jobs.nodes])
    end_us = np.clip(np.concatenate([backlog.ends_us, ends_us]) - first_us, 0, span_us - 1)
    ends = np.sort(node * span_us + end_us)
    held = np.bincount(backlog.nodes, minlength=len(jobs.counts))
    all_before = np.cumsum(held + jobs.counts) - (held + jobs.counts)
    ended = np.searchsorted(ends, jobs.nodes * span_us + jobs.at_us - first_us, "right") - all_before[jobs.nodes]
    found: Counts = held[jobs.nodes] + jobs.turns - ended
    return found


def _left(service: Service, backlog: Backlog, jobs: _Jobs, ends_us: Times, now_us: int) -> Backlog:
    free_us = backlog.free_us.copy()
    np.maximum.at(free_us, (jobs.nodes, jobs.turns % service.workers), ends_us)
    # The lane of a node's next job comes first.
    lanes = (np.arange(service.workers) + jobs.counts[:, None]) % service.workers
    nodes, ends_us = np.concatenate([backlog.nodes, jobs.nodes]), np.concatenate([backlog.ends_us, ends_us])
    return Backlog.at(now_us, np.take_along_axis(free_us, lanes, axis=1), nodes, ends_us)
