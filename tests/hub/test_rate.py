"""Limiting how often something is done."""

from collections.abc import AsyncIterator

import pytest

from recognition.hub.rate import WINDOW_S, is_allowed
from recognition.node.connections import Redis, connect_async


@pytest.fixture
async def async_hub(hub_url: str) -> AsyncIterator[Redis]:
    client = connect_async(hub_url)
    yield client
    await client.aclose()
    await client.connection_pool.disconnect()


async def test_more_than_the_limit_is_refused(hub: Redis, async_hub: Redis) -> None:
    # Five in a row lie in at most two minutes of the clock, so that one of them has three or more.
    allowed = [await is_allowed(async_hub, "identify:1", 2) for _ in range(5)]
    assert allowed[:2] == [True, True]
    assert False in allowed


async def test_each_name_has_a_limit_of_its_own(async_hub: Redis) -> None:
    assert await is_allowed(async_hub, "identify:1", 1)
    assert await is_allowed(async_hub, "identify:2", 1)


async def test_nothing_of_it_is_kept_for_long(hub: Redis, async_hub: Redis) -> None:
    await is_allowed(async_hub, "identify:1", 1)
    (key,) = hub.keys("rate:*")
    assert 0 < hub.ttl(key) <= 2 * WINDOW_S
