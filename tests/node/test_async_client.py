"""The short way for single commands, against real servers."""

import asyncio

import pytest
import redis
from redis.asyncio.connection import Connection

from recognition.node.async_client import packed
from recognition.node.connections import connect, connect_async


async def test_a_command_is_packed_as_redis_py_packs_it() -> None:
    args = ("SCRIPT LOAD", "return 1", b"\x00\r\n", 42, 1.5, "Größe")
    assert packed(args) == b"".join(Connection().pack_command(*args))


async def test_replies_get_the_shapes_that_redis_py_gives_them(node_urls: list[str]) -> None:
    client = connect_async(node_urls[0])
    await client.hset("key", mapping={"field": b"value"})
    assert await client.hgetall("key") == {b"field": b"value"}
    await client.aclose()


async def test_a_reply_that_is_late_is_an_error(node_urls: list[str]) -> None:
    client = connect_async(node_urls[0], reply_timeout_s=0.1)
    with pytest.raises(redis.TimeoutError):
        await client.blpop("nothing", timeout=5)
    await client.aclose()


async def test_a_late_reply_is_not_taken_for_that_of_the_next_command(node_urls: list[str]) -> None:
    client = connect_async(node_urls[0], reply_timeout_s=0.2)
    with pytest.raises(redis.TimeoutError):
        await client.blpop("list", timeout=5)
    connect(node_urls[0]).rpush("list", "late")
    assert await client.get("unknown") is None
    await client.aclose()


async def test_a_connection_that_the_server_closed_while_idle_is_made_anew(node_urls: list[str]) -> None:
    client = connect_async(node_urls[0])
    await client.set("key", "value")
    connect(node_urls[0]).client_kill_filter(_type="normal", skipme=True)
    other = connect_async(node_urls[0])
    await other.ping()  # the event loop has heard of it by now
    assert await client.get("key") == b"value"
    await client.aclose()
    await other.aclose()


async def test_an_error_of_the_server_leaves_the_connection_in_use(node_urls: list[str]) -> None:
    client = connect_async(node_urls[0])
    first = await client.client_id()
    with pytest.raises(redis.ResponseError):
        await client.execute_command("NONSENSE")
    assert await client.client_id() == first
    await client.aclose()


async def test_callers_beyond_the_number_of_connections_wait(node_urls: list[str]) -> None:
    client = connect_async(node_urls[0])
    assert await asyncio.gather(*(client.incr("count") for _ in range(300)))
    assert int(await client.get("count")) == 300
    await client.aclose()


async def test_a_server_that_is_not_there_is_an_error_of_redis() -> None:
    client = connect_async("redis://127.0.0.1:1")
    with pytest.raises(redis.RedisError):
        await client.get("key")
    await client.aclose()
