"""A master that Sentinels watch, with real failovers, for both kinds of client."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import redis

from benchmarks.forms.member import Member
from benchmarks.forms.trio import SentinelTrio
from recognition.node.connections import connect, connect_async
from tests.node.asked import Asked, done
from tests.redis_forms import guarded_sentinel
from tests.waiting import wait_until

COUNT = "return redis.call('incr', KEYS[1])"
REPLY_TIMEOUT_S = 1.0


@pytest.fixture(params=[connect, connect_async], ids=["blocking", "async"])
async def client(request: pytest.FixtureRequest, trio: SentinelTrio) -> AsyncIterator[Asked]:
    made = request.param(trio.url, REPLY_TIMEOUT_S)
    yield Asked(made)
    await done(made.aclose() if request.param is connect_async else made.close())


@pytest.fixture
async def both(trio: SentinelTrio) -> AsyncIterator[list[Asked]]:
    """A client of each kind, for what they may live through together."""
    blocking, later = connect(trio.url, REPLY_TIMEOUT_S), connect_async(trio.url, REPLY_TIMEOUT_S)
    yield [Asked(blocking), Asked(later)]
    blocking.close()
    await later.aclose()


@contextmanager
def stopped(member: Member) -> Iterator[None]:
    """It hangs, as a machine without power does: its connections stay open."""
    assert member.process is not None
    os.kill(member.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(member.process.pid, signal.SIGCONT)


def asks_alone(sentinel: Member) -> bool:
    """Whether it has no client but who asks that, other Sentinels aside."""
    return sum(not one["name"] for one in sentinel.ask("CLIENT LIST")) == 1


async def errors_before_success(client: Asked, *command: str) -> int:
    """How often the command fails until it is answered."""
    for failed in range(20):
        try:
            await client.execute_command(*command)
        except redis.RedisError:
            continue
        return failed
    raise AssertionError("it was never answered")


async def test_writes_go_to_the_master(client: Asked, trio: SentinelTrio) -> None:
    await client.set("key", "value")
    assert trio.master().ask("GET", "key") == b"value"


async def test_after_a_failover_at_most_one_command_fails(both: list[Asked], trio: SentinelTrio) -> None:
    for client in both:
        await client.set("key", "value")
    trio.wait_for_failover(trio.kill_master())
    for client in both:
        assert await errors_before_success(client, "SET", "key", "new") <= 1


async def test_a_script_runs_on_a_master_that_has_never_seen_it(both: list[Asked], trio: SentinelTrio) -> None:
    scripts = [client.client.register_script(COUNT) for client in both]
    assert [await done(script(keys=["count"])) for script in scripts] == [1, 2]
    trio.wait_for_failover(trio.kill_master())
    for client in both:
        await errors_before_success(client, "SET", "count", "5")
    assert [await done(script(keys=["count"])) for script in scripts] == [6, 7]


async def test_a_script_survives_script_flush(client: Asked) -> None:
    script = client.client.register_script(COUNT)
    await done(script(keys=["count"]))
    await client.script_flush()
    assert await done(script(keys=["count"])) == 2


async def test_a_master_that_hangs_is_left_with_all_idle_connections(trio: SentinelTrio) -> None:
    client = connect_async(trio.url, REPLY_TIMEOUT_S)
    await asyncio.gather(*(client.blpop("nothing", timeout=0.1) for _ in range(8)))
    old = trio.master()
    with stopped(old):
        trio.wait_for_failover(old)
        assert await errors_before_success(Asked(client), "SET", "key", "value") <= 1
        assert await asyncio.gather(*(client.get("key") for _ in range(20))) == [b"value"] * 20
    await client.aclose()


async def test_a_master_that_was_made_a_replica_is_left(client: Asked, trio: SentinelTrio) -> None:
    await client.set("key", "value")
    old = trio.master()
    trio.sentinels[0].ask("SENTINEL", "FAILOVER", "mall")
    # As the Sentinels do ten seconds later, but closing no connection: READONLY says it.
    old.ask("REPLICAOF", "127.0.0.1", trio.wait_for_failover(old).port)
    assert await errors_before_success(client, "SET", "key", "new") <= 1
    assert trio.master().ask("GET", "key") == b"new"


async def test_nothing_is_written_twice_while_the_master_hangs(client: Asked, trio: SentinelTrio) -> None:
    await client.set("count", "0")
    master = trio.master()
    for sentinel in trio.sentinels:
        sentinel.kill()  # else they would take another
    with stopped(master), pytest.raises(redis.TimeoutError):
        await client.incr("count")
    assert master.ask("GET", "count") == b"1"


async def test_a_sentinel_that_is_gone_is_done_without(client: Asked, trio: SentinelTrio) -> None:
    trio.sentinels[0].kill()
    assert await client.set("key", "value")


async def test_a_sentinel_that_hangs_takes_none_of_an_async_commands_time(trio: SentinelTrio) -> None:
    client = connect_async(trio.url, REPLY_TIMEOUT_S)
    with stopped(trio.sentinels[0]):
        started = time.monotonic()
        await client.set("key", "value")
        assert time.monotonic() - started < REPLY_TIMEOUT_S
    await client.aclose()


async def test_no_connection_to_a_sentinel_stays_open(trio: SentinelTrio) -> None:
    client = connect_async(trio.url, 10 * REPLY_TIMEOUT_S)  # it is not about how soon
    await asyncio.gather(*(client.incr("count") for _ in range(50)))
    for sentinel in trio.sentinels:
        wait_until(partial(asks_alone, sentinel))
    await client.aclose()


async def test_a_name_that_no_sentinel_knows_is_an_error_of_redis(trio: SentinelTrio) -> None:
    url = trio.url.replace("/mall", "/market")
    blocking, later = connect(url, REPLY_TIMEOUT_S), connect_async(url, REPLY_TIMEOUT_S)
    with pytest.raises(redis.RedisError, match="no living master"):
        blocking.get("key")
    with pytest.raises(redis.RedisError, match="no living master"):
        await later.get("key")
    blocking.close()
    await later.aclose()


async def test_no_sentinel_at_all_is_an_error_of_redis() -> None:
    url = "redis+sentinel://127.0.0.1:1,127.0.0.1:2/mall"
    with pytest.raises(redis.ConnectionError):
        connect(url).get("key")
    client = connect_async(url)
    with pytest.raises(redis.ConnectionError):
        await client.get("key")
    await client.aclose()


async def test_callers_beyond_the_number_of_connections_wait(trio: SentinelTrio) -> None:
    client = connect_async(trio.url)
    await asyncio.gather(*(client.incr("count") for _ in range(300)))
    pipelines = [client.pipeline(transaction=False).incr("count") for _ in range(100)]
    await asyncio.gather(*(pipeline.execute() for pipeline in pipelines))
    assert int(await client.get("count")) == 400
    await client.aclose()
    await client.connection_pool.disconnect()


async def test_master_and_sentinels_have_passwords_of_their_own() -> None:
    with guarded_sentinel("for:the/master", "for the sentinels") as url:
        blocking, later = connect(url), connect_async(url)
        assert blocking.set("key", "value")
        assert await later.get("key") == b"value"
        blocking.close()
        await later.aclose()
