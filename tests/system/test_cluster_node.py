"""A node that is a Redis Cluster, in a mall with a node that is a single server."""

import asyncio
import hashlib
from contextlib import AbstractContextManager

import pytest

from benchmarks.forms.cluster import RealCluster
from cameras.models import Assignment, Node
from recognition.hub.live_state import NodeState, node_states
from recognition.hub.sync import hub
from recognition.monitor.health import NodeWatch
from recognition.monitor.monitor import Monitor
from recognition.node.keys import CLUSTER_SHARDS
from tests.faults.account import accounts_agree, each_ended_once, until
from tests.mall import Mall, Web, all_working, collecting, in_thread, working
from tests.photos import photo


def serve(mall: Mall, url: str, others: int) -> Mall:
    """Leaves the group a Cluster and so many of the other nodes."""
    node = Node.objects.create(name="cluster", address=url)
    Assignment.objects.exclude(node__in=mall.nodes[:others]).delete()
    Assignment.objects.create(group=mall.group, node=node)
    mall.nodes[:] = [*mall.nodes[:others], node]
    return mall


@pytest.fixture
def alone(mall: Mall, cluster: RealCluster) -> Mall:
    """Served by the Cluster alone."""
    return serve(mall, cluster.url, others=0)


@pytest.fixture
def beside(mall: Mall, cluster: RealCluster) -> Mall:
    """Served by the Cluster and node-1."""
    return serve(mall, cluster.url, others=1)


@pytest.fixture
def with_replicas(mall: Mall, replicated: RealCluster) -> Mall:
    """Served by the Cluster with replicas alone."""
    return serve(mall, replicated.url, others=0)


def watching() -> AbstractContextManager[None]:
    monitor = Monitor()
    return in_thread(monitor.run, monitor.stop)


def one_of_each_shard() -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while len(found) < len(CLUSTER_SHARDS):
        picture = photo()
        found[CLUSTER_SHARDS.of(hashlib.sha256(picture).hexdigest()).number] = picture
    return found


def shards_of(cluster: RealCluster, place: int) -> set[int]:
    """Those of the master at `place`."""
    master = cluster.masters[place]
    return {shard.number for shard in CLUSTER_SHARDS if cluster.owner(shard.jobs) is master}


def state_of_cluster() -> NodeState | None:
    return next((state for state in node_states(hub()).values() if state.name == "cluster"), None)


async def accepted(web: Web, pictures: list[bytes]) -> list[str]:
    """Their ids. As a camera does, this repeats what is refused for the moment."""
    ids = []
    async with asyncio.timeout(10):
        for picture in pictures:
            while (answer := await web.post(picture)).status == 503:
                await asyncio.sleep(0.05)
            assert answer.status in {200, 202}
            ids.append(answer.body["id"])
    return ids


async def test_photos_of_all_shards_are_recognised_once_and_then_cached(alone: Mall, web: Web) -> None:
    pictures = one_of_each_shard().values()
    with all_working(alone):
        first = [(await web.post(picture, "wait=10")).body["cached"] for picture in pictures]
        second = [(await web.post(picture)).body["cached"] for picture in pictures]
    assert (set(first), set(second)) == ({False}, {True})


async def test_equal_photos_in_work_are_recognised_once(alone: Mall, web: Web) -> None:
    snapshots = await accepted(web, [photo()] * 3)
    with working(alone.nodes[0]) as recognizer, collecting():
        await each_ended_once(alone, snapshots)
    assert len(recognizer.recognised) == 1


async def test_the_monitor_sees_queues_workers_and_memory_of_all_masters(alone: Mall, web: Web) -> None:
    pictures = list(one_of_each_shard().values())
    await accepted(web, pictures)
    watch = NodeWatch()
    (state,) = watch.look(alone.nodes)
    assert (state.state, state.reason, state.queued, state.shards) == ("degraded", "no worker", 16, 16)
    assert state.queued_bytes == sum(map(len, pictures))
    with working(alone.nodes[0]):
        await until(lambda: [(one.workers, one.queued) for one in watch.look(alone.nodes)] == [(1, 0)])
    watch.close()


async def test_a_dead_master_takes_only_its_shards_with_it(beside: Mall, web: Web, cluster: RealCluster) -> None:
    dead = shards_of(cluster, 0)
    assert 0 < len(dead) < len(CLUSTER_SHARDS)
    with all_working(beside), watching():
        await until(lambda: (state := state_of_cluster()) and state.state == "up")
        cluster.masters[0].kill()
        await until(lambda: (state := state_of_cluster()) and set(state.silent_shards) == dead)
        answers = {shard: await web.post(picture, "wait=10") for shard, picture in one_of_each_shard().items()}
        state = state_of_cluster()
    assert state is not None
    assert (state.state, state.reason) == ("degraded", f"{len(dead)} of 16 shards do not answer")
    assert {answer.status for answer in answers.values()} == {200}
    assert {answers[shard].body["node"] for shard in dead} == {"node-1"}


async def test_what_a_dead_master_had_is_done_by_the_next_node(beside: Mall, web: Web, cluster: RealCluster) -> None:
    snapshots = await accepted(web, list(one_of_each_shard().values()))
    with watching():
        await until(state_of_cluster)
        cluster.masters[1].kill()
        with all_working(beside):
            await each_ended_once(beside, snapshots)
            await accounts_agree()


async def test_a_replica_takes_over_from_a_dead_master_and_nothing_is_lost(
    with_replicas: Mall, web: Web, replicated: RealCluster
) -> None:
    with all_working(with_replicas), watching():
        before = await accepted(web, list(one_of_each_shard().values()))
        replicated.masters[2].kill()
        replicated.wait_for_failover(replicated.masters[2])
        await until(lambda: (state := state_of_cluster()) and state.state == "up")
        after = await accepted(web, list(one_of_each_shard().values()))
        await each_ended_once(with_replicas, [*before, *after])
        await accounts_agree()
