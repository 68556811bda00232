"""Nodes' queues one snapshot after the other, for batches in which a node is full."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cameras.simulation.arrivals import Batch
from cameras.simulation.flow import Backlog, Served, Service
from cameras.simulation.placements import Nodes, Photos, Placement

RANKED_AT_ONCE = 64


@dataclass(slots=True)
class Overflow:
    """Snapshots whose first node was full. second, further: taken by the second node in rank, by one after it."""

    second: int = 0
    further: int = 0
    refused: int = 0

    def count(self, rank: int | None) -> None:
        """rank: of the node that took a snapshot, from 0; None if none took it."""
        if rank is None:
            self.refused += 1
        elif rank > 1:
            self.further += 1
        elif rank == 1:
            self.second += 1


def serve_one_by_one(
    service: Service, backlog: Backlog, batch: Batch, firsts: Nodes, placement: Placement, overflow: Overflow
) -> Served:
    """As `flow.serve`, and as intake does: what one node has no room for is offered to the next in rank.

    firsts: the node of first rank for each snapshot. overflow: what goes elsewhere is counted there.
    """
    queues, ranks = _Queues(service, backlog), _Ranks(placement, batch.photos)
    times_us: list[int] = batch.times_us.tolist()
    for nth, (now_us, first) in enumerate(zip(times_us, firsts.tolist(), strict=True)):
        if not queues.offer(now_us, first):
            overflow.count(queues.offer_in_turn(now_us, ranks.of(nth)))
    return queues.served(times_us[-1])


class _Queues:
    """The nodes as they are at one moment after the other."""

    def __init__(self, service: Service, backlog: Backlog) -> None:
        self._took_us: list[int] = service.took_us.tolist()
        self._limit_jobs = service.limit_jobs
        self._free_us = [deque(row, maxlen=service.workers) for row in backlog.free_us.tolist()]
        self._ends_us: list[deque[int]] = [deque() for _ in self._took_us]
        for node, end_us in zip(backlog.nodes.tolist(), backlog.ends_us.tolist(), strict=True):
            self._ends_us[node].append(end_us)
        self._most_jobs = [0] * service.nodes
        self._longest_wait_us = 0

    def offer(self, now_us: int, node: int) -> bool:
        """Whether the node takes the job."""
        ends_us = self._ends_us[node]
        while ends_us and ends_us[0] <= now_us:
            ends_us.popleft()
        if len(ends_us) >= self._limit_jobs:
            return False
        free_us = self._free_us[node]
        start_us = max(now_us, free_us[0])
        free_us.append(start_us + self._took_us[node])
        ends_us.append(free_us[-1])
        self._most_jobs[node] = max(self._most_jobs[node], len(ends_us))
        self._longest_wait_us = max(self._longest_wait_us, start_us - now_us)
        return True

    def offer_in_turn(self, now_us: int, nodes: Iterable[int]) -> int | None:
        """The rank of the node that takes the job; None if all are full."""
        return next((rank for rank, node in enumerate(nodes) if self.offer(now_us, node)), None)

    def served(self, now_us: int) -> Served:
        nodes = np.repeat(np.arange(len(self._ends_us)), [len(ends_us) for ends_us in self._ends_us])
        ends_us = np.array([end_us for of_node in self._ends_us for end_us in of_node], np.int64)
        backlog = Backlog.at(now_us, np.array(self._free_us, np.int64), nodes, ends_us)
        return Served(backlog, np.array(self._most_jobs, np.int64), self._longest_wait_us)


class _Ranks:
    """All nodes in rank for single photos, worked out for some photos at once when the first of these is asked for."""

    def __init__(self, placement: Placement, photos: Photos) -> None:
        self._placement = placement
        self._photos = photos
        self._block = -1
        self._order: list[list[int]] = []

    def of(self, nth: int) -> list[int]:
        block, row = divmod(nth, RANKED_AT_ONCE)
        if block != self._block:
            start = block * RANKED_AT_ONCE
            self._order = self._placement.order(self._photos[start : start + RANKED_AT_ONCE]).tolist()
            self._block = block
        return self._order[row]
