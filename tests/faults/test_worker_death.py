"""A worker that dies or hangs with jobs in hand: another process finishes them, each once."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from cameras.models import Node
from recognition.node.heartbeat import living_workers
from tests.faults.account import accounts_agree, each_ended_once, results_of, sent, until
from tests.mall import Mall, Web, collecting
from tests.photos import photo
from tests.processes import Process, kill, running

SOON_MS = 300  # how soon another worker takes over, instead of 5 s


@contextmanager
def worker(node: Node, takes_s: float = 0.0, batch: int = 8, idle_ms: int = SOON_MS) -> Iterator[Process]:
    options = ("--takes-s", str(takes_s), "--batch", str(batch), "--idle-ms", str(idle_ms))
    with running("-m", "tests.faults.worker", node.address, *options) as process:
        yield process


async def begun(process: Process) -> int:
    """How many photos the worker has in hand, as soon as it begins with them."""
    assert process.stdout
    return int(await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 10))


async def test_killed_in_the_middle_of_a_batch_another_finishes_it(mall: Mall, web: Web, lone_node: Node) -> None:
    picture = photo()
    ids = [*await sent(web, 4), *[(await web.post(picture)).body["id"] for _ in range(3)]]
    with worker(lone_node, takes_s=60) as dying:
        assert await begun(dying) == 5  # two have joined one that was queued before
        kill(dying)
    await accounts_agree()
    node = mall.redis_of(lone_node)
    assert results_of(node) == []
    with worker(lone_node):
        await until(lambda: len(results_of(node)) >= len(ids))
    assert sorted(results_of(node)) == sorted(ids)
    with collecting():
        await each_ended_once(mall, ids)


async def test_killed_again_and_again_each_photo_has_one_result(mall: Mall, web: Web, lone_node: Node) -> None:
    ids = await sent(web, 40)
    node = mall.redis_of(lone_node)
    for answered in (7, 21):
        with worker(lone_node, takes_s=0.01, batch=2) as dying:
            await until(lambda: len(results_of(node)) >= answered)  # noqa: B023 (awaited within the round)
            kill(dying)
    with worker(lone_node):
        await until(lambda: len(results_of(node)) >= 40)
    assert sorted(results_of(node)) == sorted(ids)
    with collecting():
        await each_ended_once(mall, ids)


async def test_a_worker_that_hung_and_woke_up_adds_no_second_result(mall: Mall, web: Web, lone_node: Node) -> None:
    ids = await sent(web, 2)
    node = mall.redis_of(lone_node)
    with worker(lone_node, takes_s=0.5) as hanging:
        await begun(hanging)
        hanging.send_signal(signal.SIGSTOP)
        with worker(lone_node):
            await until(lambda: len(results_of(node)) == 2)
        hanging.send_signal(signal.SIGCONT)
        name = f"worker-{hanging.pid}"
        await until(lambda: any(beat.photos == 2 for beat in living_workers(node) if beat.worker == name))
    assert sorted(results_of(node)) == sorted(ids)
    with collecting():
        await each_ended_once(mall, ids)


async def test_a_job_longer_than_the_take_over_time_stays_with_a_living_worker(
    mall: Mall, web: Web, lone_node: Node
) -> None:
    ids = await sent(web, 1)
    node = mall.redis_of(lone_node)
    with worker(lone_node, takes_s=2.6) as slow:
        await begun(slow)
        with worker(lone_node, idle_ms=1400) as waiting:  # the heartbeat touches jobs once a second
            await until(lambda: results_of(node))
            kill(waiting)
            assert waiting.stdout
            assert waiting.stdout.read() == ""
    with collecting():
        await each_ended_once(mall, ids)
