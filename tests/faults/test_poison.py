"""A photo that kills its workers, or fails again and again: it is given up, and nobody else comes to harm."""

import hashlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from cameras.database import in_database_thread
from cameras.models import Node
from recognition.node import keys as node_keys
from recognition.node.heartbeat import living_workers
from recognition.sightings.models import Outcome
from tests.faults.account import accounts_agree, each_ended_once, results_of, sent, until
from tests.mall import Mall, Web, collecting
from tests.photos import photo
from tests.processes import Process, running

SOON_MS = "300"  # how soon another worker takes over, instead of 5 s


@contextmanager
def worker(node: Node, *poison: str) -> Iterator[Process]:
    with running("-m", "tests.faults.worker", node.address, "--idle-ms", SOON_MS, *poison) as process:
        yield process


async def posted(web: Web, picture: bytes, count: int) -> list[str]:
    return [(await web.post(picture)).body["id"] for _ in range(count)]


def reasons(snapshots: list[str]) -> set[tuple[str, str]]:
    return set(Outcome.objects.filter(snapshot__in=snapshots).values_list("state", "reason"))


async def test_a_photo_that_kills_three_workers_is_given_up_and_the_fourth_lives_on(
    mall: Mall, web: Web, lone_node: Node
) -> None:
    picture = photo()
    digest = hashlib.sha256(picture).hexdigest()
    before = await sent(web, 2)
    doomed = await posted(web, picture, 3)
    after = await sent(web, 2)
    node = mall.redis_of(lone_node)
    for _ in range(3):
        with worker(lone_node, "--dies-of", digest) as dying:
            await until(lambda: dying.poll() == -signal.SIGKILL)
    await accounts_agree()
    with worker(lone_node, "--dies-of", digest) as fourth:
        await until(lambda: len(results_of(node)) == 7)
        assert sorted(results_of(node)) == sorted([*before, *doomed, *after])
        later = await sent(web, 1)
        await until(lambda: len(results_of(node)) == 8)
        assert fourth.poll() is None
        assert [beat.worker for beat in living_workers(node)][-1:] == [f"worker-{fourth.pid}"]
    with collecting():
        await each_ended_once(mall, [*before, *doomed, *after, *later])
    assert await in_database_thread(reasons)(doomed) == {("failed", "3 workers died of it")}
    assert await in_database_thread(reasons)([*before, *after, *later]) == {("done", "")}
    ((_, letter),) = node.xrange(node_keys.ONLY.dead)
    assert (letter[b"photo"], letter[b"deliveries"]) == (picture, b"3")
    assert sorted(letter[b"snapshots"].decode().split(",")) == sorted(doomed)


async def test_a_photo_on_which_recognition_fails_thrice_is_given_up_and_the_worker_lives_on(
    mall: Mall, web: Web, lone_node: Node
) -> None:
    picture = photo()
    others = await sent(web, 3)
    doomed = await posted(web, picture, 2)
    node = mall.redis_of(lone_node)
    with worker(lone_node, "--fails-on", hashlib.sha256(picture).hexdigest()) as living:
        await until(lambda: len(results_of(node)) == 5)
        assert living.poll() is None
    with collecting():
        await each_ended_once(mall, [*others, *doomed])
    reason = "recognition failed 3 times: MemoryError"
    assert await in_database_thread(reasons)(doomed) == {("failed", reason)}
    assert await in_database_thread(reasons)(others) == {("done", "")}
    assert [letter[b"photo"] for _, letter in node.xrange(node_keys.ONLY.dead)] == [picture]
