"""A worker on a real node, asked whether a camera's scene has changed: "unchanged" is for that camera alone."""

from typing import Any

import pytest

from recognition.node import keys, messages
from recognition.node.admission import Limits
from recognition.node.client import NodeClient, Reply, offer_arguments
from recognition.node.connections import Redis, connect
from recognition.node.messages import Job, Purpose, SceneReference, decode_ending, encode
from recognition.node.scripts import FINISH, OFFER
from recognition.node.worker import Worker
from tests.recognizers import RECIPE, StubRecognizer, scene

DIGEST = "ab" * 32
TTL_S = 60
LATER_MS = 2**40
LIMITS = Limits(10, 10**9)
OLD = SceneReference("s0", 1000, scene("hall"))


@pytest.fixture
def node(node_urls: list[str]) -> Redis:
    return connect(node_urls[0])


async def offer(
    node_urls: list[str],
    snapshot: str,
    purpose: Purpose = Purpose.CAMERA,
    reference: SceneReference | None = OLD,
    digest: str = DIGEST,
) -> Reply:
    """Offers a photo of which the hub has said that it may show the scene of `reference`."""
    client = NodeClient(node_urls[0], 1.0)
    job = Job(digest, RECIPE, purpose, TTL_S, LATER_MS, reference)
    offered = await client.offer(snapshot, job, digest[:2].encode(), LIMITS)
    await client.close()
    return offered.reply


def work(node: Redis, recognizer: StubRecognizer) -> None:
    worker = Worker(node, recognizer, "worker")
    worker.make_group()
    worker.work_once()


def taken(node: Redis) -> None:
    """As if a worker had the job in hand."""
    Worker(node, StubRecognizer(), "slow").make_group()
    node.xreadgroup(keys.WORKER_GROUP, "slow", {keys.ONLY.jobs: ">"})


def results(node: Redis) -> list[dict[bytes, bytes]]:
    return [fields for _, fields in node.xrange(keys.ONLY.results)]


def still_hall(**options: Any) -> StubRecognizer:
    return StubRecognizer(scene_of=lambda _: scene("hall"), **options)


def ended_as_unchanged(node: Redis, ttl_s: int = 0) -> int:
    """What the script says to that about the job in hand."""
    ((entry_id, _),) = node.xrange(keys.ONLY.jobs)
    names = [
        keys.ONLY.image(RECIPE, DIGEST),
        keys.ONLY.work(RECIPE, DIGEST),
        keys.ONLY.jobs,
        keys.ONLY.results,
        keys.ONLY.load,
    ]
    asked = [keys.WORKER_GROUP, entry_id, DIGEST, encode(messages.Unchanged("s0")), ttl_s, 0, 1]
    return int(node.register_script(FINISH)(keys=names, args=asked))


async def test_an_unchanged_scene_is_answered_with_the_snapshot_it_repeats(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    recognizer = still_hall()
    work(node, recognizer)
    assert [decode_ending(one[b"ending"]) for one in results(node)] == [messages.Unchanged("s0")]
    assert recognizer.recognised == []
    assert node.xlen(keys.ONLY.jobs) == node.exists(keys.ONLY.work(RECIPE, DIGEST)) == 0


async def test_another_scene_is_recognised(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node, StubRecognizer(scene_of=lambda _: scene("yard")))
    answer = decode_ending(results(node)[0][b"ending"])
    assert isinstance(answer, messages.Recognition)
    assert answer.scene == scene("yard")


async def test_unchanged_is_never_stored(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    work(node, still_hall())
    assert not node.exists(keys.ONLY.image(RECIPE, DIGEST))
    assert await offer(node_urls, "s2", reference=None) is Reply.QUEUED


async def test_not_even_if_the_script_is_told_to_store_it(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken(node)
    assert ended_as_unchanged(node, ttl_s=60) == 1
    assert not node.exists(keys.ONLY.image(RECIPE, DIGEST))


@pytest.mark.parametrize("purpose", [Purpose.CAMERA, Purpose.IDENTIFY])
async def test_who_has_joined_is_answered_with_a_recognition(
    node: Redis, node_urls: list[str], purpose: Purpose
) -> None:
    await offer(node_urls, "s1")
    assert await offer(node_urls, "s2", purpose) is Reply.JOINED
    recognizer = still_hall()
    work(node, recognizer)
    assert {type(decode_ending(one[b"ending"])) for one in results(node)} == {messages.Recognition}
    assert len(results(node)) == 2
    assert recognizer.recognised == [b"ab"]
    assert node.exists(keys.ONLY.image(RECIPE, DIGEST))


async def test_who_joins_while_the_scene_is_compared_is_answered_with_a_recognition(
    node: Redis, node_urls: list[str]
) -> None:
    await offer(node_urls, "s1")
    offered = offer_arguments(
        keys.ONE_SHARD, "s2", Job(DIGEST, RECIPE, Purpose.IDENTIFY, TTL_S, LATER_MS), b"photo", LIMITS
    )

    def joined_meanwhile(_photo: bytes) -> bytes:
        node.register_script(OFFER)(**offered)
        return scene("hall")

    work(node, StubRecognizer(scene_of=joined_meanwhile))
    assert {type(decode_ending(one[b"ending"])) for one in results(node)} == {messages.Recognition}
    assert len(results(node)) == 2


async def test_a_job_that_somebody_has_joined_cannot_be_ended_as_unchanged(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken(node)
    await offer(node_urls, "s2")
    assert ended_as_unchanged(node) == -1
    assert results(node) == []
    assert node.xpending(keys.ONLY.jobs, keys.WORKER_GROUP)["pending"] == 1


async def test_nor_can_one_whose_work_has_become_anothers(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    taken(node)
    node.hset(keys.ONLY.work(RECIPE, DIGEST), "job", "9-9")
    assert ended_as_unchanged(node) == -1
    assert results(node) == []


async def test_those_of_a_batch_that_nobody_joined_stay_unchanged(node: Redis, node_urls: list[str]) -> None:
    await offer(node_urls, "s1")
    await offer(node_urls, "s2")
    await offer(node_urls, "s3", digest="cd" * 32)
    work(node, still_hall())
    endings = {one[b"snapshot"]: type(decode_ending(one[b"ending"])) for one in results(node)}
    assert endings == {b"s1": messages.Recognition, b"s2": messages.Recognition, b"s3": messages.Unchanged}
