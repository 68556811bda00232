"""A node that takes a photo, or may have taken it, and does not say so."""

import asyncio
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from recognition.hub import keys
from recognition.hub.settling import Settled, settle
from recognition.intake import nodes
from recognition.node.admission import Limits
from recognition.node.connections import Redis
from recognition.node.messages import decode_ref
from tests.mall import Mall, Web
from tests.photos import photo
from tests.waiting import until

PAUSE_MS = 60_000


@pytest.fixture
def node_redis(mall: Mall) -> Iterator[list[Redis]]:
    found = [mall.redis_of(node) for node in mall.nodes]
    yield found
    for one in found:
        one.client_unpause()


def pause(node: Redis) -> None:
    """From now on it answers look-ups, and no offer."""
    node.client_pause(PAUSE_MS, all=False)


async def fill(web: Web, settings: Settings) -> None:
    """One job waits on each node, and no more may."""
    settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
    while (await web.post(photo())).status == 202:
        pass


async def test_what_may_be_in_work_stays_accepted(
    mall: Mall, web: Web, hub: Redis, node_redis: list[Redis], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "NODE_TIMEOUT_S", 0.1)
    for node in node_redis:
        pause(node)
    answer = await web.post(photo())
    assert answer.status == 202
    assert hub.exists(keys.ledger_entry(answer.body["id"]))
    assert int(hub.hget(keys.RECEIVED, mall.camera.pk)) == 1


async def test_it_does_when_the_other_nodes_are_full(
    mall: Mall,
    web: Web,
    hub: Redis,
    node_redis: list[Redis],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes, "NODE_TIMEOUT_S", 0.1)
    await fill(web, settings)
    pause(node_redis[0])
    answer = await web.post(photo())
    assert answer.status == 202
    assert hub.zcard(keys.LEDGER_DUE) == int(hub.hget(keys.RECEIVED, mall.camera.pk)) == 4
    assert hub.hget(keys.ledger_entry(answer.body["id"]), "nodes") == str(mall.nodes[0].pk).encode()


async def test_a_node_that_says_it_has_no_memory_has_not_taken_it(
    mall: Mall, web: Web, hub: Redis, node_redis: list[Redis]
) -> None:
    for node in node_redis:
        node.config_set("maxmemory", 1)
    try:
        answer = await web.post(photo())
    finally:
        for node in node_redis:
            node.config_set("maxmemory", 0)
    assert answer.status == 503
    assert hub.zcard(keys.LEDGER_DUE) == 0


async def test_what_has_ended_before_it_could_be_taken_back_stays_accepted(
    mall: Mall, web: Web, hub: Redis, node_redis: list[Redis], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "NODE_TIMEOUT_S", 10.0)
    await fill(web, settings)
    waiting = set(hub.zrange(keys.LEDGER_DUE, 0, -1))
    for node in node_redis:
        pause(node)
    sending = asyncio.create_task(web.post(photo()))
    await until(lambda: hub.zcard(keys.LEDGER_DUE) == 4)
    (snapshot,) = set(hub.zrange(keys.LEDGER_DUE, 0, -1)) - waiting
    settle(hub, [Settled(decode_ref(hub.hget(keys.ledger_entry(snapshot.decode()), "ref")), "done")])
    for node in node_redis:
        node.client_unpause()
    assert (await sending).status == 202
    assert int(hub.hget(keys.RECEIVED, mall.camera.pk)) == 4
