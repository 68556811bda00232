"""How a worker comes by its jobs where its node has several queues."""

import threading
from collections.abc import Sequence

import pytest
import redis

from recognition.node import queue
from recognition.node.keys import CLUSTER_SHARDS, Shard
from recognition.node.queue import Entry, JobQueue
from recognition.node.taking import ManyQueues, Taken
from tests.mall import eventually


class StubQueue(JobQueue):
    """Gives what it was given, as a server would; each giving may raise instead."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self.left: list[Entry] = []
        self.lost: list[Entry] = []
        self.errors: list[Exception] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def abandoned(self) -> list[Entry]:
        if self.errors:
            raise self.errors.pop()
        return [self.lost.pop()] if self.lost else []

    def waiting(self, count: int) -> list[Entry]:
        self.may_go_on.wait(queue.BLOCK_MS / 1000)
        taken, self.left = self.left[:count], self.left[count:]
        threading.Event().wait(0.001)
        return taken


def entry(number: int) -> Entry:
    return b"%d-0" % number, {}


@pytest.fixture
def queues() -> list[StubQueue]:
    return [StubQueue(shard) for shard in list(CLUSTER_SHARDS)[:3]]


def take_all(source: ManyQueues, count: int, of: int) -> list[Sequence[Taken]]:
    """Batches until `of` jobs were taken."""
    batches: list[Sequence[Taken]] = []

    def done() -> bool:
        if batch := source.take(count):
            batches.append(batch)
        return sum(map(len, batches)) >= of

    eventually(done)
    return batches


def test_jobs_of_all_queues_are_taken_once_each_and_in_batches(queues: list[StubQueue]) -> None:
    for number in range(30):
        queues[number % 3].left.append(entry(number))
    source = ManyQueues(queues)
    source.start()
    batches = take_all(source, 4, 30)
    source.stop()
    assert sorted(int(one.entry[0][:-2]) for batch in batches for one in batch) == list(range(30))
    assert max(map(len, batches)) <= 4


def test_a_job_that_is_taken_over_comes_alone(queues: list[StubQueue]) -> None:
    for one in queues:
        one.left = [entry(number) for number in range(5)]
        one.lost = [entry(99)]
    source = ManyQueues(queues)
    source.start()
    batches = take_all(source, 8, 18)
    source.stop()
    assert sorted(len(batch) for batch in batches if any(one.again for one in batch)) == [1, 1, 1]


def test_a_queue_whose_server_fails_keeps_nobody_from_the_others(queues: list[StubQueue]) -> None:
    queues[0].errors = [redis.ConnectionError()] * 100
    for one in queues[1:]:
        one.left = [entry(number) for number in range(5)]
    source = ManyQueues(queues)
    source.start()
    batches = take_all(source, 8, 10)
    source.stop()
    assert sum(map(len, batches)) == 10


def test_a_worker_that_is_busy_has_at_most_one_job_of_each_queue_lying_ready(queues: list[StubQueue]) -> None:
    queues[0].left = [entry(1)]
    for one in queues[1:]:
        one.may_go_on.clear()
    source = ManyQueues(queues)
    source.start()
    take_all(source, 8, 1)
    for one in queues:
        one.left = [entry(number) for number in range(5)]
        one.may_go_on.set()
    eventually(lambda: [len(one.left) for one in queues] == [5, 4, 4])
    source.stop()
    assert [len(one.left) for one in queues] == [5, 4, 4]


def test_what_breaks_a_reader_ends_the_worker(queues: list[StubQueue]) -> None:
    queues[0].errors = [RuntimeError("broken")]
    source = ManyQueues(queues)
    source.start()
    with pytest.raises(RuntimeError, match="broken"):
        take_all(source, 8, 1)
    source.stop()
