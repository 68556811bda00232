"""A Cluster of three masters, with masters killed for real, for both kinds of client."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import redis

from benchmarks.forms.cluster import RealCluster, owner_of
from benchmarks.forms.member import Member
from recognition.node.connections import connect, connect_async
from recognition.node.slots import slot_of_key
from tests.node.asked import Asked, done
from tests.waiting import wait_until

COUNT = "return redis.call('incr', KEYS[1])"
REPLY_TIMEOUT_S = 1.0
TAGS = range(16)

Connect = Callable[[str, float], Any]


async def close(client: Any) -> None:
    await done(client.aclose() if hasattr(client, "aclose") else client.close())


@pytest.fixture(params=[connect, connect_async], ids=["blocking", "async"])
def connecting(request: pytest.FixtureRequest) -> Connect:
    made: Connect = request.param
    return made


@pytest.fixture
async def client(connecting: Connect, cluster: RealCluster) -> AsyncIterator[Asked]:
    made = connecting(cluster.url, REPLY_TIMEOUT_S)
    yield Asked(made)
    await close(made)


@pytest.fixture
async def both(cluster: RealCluster) -> AsyncIterator[list[Asked]]:
    """A client of each kind, for what they may live through together."""
    async with both_kinds(cluster) as found:
        yield found


@pytest.fixture
async def both_of_replicated(replicated: RealCluster) -> AsyncIterator[list[Asked]]:
    async with both_kinds(replicated) as found:
        yield found


@asynccontextmanager
async def both_kinds(cluster: RealCluster) -> AsyncIterator[list[Asked]]:
    made = [connect(cluster.url, REPLY_TIMEOUT_S), connect_async(cluster.url, REPLY_TIMEOUT_S)]
    yield [Asked(one) for one in made]
    for one in made:
        await close(one)


@contextmanager
def slot_under_way(cluster: RealCluster, key: str) -> Iterator[tuple[Member, Member, Callable[[], None]]]:
    """The slot of `key` half-way from its server to another, as in resharding; the call completes it."""
    source, slot = cluster.owner(key), slot_of_key(key)
    target = next(one for one in cluster.masters if one is not source)
    ids = {one.port: one.ask("CLUSTER", "MYID") for one in (source, target)}

    def give(to: Member, giver: Member) -> None:
        to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[giver.port])  # else it would not outbid the giver's claim
        for one in (to, giver):
            one.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[to.port])
        wait_until(lambda: all(owner_of(one, slot) == to.port for one in cluster.masters))

    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source.port])
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target.port])
    try:
        yield source, target, lambda: give(target, source)
    finally:
        cluster.owner(key).ask("DEL", key)
        give(source, target)


async def write_all(client: Asked) -> None:
    for tag in TAGS:
        await client.set(f"key:{{{tag}}}", str(tag))


async def outcomes(client: Asked, *tags: int) -> dict[int, bool]:
    """Whether each tag's key can be read."""
    found = {}
    for tag in tags or TAGS:
        try:
            await client.get(f"key:{{{tag}}}")
        except redis.RedisError:
            found[tag] = False
        else:
            found[tag] = True
    return found


async def test_every_key_is_kept_by_the_master_of_its_slot(client: Asked, cluster: RealCluster) -> None:
    await write_all(client)
    for tag in TAGS:
        assert cluster.owner(f"key:{{{tag}}}").ask("GET", f"key:{{{tag}}}") == str(tag).encode()


async def test_what_a_node_is_asked_works_for_keys_with_a_tag(client: Asked) -> None:
    for tag in TAGS:
        jobs, work, image = (f"{name}:{{{tag}}}" for name in ("jobs", "work", "image"))
        await client.xgroup_create(jobs, "workers", id="0", mkstream=True)
        entry = await client.xadd(jobs, {"job": b"photo"})
        (read,) = await client.xreadgroup("workers", "one", {jobs: ">"}, count=8, block=100)
        assert read == [jobs.encode(), [(entry, {b"job": b"photo"})]]
        assert await client.xclaim(jobs, "workers", "two", 0, [entry], justid=True) == [entry]
        assert (await client.xautoclaim(jobs, "workers", "three", 0))[1] == [(entry, {b"job": b"photo"})]
        assert len(await client.xpending_range(jobs, "workers", "-", "+", 9)) == 1
        assert (await client.xack(jobs, "workers", entry), await client.xdel(jobs, entry)) == (1, 1)
        assert (await client.xlen(jobs), await client.xrange(jobs)) == (0, [])
        await client.hset(work, mapping={"a": "1", "b": "2"})
        assert await client.hmget(work, ["a", "b", "c"]) == [b"1", b"2", None]
        await client.set(image, b"\x00", ex=60)
        assert await client.mget([image, f"worker:{{{tag}}}"]) == [b"\x00", None]
        assert await client.delete(image) == 1


async def test_a_script_runs_where_its_key_is_and_survives_script_flush(client: Asked) -> None:
    script = client.client.register_script(COUNT)
    for tag in TAGS:
        assert await done(script(keys=[f"count:{{{tag}}}"], args=[])) == 1
    await client.script_flush()
    for tag in TAGS:
        assert await done(script(keys=[f"count:{{{tag}}}"], args=[])) == 2


async def test_a_script_runs_on_a_replica_that_took_over(
    both_of_replicated: list[Asked], replicated: RealCluster
) -> None:
    scripts = [one.client.register_script(COUNT) for one in both_of_replicated]
    assert [await done(script(keys=["count"])) for script in scripts] == [1, 2]
    dead = replicated.owner("count")
    dead.kill()
    replicated.wait_for_failover(dead)
    for one in both_of_replicated:
        await outcomes(one)
        await one.set("count", 5)
    assert [await done(script(keys=["count"])) for script in scripts] == [6, 7]


async def test_a_pipeline_spans_masters_in_the_order_of_its_commands(client: Asked) -> None:
    pipeline = client.client.pipeline(transaction=False)
    for tag in TAGS:
        pipeline.set(f"key:{{{tag}}}", tag).get(f"key:{{{tag}}}")
    replies = await done(pipeline.execute())
    assert replies[1::2] == [str(tag).encode() for tag in TAGS]


async def test_a_pipeline_runs_scripts_by_digest_and_by_text(client: Asked) -> None:
    sha = await client.script_load(COUNT)
    pipeline = client.client.pipeline(transaction=False)
    for tag in TAGS:
        pipeline.evalsha(sha, 1, f"count:{{{tag}}}")
    assert await done(pipeline.execute()) == [1] * len(TAGS)
    await client.script_flush()
    script = client.client.register_script(COUNT)
    await done(script(keys=["count:{0}"], client=pipeline))
    assert await done(pipeline.execute()) == [2]


async def test_a_script_that_a_pipeline_lacks_is_an_error_and_can_be_loaded(client: Asked) -> None:
    sha = client.client.register_script(COUNT).sha
    await client.script_flush()
    pipeline = client.client.pipeline(transaction=False)
    pipeline.evalsha(sha, 1, "count")
    with pytest.raises(redis.exceptions.NoScriptError):
        await done(pipeline.execute())
    await client.script_load(COUNT)
    pipeline.evalsha(sha, 1, "count")
    assert await done(pipeline.execute()) == [1]


async def test_commands_without_a_key_go_with_a_pipelines_first_key(client: Asked, cluster: RealCluster) -> None:
    pipeline = client.client.pipeline(transaction=False)
    pipeline.info("server").time().xlen("jobs:{3}")
    about, _now, queued = await done(pipeline.execute())
    assert (about["tcp_port"], queued) == (cluster.owner("jobs:{3}").port, 0)


async def test_a_transaction_in_one_slot_is_one(client: Asked) -> None:
    pipeline = client.client.pipeline(transaction=True)
    assert await done(pipeline.incr("a:{1}").incr("b:{1}").execute()) == [1, 1]


async def test_a_transaction_over_several_masters_is_refused(client: Asked) -> None:
    pipeline = client.client.pipeline(transaction=True)
    for tag in TAGS:
        pipeline.incr(f"a:{{{tag}}}")
    with pytest.raises(redis.RedisError, match="one slot"):
        await done(pipeline.execute())


async def test_a_command_without_a_key_is_refused(client: Asked) -> None:
    with pytest.raises(redis.RedisError, match="masters"):
        await client.info("server")


async def test_each_master_can_be_asked_for_itself(client: Asked, cluster: RealCluster) -> None:
    masters = await client.masters()
    assert set(masters) == {("127.0.0.1", one.port) for one in cluster.masters}
    ports = {(await done(master.info("server")))["tcp_port"] for master in masters.values()}
    assert ports == {one.port for one in cluster.masters}


async def test_only_the_keys_of_a_dead_master_fail(both: list[Asked], cluster: RealCluster) -> None:
    for one in both:
        await write_all(one)
    dead = cluster.owner("key:{0}")
    dead.kill()
    cluster.wait_until_failed(dead)
    expected = {tag: cluster.owner(f"key:{{{tag}}}") is not dead for tag in TAGS}
    assert set(expected.values()) == {True, False}
    for one in both * 3:
        assert await outcomes(one) == expected


async def test_scripts_on_the_other_masters_go_on_when_one_is_dead(both: list[Asked], cluster: RealCluster) -> None:
    dead = cluster.owner("key:{0}")
    other = next(f"count:{{{tag}}}" for tag in TAGS if cluster.owner(f"count:{{{tag}}}") is not dead)
    dead.kill()
    for times, one in enumerate(both, 1):
        assert await one.script_load(COUNT)
        assert await done(one.client.register_script(COUNT)(keys=[other])) == times


async def test_a_master_that_comes_back_is_used_again(both: list[Asked], cluster: RealCluster) -> None:
    for one in both:
        await write_all(one)
    dead = cluster.owner("key:{0}")
    dead.kill()
    assert [await outcomes(one, 0) for one in both] == [{0: False}] * 2
    dead.start()
    cluster.heal()
    assert [await outcomes(one, 0) for one in both] == [{0: True}] * 2


async def test_after_a_failover_at_most_one_command_fails(
    both_of_replicated: list[Asked], replicated: RealCluster
) -> None:
    for one in both_of_replicated:
        await write_all(one)
    dead = replicated.owner("key:{0}")
    dead.kill()
    replicated.wait_for_failover(dead)
    for one in both_of_replicated:
        failed = [tag for tag, good in (await outcomes(one)).items() if not good]
        assert len(failed) <= 1
        assert all((await outcomes(one)).values())


async def test_a_failover_while_nothing_was_asked_costs_nothing(
    both_of_replicated: list[Asked], replicated: RealCluster
) -> None:
    for one in both_of_replicated:
        await write_all(one)
    old = replicated.owner("key:{0}")
    replica = replicated.replicas[replicated.masters.index(old)]
    replica.ask("CLUSTER", "FAILOVER")
    replicated.wait_for_failover(old)
    for one in both_of_replicated:
        assert all((await outcomes(one)).values())


async def test_a_slot_on_its_way_is_followed(client: Asked, cluster: RealCluster) -> None:
    await client.get("key")
    with slot_under_way(cluster, "key") as (_source, target, complete):
        await client.set("key", "asked")
        complete()
        assert target.ask("GET", "key") == b"asked"


async def test_a_slot_that_moved_is_found(client: Asked, cluster: RealCluster) -> None:
    await client.get("key")
    with slot_under_way(cluster, "key") as (_source, target, complete):
        complete()
        await client.set("key", "moved")
        assert target.ask("GET", "key") == b"moved"


@pytest.mark.parametrize("transaction", [True, False], ids=["transaction", "plain"])
async def test_a_pipeline_finds_a_slot_that_moved(client: Asked, cluster: RealCluster, transaction: bool) -> None:
    await client.get("key")
    with slot_under_way(cluster, "key") as (_source, target, complete):
        complete()
        replies = await done(client.client.pipeline(transaction=transaction).incr("key").incr("key").execute())
        assert (replies, target.ask("GET", "key")) == ([1, 2], b"2")


@pytest.mark.parametrize("piped", [True, False], ids=["pipeline", "command"])
async def test_nothing_is_written_twice_while_a_master_hangs(client: Asked, cluster: RealCluster, piped: bool) -> None:
    await client.set("count", "0")
    await done(client.client.pipeline(transaction=False).get("count").execute())  # its connection stands
    master = cluster.owner("count")
    assert master.process is not None
    counting = client.client.pipeline(transaction=False).incr("count").execute if piped else client.incr
    os.kill(master.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(redis.TimeoutError):
            await done(counting(*([] if piped else ["count"])))
    finally:
        os.kill(master.process.pid, signal.SIGCONT)
    assert master.ask("GET", "count") == b"1"


async def test_a_cluster_that_is_not_there_is_an_error_of_redis_when_it_is_used(connecting: Connect) -> None:
    client = Asked(connecting("redis+cluster://127.0.0.1:1,127.0.0.1:2", REPLY_TIMEOUT_S))
    with pytest.raises(redis.RedisError):
        await client.get("key")
    await close(client.client)
