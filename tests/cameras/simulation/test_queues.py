"""Queues of nodes against a model that does one thing after the other."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cameras.simulation.arrivals import Batch
from cameras.simulation.flow import Backlog, Service, serve
from cameras.simulation.overflow import Overflow
from cameras.simulation.placements import Modulo
from cameras.simulation.queues import Queues
from tests.cameras.simulation.plans import plan

NODES = 3
PLACEMENT = Modulo(plan(nodes=NODES).seats)

services = st.builds(
    Service,
    took_us=st.lists(st.integers(1, 60), min_size=NODES, max_size=NODES).map(np.array),
    workers=st.integers(1, 4),
    limit_jobs=st.integers(1, 12) | st.just(1000),
)
jobs = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2**64 - 1)), min_size=20, max_size=80).map(sorted)


@dataclass
class ModelNode:
    """A queue, and workers who each take the next job when they have ended one."""

    took_us: int
    free_us: list[int]
    ends_us: list[int]

    def jobs(self, now_us: int) -> int:
        return sum(end_us > now_us for end_us in self.ends_us)

    def take(self, now_us: int) -> int:
        start_us = max(now_us, heapq.heappop(self.free_us))
        heapq.heappush(self.free_us, start_us + self.took_us)
        self.ends_us.append(start_us + self.took_us)
        return start_us - now_us


@dataclass
class Model:
    most_jobs: list[int]
    longest_wait_us: int
    overflow: Overflow


def modelled(service: Service, jobs: Sequence[tuple[int, int]]) -> Model:
    nodes = [ModelNode(took_us, [0] * service.workers, []) for took_us in service.took_us.tolist()]
    model = Model([0] * NODES, 0, Overflow())
    for now_us, photo in jobs:
        order = [nodes[(photo + step) % NODES] for step in range(NODES)]
        rank = next((rank for rank, node in enumerate(order) if node.jobs(now_us) < service.limit_jobs), None)
        model.overflow.count(rank)
        if rank is not None:
            model.longest_wait_us = max(model.longest_wait_us, order[rank].take(now_us))
            number = (photo + rank) % NODES
            model.most_jobs[number] = max(model.most_jobs[number], nodes[number].jobs(now_us))
    return model


def batch(jobs: Sequence[tuple[int, int]]) -> Batch:
    times_us = np.array([time_us for time_us, _ in jobs], np.int64)
    return Batch(0, 1, times_us, np.array([photo for _, photo in jobs], np.uint64), 0)


def queued(service: Service, batches: Sequence[Batch]) -> Model:
    queues = Queues(service, PLACEMENT)
    for each in batches:
        queues.take(each, PLACEMENT.first(each.photos))
    return Model(queues.most_jobs.tolist(), queues.longest_wait_us, queues.overflow)


@given(services, jobs)
def test_queues_do_what_nodes_and_intake_do(service: Service, jobs: list[tuple[int, int]]) -> None:
    assert queued(service, [batch(jobs)]) == modelled(service, jobs)


@given(services, jobs, st.integers(1, 9))
def test_it_does_not_matter_where_one_batch_ends(service: Service, jobs: list[tuple[int, int]], size: int) -> None:
    parts = [batch(jobs[start : start + size]) for start in range(0, len(jobs), size)]
    assert queued(service, parts) == modelled(service, jobs)


def test_a_batch_may_be_empty() -> None:
    service = Service(np.array([10] * NODES), workers=1, limit_jobs=2)
    assert queued(service, [batch([]), batch([(0, 0)])]).most_jobs == [1, 0, 0]


def test_a_job_that_finds_its_node_full_is_not_for_the_quick_way() -> None:
    service = Service(np.array([10] * NODES), workers=1, limit_jobs=2)
    three = np.array([0, 1, 2]), np.array([0, 0, 0])
    assert serve(service, Backlog.none(service), *three) is None
    assert serve(service, Backlog.none(service), np.array([0, 1, 10]), np.array([0, 0, 0])) is not None


def test_what_one_node_has_no_room_for_goes_on_by_rank_and_is_refused_at_last() -> None:
    service = Service(np.array([100] * NODES), workers=1, limit_jobs=1)
    model = queued(service, [batch([(0, 0), (1, 0), (2, 0), (3, 0), (100, 0)])])
    assert model.overflow == Overflow(second=1, further=1, refused=1)


def test_a_burst_waits_as_long_as_those_before_it_take() -> None:
    service = Service(np.array([100] * NODES), workers=2, limit_jobs=9)
    model = queued(service, [batch([(0, 0)] * 5)])
    assert (model.most_jobs, model.longest_wait_us) == ([5, 0, 0], 200)
