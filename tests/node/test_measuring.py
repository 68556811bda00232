"""What a worker says of its own work in its heartbeats."""

import time
import tomllib
from pathlib import Path

import pytest

from recognition.node import heartbeat, keys
from recognition.node.admission import Limits
from recognition.node.client import NodeClient
from recognition.node.connections import Redis, connect
from recognition.node.heartbeat import WorkerBeat, living_workers
from recognition.node.histogram import percentile
from recognition.node.measuring import Measures
from recognition.node.messages import Job, Purpose
from recognition.node.queue import JobQueue
from recognition.node.version import VERSION
from recognition.node.worker import Worker
from tests.beats import beat_as, beat_as_worker
from tests.mall import eventually, in_thread
from tests.recognizers import RECIPE, StubRecognizer

TAKES_MS = 30.0
WAITED_MS = 400.0


@pytest.fixture(autouse=True)
def _frequent_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_EVERY_S", 0.05)


@pytest.fixture
def node(node_urls: list[str]) -> Redis:
    return connect(node_urls[0])


async def offer(node_urls: list[str], *photos: bytes) -> None:
    client = NodeClient(node_urls[0], 1.0)
    for photo in photos:
        job = Job((photo * 64).hex()[:64], RECIPE, Purpose.CAMERA, 60, 2**40)
        await client.offer(photo.decode(), job, photo, Limits(100, 10**9))
    await client.close()


def beat_after(node: Redis, photos: int, recognizer: StubRecognizer) -> WorkerBeat:
    """What a worker says once it has recognised so many."""
    worker = Worker(node, recognizer, "worker")
    with in_thread(worker.run, worker.stop):
        found: list[WorkerBeat] = eventually(lambda: [beat for beat in living_workers(node) if beat.photos == photos])
    return found[0]


async def test_each_photo_recognised_counts_with_its_share_of_the_batch(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, b"a", b"b", b"c")
    beat = beat_after(node, 3, StubRecognizer(takes_s=TAKES_MS / 1000))
    assert sum(beat.takes) == 3
    median_ms = percentile(beat.takes, 50)
    assert median_ms is not None
    assert median_ms > TAKES_MS * 0.8


def test_the_wait_is_told_by_the_nodes_clock(node: Redis) -> None:
    queue = JobQueue(node, keys.ONLY, "worker", 1000)
    node_s, node_us = node.time()
    queue.clock.set(node_s * 1000 + node_us // 1000, time.monotonic())
    waited_ms = queue.waited_ms(b"%d-0" % (node_s * 1000 + node_us // 1000 - WAITED_MS))
    assert waited_ms is not None
    assert waited_ms >= WAITED_MS - 1


def test_before_the_first_beat_no_wait_is_known(node: Redis) -> None:
    measures = Measures()
    measures.waited(JobQueue(node, keys.ONLY, "worker", 1000).waited_ms(b"1-0"))
    assert sum(measures.waits.counts()) == 0


async def test_jobs_that_are_taken_have_waited(node: Redis, node_urls: list[str]) -> None:
    worker = Worker(node, StubRecognizer(), "worker")
    with in_thread(worker.run, worker.stop):
        eventually(lambda: living_workers(node))
        await offer(node_urls, b"a", b"b")
        eventually(lambda: [beat for beat in living_workers(node) if sum(beat.waits) == 2])


async def test_work_counts_as_busy_time_and_waiting_does_not(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, b"a")
    beat = beat_after(node, 1, StubRecognizer(takes_s=0.2))
    assert 200_000 <= beat.busy_us < beat.alive_us


def test_work_in_hand_counts_before_it_is_done() -> None:
    measures = Measures()
    with measures.at_work():
        _, first_us = measures.alive_and_busy_us()
        eventually(lambda: measures.alive_and_busy_us()[1] > first_us)


async def test_a_worker_says_which_version_it_is_of(node: Redis) -> None:
    assert beat_after(node, 0, StubRecognizer()).version == VERSION


def test_that_version_is_the_products() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


async def test_nothing_but_answers_has_a_time_to_live(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, b"a")
    beat_after(node, 1, StubRecognizer())
    await offer(node_urls, b"b")
    keys_there = node.keys()
    assert {key for key in keys_there if node.ttl(key) != -1} == set(node.keys("image:*"))


def test_a_worker_that_has_been_silent_is_not_living(node: Redis) -> None:
    beat_as_worker(node, name="silent")
    node.zincrby(keys.ONLY.workers, -10_000, "silent")
    assert living_workers(node) == []


def test_the_next_beat_of_another_forgets_the_silent_one(node: Redis) -> None:
    for name in ("silent", "other"):
        beat_as_worker(node, name=name)
    node.zincrby(keys.ONLY.workers, -10_000, "silent")
    beat_as_worker(node, name="other")
    assert node.hkeys(keys.ONLY.beats) == node.zrange(keys.ONLY.workers, 0, -1) == [b"other"]


def test_a_beat_of_before_the_clock_was_set_back_is_not_believed(node: Redis) -> None:
    beat_as_worker(node, name="dead")
    node.zincrby(keys.ONLY.workers, 3_600_000, "dead")
    assert living_workers(node) == []
    beat_as_worker(node, name="other")
    assert node.hkeys(keys.ONLY.beats) == [b"other"]


def test_a_beat_without_the_newer_fields_is_understood(node: Redis) -> None:
    beat_as(node, "old", b"\x96\xa3old\xa4stub\xa5space\x90\x00\x07")
    (beat,) = living_workers(node)
    assert (beat.photos, beat.version, beat.waits) == (7, "", [])


def test_workers_are_seen_while_the_nodes_writes_are_paused(node: Redis) -> None:
    beat_as_worker(node)
    node.execute_command("CLIENT", "PAUSE", 20_000, "WRITE")
    try:
        assert len(living_workers(node)) == 1
    finally:
        node.execute_command("CLIENT", "UNPAUSE")
