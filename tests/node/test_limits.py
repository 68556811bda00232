"""How much may wait on a node, who is refused first, and what a node forgets when its memory is full."""

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

import pytest
import redis

from recognition.engine import Answer, Request
from recognition.node import keys, queue
from recognition.node.admission import Limits
from recognition.node.client import Reply, offer_arguments, read_reply
from recognition.node.connections import Redis, connect
from recognition.node.dead_letters import MOST_LETTERS, MOST_PHOTO_BYTES, DeadLetters
from recognition.node.messages import Job, Purpose
from recognition.node.scripts import OFFER
from recognition.node.worker import Worker
from tests.environment import FOLDER
from tests.letters import dead_letter
from tests.processes import kill
from tests.recognizers import RECIPE, StubRecognizer
from tests.servers import start_server

PLENTY = Limits(10_000, 10**9)
MEGABYTE = 1_000_000


@pytest.fixture(autouse=True)
def _taken_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "TAKE_OVER_EVERY_S", 0.0)


@pytest.fixture
def node(node_urls: list[str]) -> Redis:
    return connect(node_urls[0])


def offer(node: Redis, number: int, photo: bytes, limits: Limits = PLENTY, snapshot: str = "") -> Reply:
    job = Job(f"{number:064x}", RECIPE, Purpose.CAMERA, 600, 60_000)
    arguments = offer_arguments(keys.ONE_SHARD, snapshot or f"s{number}", job, photo, limits)
    return read_reply(node.register_script(OFFER)(**arguments)).reply


def worker(node: Redis) -> Worker:
    worker = Worker(node, StubRecognizer(photos_per_batch=3), "worker")
    worker.make_group()
    return worker


def waiting_bytes(node: Redis) -> int:
    return sum(len(fields[b"photo"]) for _, fields in node.xrange(keys.ONLY.jobs))


def test_more_bytes_than_allowed_are_refused_and_fewer_are_not(node: Redis) -> None:
    limits = Limits(100, 1000)
    assert offer(node, 1, b"x" * 600, limits) is Reply.QUEUED
    assert offer(node, 2, b"x" * 401, limits) is Reply.FULL
    assert offer(node, 3, b"x" * 400, limits) is Reply.QUEUED


def test_one_photo_alone_is_never_too_large(node: Redis) -> None:
    assert offer(node, 1, b"x" * 2000, Limits(100, 1000)) is Reply.QUEUED


def test_who_joins_is_never_refused(node: Redis) -> None:
    limits = Limits(1, 10)
    assert offer(node, 1, b"x" * 10, limits) is Reply.QUEUED
    assert offer(node, 1, b"x" * 10, limits, "another") is Reply.JOINED


def test_who_joins_moves_the_job_no_further_ahead_whatever_the_priority(node: Redis) -> None:
    limits = Limits(10, 10**9)
    for number in (1, 2, 3):
        offer(node, number, b"%d" % number, limits.of_priority(0))
    assert offer(node, 3, b"3", limits.of_priority(9), "important") is Reply.JOINED
    one = Worker(node, recognizer := StubRecognizer(photos_per_batch=1), "worker")
    one.make_group()
    for _ in range(3):
        one.work_once()
    assert recognizer.recognised == [b"1", b"2", b"3"]


def test_a_low_priority_joins_where_it_would_be_refused(node: Redis) -> None:
    limits = Limits(2, 10**9)
    assert offer(node, 1, b"x", limits.of_priority(9)) is Reply.QUEUED
    assert offer(node, 2, b"x", limits.of_priority(0)) is Reply.FULL
    assert offer(node, 1, b"x", limits.of_priority(0), "unimportant") is Reply.JOINED


def test_a_low_priority_is_refused_first(node: Redis) -> None:
    limits = Limits(10, 10**9)
    for number in range(5):
        assert offer(node, number, b"x", limits.of_priority(0)) is Reply.QUEUED
    assert offer(node, 50, b"x", limits.of_priority(0)) is Reply.FULL
    for number in range(5, 10):
        assert offer(node, number, b"x", limits.of_priority(9)) is Reply.QUEUED
    assert offer(node, 51, b"x", limits.of_priority(9)) is Reply.FULL


def test_each_priority_may_use_more_than_the_one_below() -> None:
    shares = [Limits(90, 9000).of_priority(priority) for priority in range(10)]
    assert [limits.jobs for limits in shares] == list(range(45, 91, 5))
    assert shares[9] == Limits(90, 9000)


@pytest.mark.parametrize("seed", range(4))
def test_the_bytes_are_those_of_the_photos_that_wait_whatever_is_done(node: Redis, seed: int) -> None:
    chance = random.Random(seed)
    one = worker(node)
    for number in range(60):
        if chance.random() < 0.3:
            one.work_once()
        else:
            offer(node, chance.randrange(number + 1), b"x" * chance.randrange(1, 500), Limits(8, 2000))
        assert int(node.get(keys.ONLY.load) or 0) == waiting_bytes(node)


def test_what_was_miscounted_ends_when_the_queue_is_empty(node: Redis) -> None:
    node.set(keys.ONLY.load, 10**6)
    offer(node, 1, b"x" * 7, Limits(100, 1000))
    assert int(node.get(keys.ONLY.load)) == 7


@pytest.fixture
def small_node() -> Iterator[Redis]:
    """A node of its own that forgets answers when its memory is full, as all nodes do."""
    folder = Path(mkdtemp(dir=FOLDER))
    server = start_server(folder / "node.sock", "--maxmemory-policy", "volatile-lru")
    yield connect(f"unix://{folder / 'node.sock'}")
    kill(server)


def fill(node: Redis) -> None:
    """Until the server takes no more: first every answer goes, then writes are refused."""
    used = node.info("memory")["used_memory"]
    node.config_set("maxmemory", used + 3 * MEGABYTE)
    for number in range(1000, 1200):
        try:
            offer(node, number, b"x" * 100_000)
        except redis.ResponseError:
            return
    pytest.fail("the node was never full")


def test_a_full_node_forgets_answers_and_nothing_else(small_node: Redis) -> None:
    one = worker(small_node)
    for number in range(20):
        offer(small_node, number, b"y" * 1000)
        one.work_once()
    one.beat()
    for snapshot in ("first", "second", "third"):
        offer(small_node, 500, b"z" * 1000, snapshot=snapshot)
    answers = list(small_node.scan_iter("image:*"))
    kept = {key for key in small_node.scan_iter("*") if not key.startswith(b"image:")}
    results = small_node.xlen(keys.ONLY.results)
    fill(small_node)
    assert len(answers) == 20
    assert not list(small_node.scan_iter("image:*"))
    assert kept <= set(small_node.scan_iter("*"))
    assert small_node.xlen(keys.ONLY.results) == results
    assert set(small_node.hgetall(keys.ONLY.work(RECIPE, f"{500:064x}"))) >= {b"first", b"second", b"third"}


def test_a_full_node_works_its_jobs_off_and_everybody_who_joined_has_a_result(small_node: Redis) -> None:
    one = worker(small_node)
    for snapshot in ("first", "second", "third"):
        offer(small_node, 500, b"z" * 1000, snapshot=snapshot)
    fill(small_node)
    while small_node.xlen(keys.ONLY.jobs):
        one.work_once()
    told = [fields[b"snapshot"] for _, fields in small_node.xrange(keys.ONLY.results)]
    assert {b"first", b"second", b"third"} <= set(told)
    assert len(told) == len(set(told))
    assert int(small_node.get(keys.ONLY.load)) == 0


def test_an_offer_that_a_full_node_refuses_leaves_nothing_behind(small_node: Redis) -> None:
    worker(small_node)
    fill(small_node)
    jobs, load = small_node.xlen(keys.ONLY.jobs), small_node.get(keys.ONLY.load)
    with pytest.raises(redis.ResponseError):
        offer(small_node, 5000, b"x" * 100_000)
    assert (small_node.xlen(keys.ONLY.jobs), small_node.get(keys.ONLY.load)) == (jobs, load)
    assert not small_node.exists(keys.ONLY.work(RECIPE, f"{5000:064x}"))


numbers = itertools.count(1000)


class Failing(StubRecognizer):
    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        raise MemoryError


def give_up(node: Redis, photo: bytes) -> None:
    """Leaves a dead letter of this photo."""
    one = Worker(node, Failing(), "failing", take_over_idle_ms=0)
    one.make_group()
    offer(node, next(numbers), photo)
    while node.xlen(keys.ONLY.jobs):
        one.work_once()


def dead_photos(node: Redis) -> list[int]:
    return [len(fields[b"photo"]) for _, fields in node.xrange(keys.ONLY.dead)]


def test_dead_letters_are_bounded_in_bytes_and_the_newest_is_kept(node: Redis) -> None:
    for size in (MOST_PHOTO_BYTES // 2, 10, MOST_PHOTO_BYTES // 2):
        give_up(node, b"x" * size)
    assert dead_photos(node) == [10, MOST_PHOTO_BYTES // 2]
    give_up(node, b"x" * (MOST_PHOTO_BYTES + 1))
    assert dead_photos(node) == [MOST_PHOTO_BYTES + 1]


def test_dead_letters_are_bounded_in_number(node: Redis) -> None:
    for number in range(MOST_LETTERS):
        node.xadd(keys.ONLY.dead, {"photo": str(number)})
    give_up(node, b"newest")
    photos = [fields[b"photo"] for _, fields in node.xrange(keys.ONLY.dead)]
    assert (len(photos), photos[0], photos[-1]) == (MOST_LETTERS, b"1", b"newest")


def test_a_full_node_gives_a_job_up_as_well(small_node: Redis) -> None:
    one = Worker(small_node, Failing(), "failing", take_over_idle_ms=0)
    one.make_group()
    for snapshot in ("first", "second"):
        offer(small_node, 500, b"z" * 1000, snapshot=snapshot)
    fill(small_node)
    while b"second" not in {fields[b"snapshot"] for _, fields in small_node.xrange(keys.ONLY.results)}:
        one.work_once()
    assert b"z" * 1000 in {fields[b"photo"] for _, fields in small_node.xrange(keys.ONLY.dead)}


def test_on_a_full_node_a_dead_letter_is_narrowed_all_the_same(small_node: Redis) -> None:
    letter = dead_letter(small_node, b"photo", ("a", "b"))
    fill(small_node)
    small_node.config_set("maxmemory", MEGABYTE)
    letters = DeadLetters(small_node)
    assert letters.narrow(letter, ["b"])
    assert [found.snapshots for found in letters.all()] == [("b",)]
