"""A worker on a real node: it answers everyone who waits, each once."""

import logging
from collections.abc import Sequence

import pytest
import redis

from recognition.engine import Answer, Face, Request
from recognition.node import keys, messages
from recognition.node.admission import Limits
from recognition.node.client import NodeClient, Reply
from recognition.node.connections import Redis, connect
from recognition.node.heartbeat import living_workers
from recognition.node.messages import Job, Purpose, decode_ending, decode_job, encode
from recognition.node.scripts import STILL_WAITING
from recognition.node.trouble import Trouble
from recognition.node.worker import MOST_DELIVERIES, Worker
from tests.mall import eventually, in_thread
from tests.recognizers import RECIPE, StubRecognizer, embedding_of

DIGEST = "ab" * 32
TTL_S = 60
LATER_MS = 2**40
LIMITS = Limits(10, 10**9)


@pytest.fixture
def node(node_urls: list[str]) -> Redis:
    return connect(node_urls[0])


async def offer(
    node_urls: list[str], snapshot: str, photo: bytes = b"photo", digest: str = DIGEST, time_left_ms: int = LATER_MS
) -> Reply:
    client = NodeClient(node_urls[0], 1.0)
    offered = await client.offer(snapshot, Job(digest, RECIPE, Purpose.CAMERA, TTL_S, time_left_ms), photo, LIMITS)
    await client.close()
    return offered.reply


def work(node: Redis, recognizer: StubRecognizer | None = None, **options: int) -> int:
    worker = Worker(node, recognizer or StubRecognizer(), "worker", **options)
    worker.make_group()
    worker.beat()
    return worker.work_once()


def results(node: Redis) -> list[dict[bytes, bytes]]:
    return [fields for _, fields in node.xrange(keys.ONLY.results)]


async def test_an_answer_is_stored_with_a_time_to_live(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node)
    assert 0 < node.ttl(keys.ONLY.image(RECIPE, DIGEST)) <= TTL_S


async def test_each_that_joined_has_a_result(node: Redis, node_urls: list[str]) -> None:
    replies = [await offer(node_urls, snapshot) for snapshot in ("s1", "s2", "s3")]
    work(node)
    assert replies == [Reply.QUEUED, Reply.JOINED, Reply.JOINED]
    assert {(one[b"snapshot"], one[b"way"]) for one in results(node)} == {
        (b"s1", b"miss"),
        (b"s2", b"join"),
        (b"s3", b"join"),
    }


async def test_offering_a_snapshot_twice_gives_one_result(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    await offer(node_urls, "s1")
    work(node)
    assert len(results(node)) == 1


async def test_nothing_of_a_job_is_left(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node)
    assert node.xlen(keys.ONLY.jobs) == 0
    assert node.xpending(keys.ONLY.jobs, keys.WORKER_GROUP)["pending"] == 0
    assert not node.exists(keys.ONLY.work(RECIPE, DIGEST))


async def test_the_answer_says_what_the_recognizer_said(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node)
    answer = decode_ending(results(node)[0][b"ending"])
    assert isinstance(answer, messages.Recognition)
    assert answer.faces[0].embedding == embedding_of(b"photo").tobytes()
    assert answer.faces[0].box == (10, 8, 20, 20)


async def test_a_known_answer_is_a_hit(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node)
    assert await offer(node_urls, "s2") is Reply.HIT


async def test_an_unreadable_photo_is_an_answer_too(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node, StubRecognizer(faces_of=lambda _: None))
    assert decode_ending(results(node)[0][b"ending"]) == messages.Unreadable("made so by a test")
    assert await offer(node_urls, "s2") is Reply.HIT


class Broken(StubRecognizer):
    """Fails on one photo, and so on every batch that holds it."""

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        if b"bad" in [request.photo for request in requests]:
            raise MemoryError
        return super().recognise(requests)


async def test_a_photo_on_which_recognition_fails_does_not_spoil_its_batch(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1", b"good", "aa" * 32)
    await offer(node_urls, "s2", b"bad", "bb" * 32)
    assert work(node, Broken()) == 2
    assert {one[b"snapshot"] for one in results(node)} == {b"s1"}
    assert node.xlen(keys.ONLY.jobs) == 1


async def test_recognition_that_fails_is_tried_three_times_in_all(node: Redis, node_urls: list[str]) -> None:
    for snapshot in ("s1", "s2"):
        await offer(node_urls, snapshot, b"bad")
    for tries in (1, 2, 3):
        assert (tries, results(node)) == (tries, [])
        assert work(node, Broken()) == 1
    failure = messages.Failure("recognition failed 3 times: MemoryError")
    assert [(one[b"snapshot"], decode_ending(one[b"ending"])) for one in results(node)] == [
        (b"s1", failure),
        (b"s2", failure),
    ]
    assert not node.exists(keys.ONLY.image(RECIPE, DIGEST))


async def test_a_job_that_is_given_up_becomes_a_dead_letter(node: Redis, node_urls: list[str]) -> None:
    for snapshot in ("s1", "s2"):
        await offer(node_urls, snapshot, b"bad")
    for _ in range(3):
        work(node, Broken())
    ((_, letter),) = node.xrange(keys.ONLY.dead)
    assert decode_job(letter[b"job"]).digest == DIGEST
    assert (letter[b"photo"], letter[b"deliveries"], letter[b"worker"]) == (b"bad", b"3", b"worker")
    assert letter[b"reason"] == b"recognition failed 3 times: MemoryError"
    assert set(letter[b"snapshots"].split(b",")) == {b"s1", b"s2"}
    assert node.ttl(keys.ONLY.dead) == -1
    assert node.xlen(keys.ONLY.jobs) == node.xpending(keys.ONLY.jobs, keys.WORKER_GROUP)["pending"] == 0


async def test_a_recipe_that_is_not_served_fails(node: Redis, node_urls: list[str]) -> None:
    client = NodeClient(node_urls[0], 1.0)
    await client.offer("s1", Job(DIGEST, "reference.0.fp32", Purpose.CAMERA, TTL_S, LATER_MS), b"photo", LIMITS)
    await client.close()
    work(node)
    assert isinstance(decode_ending(results(node)[0][b"ending"]), messages.Failure)


@pytest.mark.parametrize("fields", [{"job": b"\xc1garbage", "photo": b"x"}, {"photo": b"x"}, {"job": b"\x90"}])
def test_garbage_in_the_job_stream_is_dropped(node: Redis, fields: dict[str, bytes]) -> None:
    node.xadd(keys.ONLY.jobs, fields)
    work(node)
    assert node.xlen(keys.ONLY.jobs) == 0
    assert node.xpending(keys.ONLY.jobs, keys.WORKER_GROUP)["pending"] == 0


async def test_more_jobs_than_the_queue_takes_are_refused(node: Redis, node_urls: list[str]) -> None:
    replies = [await offer(node_urls, f"s{number}", digest=f"{number:064x}") for number in range(11)]
    assert replies == [Reply.QUEUED] * 10 + [Reply.FULL]


def taken_by_another(node: Redis) -> None:
    """As if a worker had taken the job and died."""
    Worker(node, StubRecognizer(), "dead").make_group()
    node.xreadgroup(keys.WORKER_GROUP, "dead", {keys.ONLY.jobs: ">"})


async def test_what_a_dead_worker_left_is_taken_over(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken_by_another(node)
    work(node, take_over_idle_ms=0)
    assert [one[b"snapshot"] for one in results(node)] == [b"s1"]


async def test_what_a_living_worker_holds_is_left_alone(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken_by_another(node)
    work(node)
    assert results(node) == []


async def test_a_job_ended_by_two_workers_has_one_result(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken_by_another(node)
    slow = Worker(node, StubRecognizer(), "slow", take_over_idle_ms=0)

    def ended_meanwhile(_photo: bytes) -> list[Face]:
        slow.work_once()
        return []

    work(node, StubRecognizer(faces_of=ended_meanwhile), take_over_idle_ms=0)
    assert len(results(node)) == 1


async def test_a_job_that_ends_its_workers_fails_in_the_end(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken_by_another(node)
    entry = node.xrange(keys.ONLY.jobs)[0][0]
    for _ in range(MOST_DELIVERIES - 1):
        node.xclaim(keys.ONLY.jobs, keys.WORKER_GROUP, "dead", 0, [entry])
    recognizer = StubRecognizer()
    work(node, recognizer, take_over_idle_ms=0)
    assert recognizer.recognised == []
    assert decode_ending(results(node)[0][b"ending"]) == messages.Failure("3 workers died of it")


class Killed(BaseException):
    """Stands for the end of the worker's process."""


class Deadly(StubRecognizer):
    """Ends its worker on one photo."""

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        if b"bad" in [request.photo for request in requests]:
            raise Killed
        return super().recognise(requests)


async def test_a_job_that_ends_its_workers_does_not_take_its_neighbours_along(
    node: Redis, node_urls: list[str]
) -> None:
    await offer(node_urls, "s1", b"bad", "aa" * 32)
    await offer(node_urls, "s2", b"good", "bb" * 32)
    Worker(node, StubRecognizer(), "dead").make_group()
    node.xreadgroup(keys.WORKER_GROUP, "dead", {keys.ONLY.jobs: ">"}, count=2)
    for _ in range(MOST_DELIVERIES - 1):
        with pytest.raises(Killed):
            work(node, Deadly(), take_over_idle_ms=0)
    last = Worker(node, Deadly(), "last", take_over_idle_ms=0)
    last.work_once()
    last.work_once()
    endings = {one[b"snapshot"]: type(decode_ending(one[b"ending"])) for one in results(node)}
    assert endings == {b"s1": messages.Failure, b"s2": messages.Recognition}
    assert [letter[b"photo"] for _, letter in node.xrange(keys.ONLY.dead)] == [b"bad"]
    # Whoever sends the same bytes again is told at once, and no more workers die.
    assert await offer(node_urls, "s3", b"bad", "aa" * 32) is Reply.HIT


def test_what_a_dead_worker_left_is_found_behind_much_that_the_living_hold(node: Redis) -> None:
    for _ in range(30):
        node.xadd(
            keys.ONLY.jobs, {"job": encode(Job(DIGEST, RECIPE, Purpose.CAMERA, TTL_S, LATER_MS)), "photo": b"photo"}
        )
    taken_by_another(node)
    left = node.xrevrange(keys.ONLY.jobs, count=1)[0][0]
    node.xclaim(keys.ONLY.jobs, keys.WORKER_GROUP, "dead", 0, [left], idle=60_000, justid=True)
    worker = Worker(node, StubRecognizer(), "worker", take_over_idle_ms=30_000)
    assert sum(worker.work_once() for _ in range(5)) == 1


async def test_a_job_past_its_deadline_expires_unseen(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1", time_left_ms=-2)
    recognizer = StubRecognizer()
    work(node, recognizer)
    assert recognizer.recognised == []
    assert [decode_ending(one[b"ending"]) for one in results(node)] == [messages.Expiry()]


async def test_a_job_that_a_later_snapshot_has_joined_is_still_in_time(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1", time_left_ms=-2)
    await offer(node_urls, "s2", time_left_ms=LATER_MS)
    await offer(node_urls, "s3", time_left_ms=-1)
    work(node)
    assert {type(decode_ending(one[b"ending"])) for one in results(node)} == {messages.Recognition}


def test_a_dropped_job_is_counted(node: Redis) -> None:
    node.xadd(keys.ONLY.jobs, {"job": b"\xc1garbage", "photo": b"x"})
    worker = Worker(node, StubRecognizer(), "worker")
    with in_thread(worker.run, worker.stop):
        eventually(lambda: [beat for beat in living_workers(node) if beat.refused == 1])


def still_waits(node: Redis, snapshot: str) -> bool:
    waits = node.register_script(STILL_WAITING)
    return bool(waits(keys=[keys.ONLY.work(RECIPE, DIGEST), keys.ONLY.jobs, keys.ONLY.load], args=[snapshot]))


async def test_a_snapshot_waits_while_its_job_does(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    assert still_waits(node, "s1")
    assert not still_waits(node, "s2")


async def test_what_waits_for_a_job_that_was_dropped_waits_no_more(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    await offer(node_urls, "s2", digest="cd" * 32)
    node.xdel(keys.ONLY.jobs, node.xrange(keys.ONLY.jobs)[0][0])
    assert not still_waits(node, "s1")
    assert not node.exists(keys.ONLY.work(RECIPE, DIGEST))


async def test_an_error_of_the_node_does_not_end_a_worker(
    node: Redis, node_urls: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    node.set(keys.ONLY.jobs, "no stream")
    worker = Worker(node, StubRecognizer(), "worker")
    with in_thread(worker.run, worker.stop):
        eventually(lambda: "does not answer" in caplog.text)
        node.delete(keys.ONLY.jobs)
        await offer(node_urls, "s1")
        eventually(lambda: results(node))


def test_trouble_is_said_once_and_without_the_servers_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trouble = Trouble("the node", logging.getLogger("test"))
    for error in (None, redis.ConnectionError("hunter2"), redis.ConnectionError("hunter2"), None, None):
        trouble.note(error)
    assert caplog.messages == ["the node does not answer, trying again: ConnectionError", "the node answers again"]
