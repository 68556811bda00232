"""A cordoned node takes no new photo, finishes what it has, and comes back when it is uncordoned."""

import asyncio
from collections.abc import Iterator

import pytest

from cameras.changes import set_nodes_cordoned
from cameras.database import in_database_thread
from cameras.models import Node
from recognition.hub import keys as hub_keys
from recognition.hub.live_state import node_states
from recognition.monitor.monitor import Monitor
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.sightings.models import Outcome
from tests.beats import beat_as_worker
from tests.mall import Mall, Web, collecting, eventually, working
from tests.photos import photo


@pytest.fixture
def monitor(mall: Mall) -> Iterator[Monitor]:
    monitor = Monitor()
    yield monitor
    monitor.close()


async def look(monitor: Monitor) -> None:
    await in_database_thread(monitor.look)()


async def cordon(*nodes: Node, cordoned: bool = True) -> None:
    rows = Node.objects.filter(pk__in=[node.pk for node in nodes])
    await in_database_thread(set_nodes_cordoned)(rows, cordoned=cordoned)


async def nodes_of_ten(web: Web) -> set[str]:
    return {(await web.post(photo())).body["node"] for _ in range(10)}


async def sent(mall: Mall, web: Web) -> tuple[str, Node]:
    body = (await web.post(photo())).body
    return body["id"], next(node for node in mall.nodes if node.name == body["node"])


def nodes_asked(hub: Redis, snapshot: str) -> list[int]:
    return [int(node) for node in hub.hget(hub_keys.ledger_entry(snapshot), "nodes").split(b",")]


def state_of(hub: Redis, node: Node) -> tuple[str, str]:
    state = node_states(hub)[node.pk]
    return state.state, state.reason


async def test_a_cordoned_node_that_answers_is_said_to_be_cordoned(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    beat_as_worker(mall.redis_of(mall.nodes[0]))
    await cordon(mall.nodes[0])
    await look(monitor)
    assert state_of(hub, mall.nodes[0]) == ("cordoned", "")


async def test_what_ails_a_cordoned_node_is_said_beside(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    await cordon(mall.nodes[0])
    await look(monitor)
    assert state_of(hub, mall.nodes[0]) == ("cordoned", "no worker")


async def test_a_cordoned_node_that_is_silent_is_down(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    mall.nodes[0].address = "redis://127.0.0.1:1/0"
    await mall.nodes[0].asave()
    await cordon(mall.nodes[0])
    await look(monitor)
    assert state_of(hub, mall.nodes[0])[0] == "down"


async def test_a_disabled_node_is_disabled_even_if_cordoned(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    mall.nodes[0].enabled = False
    await mall.nodes[0].asave()
    await cordon(mall.nodes[0])
    await look(monitor)
    assert state_of(hub, mall.nodes[0])[0] == "disabled"


async def test_it_takes_no_new_photo_from_the_moment_of_the_cordon(mall: Mall, web: Web) -> None:
    await web.post(photo())  # the web process has read the registry
    await cordon(*mall.nodes[:2])
    assert await nodes_of_ten(web) == {"node-3"}


async def test_with_every_node_cordoned_the_sender_is_told_to_come_again(mall: Mall, web: Web) -> None:
    await cordon(*mall.nodes)
    answer = await web.post(photo())
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_uncordoned_it_takes_photos_again(monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
    await cordon(*mall.nodes[:2])
    await nodes_of_ten(web)
    await cordon(*mall.nodes[:2], cordoned=False)
    await cordon(mall.nodes[2])
    assert await nodes_of_ten(web) <= {"node-1", "node-2"}
    await look(monitor)
    assert state_of(hub, mall.nodes[0])[0] == "degraded"


async def test_what_it_holds_is_left_with_it(monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
    snapshot, node = await sent(mall, web)
    await cordon(node)
    for one in mall.nodes:
        beat_as_worker(mall.redis_of(one))
    hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1})
    await look(monitor)
    assert nodes_asked(hub, snapshot) == [node.pk]
    assert hub.zscore(hub_keys.LEDGER_DUE, snapshot) > 1


async def test_what_it_holds_is_finished_and_recorded(mall: Mall, web: Web, hub: Redis) -> None:
    _, node = await sent(mall, web)
    await cordon(node)
    with working(node), collecting():
        await asyncio.to_thread(eventually, lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
    outcome = await Outcome.objects.aget()
    assert (outcome.state, outcome.node_id) == ("done", node.pk)


async def test_what_it_has_lost_goes_to_another(monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
    snapshot, node = await sent(mall, web)
    await cordon(node)
    mall.redis_of(node).flushall()
    hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1})
    await look(monitor)
    assert nodes_asked(hub, snapshot)[-1] != node.pk


async def test_nothing_overdue_is_sent_to_it(monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
    snapshot, node = await sent(mall, web)
    cordoned, other = (one for one in mall.nodes if one != node)
    await cordon(cordoned)
    mall.redis_of(node).flushall()
    hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1})
    await look(monitor)
    assert mall.redis_of(cordoned).xlen(node_keys.ONLY.jobs) == 0
    assert nodes_asked(hub, snapshot)[-1] in {node.pk, other.pk}
